-- Texts are sealed under data keys; the journal has a column for what an entry is committed to

CREATE TABLE data_key (
 id BIGINT NOT NULL,
 day DATE NOT NULL,
 version INTEGER NOT NULL,
 wrapped BYTEA NOT NULL,
 CONSTRAINT data_key_pkey PRIMARY KEY (id)
);

CREATE INDEX data_key_day ON data_key (day, version);

ALTER TABLE journal ADD COLUMN commitment BYTEA;

ALTER TABLE journal ALTER COLUMN salt SET DEFAULT '';

CREATE INDEX journal_clear ON journal (number) WHERE commitment IS NULL;

-- The one change that an entry may undergo: what stands in clear is sealed, and stays committed to what it said.
CREATE OR REPLACE FUNCTION journal_seal_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.commitment IS NULL AND NEW.commitment = sha256(OLD.salt || OLD.body) AND NEW.salt = ''
           AND (NEW.number, NEW.tag, NEW.at, NEW.transaction, NEW.ori, NEW.terminal, NEW.person)
             = (OLD.number, OLD.tag, OLD.at, OLD.transaction, OLD.ori, OLD.terminal, OLD.person) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION USING
        MESSAGE = format('the journal is append-only: %s of %s is refused', lower(TG_OP), TG_TABLE_NAME),
        HINT = 'To correct an entry, write another one.';
END $$;

DROP TRIGGER journal_append_only ON journal;

CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE ON journal
 FOR EACH ROW EXECUTE FUNCTION journal_seal_only();

-- The queues' texts from before are sealed by the program right after this, with keys that no SQL has.
ALTER TABLE confirmation ALTER COLUMN text TYPE BYTEA USING convert_to(text, 'UTF8');

-- A zero marks a receipt that is not sealed yet.
UPDATE claim SET receipt = '\x00'::bytea || digest || receipt;

ALTER TABLE claim DROP COLUMN digest;
