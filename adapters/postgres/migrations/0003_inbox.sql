-- Messages from outside, kept before anything is made of them.
CREATE TABLE inbox (
    id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source             text        NOT NULL,
    outside_reference  text        NOT NULL,
    received_at        timestamptz NOT NULL,
    headers            bytea       NOT NULL,  -- encrypted: they carry keys and signatures
    body               bytea       NOT NULL,  -- encrypted: it names people
    verdict            text        NOT NULL CHECK (verdict IN ('accepted', 'rejected', 'conflict')),
    reject_code        text        CHECK ((reject_code IS NOT NULL) = (verdict = 'rejected')),
    digest             text        NOT NULL,
    processed_position bigint
);

-- Only accepted messages claim their name, so that a forged one cannot take the place of the true one; the
-- others are unique by content, so that repeating them does not fill the disk.
CREATE UNIQUE INDEX inbox_accepted_idx ON inbox (source, outside_reference) WHERE verdict = 'accepted';
CREATE UNIQUE INDEX inbox_other_idx ON inbox (source, outside_reference, verdict, digest)
    WHERE verdict <> 'accepted';
CREATE INDEX inbox_waiting_idx ON inbox (id) WHERE processed_position IS NULL AND verdict <> 'rejected';

-- Keeps a batch in one round trip and tells for each message, by its place from 1, where it is and whether it is
-- new ("new"), the same as before ("known") or contradicts one kept before ("conflict").
-- The caller sends no message twice in a batch, and sorts it: two writers that wait for each other's unique keys
-- in opposite order would deadlock.
CREATE FUNCTION keep_messages(
    p_sources            text[],
    p_outside_references text[],
    p_received_at        timestamptz[],
    p_headers            bytea[],
    p_bodies             bytea[],
    p_verdicts           text[],
    p_reject_codes       text[],
    p_digests            text[]
) RETURNS TABLE (ordinal bigint, message_id bigint, outcome text)
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
#variable_conflict use_column
DECLARE
    fresh bigint[];
    contradictions bigint[];
BEGIN
    WITH added AS (
        INSERT INTO inbox (source, outside_reference, received_at, headers, body, verdict, reject_code, digest)
        SELECT g.* FROM unnest(p_sources, p_outside_references, p_received_at, p_headers, p_bodies,
                               p_verdicts, p_reject_codes, p_digests) AS g
        ON CONFLICT DO NOTHING
        RETURNING id
    ) SELECT array_agg(id) INTO fresh FROM added;

    -- A new statement, hence a new snapshot: it sees what other writers committed while this one waited for them.
    WITH added AS (
        INSERT INTO inbox (source, outside_reference, received_at, headers, body, verdict, digest)
        SELECT g.source, g.outside_reference, g.received_at, g.headers, g.body, 'conflict', g.digest
        FROM unnest(p_sources, p_outside_references, p_received_at, p_headers, p_bodies, p_verdicts, p_digests)
                 AS g (source, outside_reference, received_at, headers, body, verdict, digest)
        JOIN inbox i ON i.verdict = 'accepted' AND i.source = g.source
                    AND i.outside_reference = g.outside_reference AND i.digest <> g.digest
        WHERE g.verdict = 'accepted'
        ON CONFLICT DO NOTHING
        RETURNING id
    ) SELECT array_agg(id) INTO contradictions FROM added;

    RETURN QUERY
    SELECT g.ordinal, i.id,
           CASE WHEN i.verdict = 'conflict' THEN 'conflict'
                WHEN i.id = ANY (fresh) THEN 'new' ELSE 'known' END
    FROM unnest(p_sources, p_outside_references, p_verdicts, p_digests)
             WITH ORDINALITY AS g (source, outside_reference, verdict, digest, ordinal)
    JOIN inbox i ON i.source = g.source AND i.outside_reference = g.outside_reference AND i.digest = g.digest
                AND (i.verdict = g.verdict OR (i.verdict = 'conflict' AND g.verdict = 'accepted'));
END
$$;
