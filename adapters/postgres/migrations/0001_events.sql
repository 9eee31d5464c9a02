-- The log of one shard: events, the commands that recorded them, and the only functions that write them.
-- Everything here is created in the schema of the shard; migrate.py sets the search path.

-- The column names are those of the eventsourcing library, whose recorder reads this table too.
-- Stream names are text: they say what they are ("dues/<member>/2026") and need no table to be understood.
-- Collation "C" makes comparing them a comparison of bytes, the same on every machine.
CREATE TABLE events (
    notification_id    bigint      NOT NULL,
    originator_version bigint      NOT NULL,
    recorded_at        timestamptz NOT NULL,
    originator_id      text COLLATE "C" NOT NULL,
    topic              text COLLATE "C" NOT NULL,
    state              bytea       NOT NULL,
    PRIMARY KEY (originator_id, originator_version)
);

CREATE UNIQUE INDEX events_notification_id_idx ON events (notification_id);

CREATE TABLE commands (
    command_id     uuid        PRIMARY KEY,
    name           text        NOT NULL,
    request_digest text        NOT NULL,
    answer         bytea       NOT NULL,
    actor          text        NOT NULL,
    recorded_at    timestamptz NOT NULL,
    first_position bigint      NOT NULL,
    last_position  bigint      NOT NULL,
    event_count    bigint      NOT NULL,
    CHECK (event_count = last_position - first_position + 1)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: the log is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON commands
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ENABLE ALWAYS: the triggers fire too for a session that calls itself a replica.
ALTER TABLE events ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE commands ENABLE ALWAYS TRIGGER append_only;

-- Opens an append: takes the shard's lock until the transaction ends, looks for the command, checks the guards,
-- reserves positions, keeps the command.
--
-- The lock is an advisory one and not LOCK TABLE, which would also wait for VACUUM, ANALYZE and index builds and
-- make them wait. It makes positions follow the order of commits and leave no gap: whoever holds it sees every
-- committed event, because each statement of a volatile function takes a new snapshot under READ COMMITTED.
-- Appends of other shards take other locks.
--
-- Planner: guards are looked up by key, whatever the statistics of a young table say.
CREATE FUNCTION open_append(
    p_count           bigint,
    p_recorded_at     timestamptz,  -- null: the server's clock
    p_guard_streams   text[],
    p_guard_versions  bigint[],
    p_command_id      uuid,         -- null: events without a command
    p_name            text,
    p_request_digest  text,
    p_answer          bytea,
    p_actor           text,
    OUT is_new        boolean,
    OUT command       commands      -- as now on record
) LANGUAGE plpgsql
SET search_path FROM CURRENT
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    head_position bigint;
    head_instant timestamptz;
    moved record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('dangphi.append:' || current_schema(), 0));

    is_new := true;
    IF p_command_id IS NOT NULL THEN
        SELECT * INTO command FROM commands c WHERE c.command_id = p_command_id;
        IF FOUND THEN
            is_new := false;
            RETURN;
        END IF;
    END IF;

    IF cardinality(p_guard_streams) > 0 THEN
        SELECT g.stream, g.version AS expected, a.version AS actual INTO moved
        FROM unnest(p_guard_streams, p_guard_versions) AS g (stream, version),
             LATERAL (SELECT coalesce(max(e.originator_version), 0) AS version
                      FROM events e WHERE e.originator_id = g.stream) AS a
        WHERE g.version <> a.version LIMIT 1;
        IF FOUND THEN
            RAISE unique_violation USING MESSAGE = format(
                'stream %s is at version %s, expected %s', moved.stream, moved.actual, moved.expected);
        END IF;
    END IF;

    SELECT e.notification_id, e.recorded_at INTO head_position, head_instant
    FROM events e ORDER BY e.notification_id DESC LIMIT 1;
    head_position := coalesce(head_position, 0);

    command := (p_command_id, p_name, p_request_digest, p_answer, p_actor,
                greatest(coalesce(p_recorded_at, clock_timestamp()), head_instant),
                head_position + 1, head_position + p_count, p_count);
    IF p_command_id IS NOT NULL THEN
        INSERT INTO commands SELECT command.*;
    END IF;
END
$$;

-- A whole append in one round trip. Beyond some hundred rows COPY after open_append is faster.
CREATE FUNCTION append_events(
    p_streams         text[],
    p_versions        bigint[],
    p_topics          text[],
    p_states          bytea[],
    p_recorded_at     timestamptz,
    p_guard_streams   text[],
    p_guard_versions  bigint[],
    p_command_id      uuid,
    p_name            text,
    p_request_digest  text,
    p_answer          bytea,
    p_actor           text,
    OUT is_new        boolean,
    OUT command       commands
) LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
DECLARE
    opened record;
BEGIN
    SELECT * INTO opened
    FROM open_append(cardinality(p_streams), p_recorded_at, p_guard_streams, p_guard_versions,
                     p_command_id, p_name, p_request_digest, p_answer, p_actor);
    is_new := opened.is_new;
    command := opened.command;
    IF is_new THEN
        INSERT INTO events (notification_id, originator_version, recorded_at, originator_id, topic, state)
        SELECT command.first_position + u.ordinal - 1, u.version, command.recorded_at, u.stream, u.topic, u.state
        FROM unnest(p_streams, p_versions, p_topics, p_states)
             WITH ORDINALITY AS u (stream, version, topic, state, ordinal);
    END IF;
END
$$;
