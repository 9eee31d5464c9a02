-- Up to which position each reader of the log has come; written in the same transaction as what it made of it.
CREATE TABLE tracking (
    application_name text   PRIMARY KEY,
    notification_id  bigint NOT NULL
);
