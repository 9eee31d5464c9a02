-- A message that cannot be worked on is set aside with the reason, so that those behind it go on; it stays in the
-- inbox until a person has mended the cause and lets it back in.
ALTER TABLE inbox ADD COLUMN parked_at timestamptz, ADD COLUMN parked_reason text;
ALTER TABLE inbox ADD CONSTRAINT inbox_parked_reason CHECK ((parked_at IS NULL) = (parked_reason IS NULL));

DROP INDEX inbox_waiting_idx;
CREATE INDEX inbox_waiting_idx ON inbox (id)
    WHERE processed_position IS NULL AND parked_at IS NULL AND verdict <> 'rejected';
CREATE INDEX inbox_parked_idx ON inbox (id) WHERE parked_at IS NOT NULL AND processed_position IS NULL;
