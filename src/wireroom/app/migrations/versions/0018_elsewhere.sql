-- Directories and cards are authenticators too, and a question knows where and of whom it was asked

ALTER TABLE authenticator DROP CONSTRAINT authenticator_kind;

ALTER TABLE authenticator DROP CONSTRAINT authenticator_whole;

ALTER TABLE authenticator ADD CONSTRAINT authenticator_kind CHECK (kind IN ('code', 'passkey', 'directory', 'card'));

ALTER TABLE authenticator ADD CONSTRAINT authenticator_whole CHECK ((kind = 'code') = (credential IS NULL) AND (kind = 'passkey') = (public_key IS NOT NULL));

DROP INDEX authenticator_credential;

CREATE UNIQUE INDEX authenticator_credential ON authenticator (credential) WHERE kind <> 'directory' OR ended_at IS NULL;

ALTER TABLE challenge ADD COLUMN about TEXT DEFAULT '' NOT NULL;

ALTER TABLE challenge ADD COLUMN proof BYTEA;

ALTER TABLE challenge ADD COLUMN shown TEXT DEFAULT '' NOT NULL;

COMMENT ON TABLE challenge IS 'What is asked of passkeys and elsewhere: each once, for five minutes, for one purpose in one browser.';
