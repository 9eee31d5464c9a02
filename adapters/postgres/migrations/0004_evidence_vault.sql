-- What names people, kept apart from the log so that it can be erased while history stands.

-- Raw messages, statement rows and files. The log refers to them by id and hash.
CREATE TABLE evidence (
    evidence_id uuid  PRIMARY KEY,
    sha256      text  NOT NULL,  -- hex, of the content in clear
    media_type  text  NOT NULL,
    content     bytea,           -- encrypted; null when erased
    erased_at   timestamptz,
    CHECK ((content IS NULL) = (erased_at IS NOT NULL))
);

-- One row a person. Name and card number are encrypted under the person's own key, which is itself encrypted
-- under the key of the system; card_hash is a keyed hash, to find a person by the card.
CREATE TABLE vault (
    member_id   text  PRIMARY KEY,
    wrapped_key bytea,
    name        bytea,
    card_number bytea,
    card_hash   bytea UNIQUE,
    erased_at   timestamptz,
    CHECK ((wrapped_key IS NULL) = (erased_at IS NOT NULL)),
    CHECK (wrapped_key IS NOT NULL OR (name IS NULL AND card_number IS NULL AND card_hash IS NULL))
);
