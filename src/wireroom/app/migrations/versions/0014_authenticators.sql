-- Every authenticator ever bound, passkeys among them, and the challenges that each answers once

CREATE TABLE authenticator (
    id TEXT COLLATE "C" NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    bound_at TIMESTAMP WITH TIME ZONE NOT NULL,
    bound_by TEXT COLLATE "C" NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_by TEXT COLLATE "C" DEFAULT '' NOT NULL,
    ended_for TEXT COLLATE "C" DEFAULT '' NOT NULL,
    credential BYTEA,
    public_key BYTEA,
    counter BIGINT DEFAULT 0 NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT authenticator_kind CHECK (kind IN ('code', 'passkey')),
    CONSTRAINT authenticator_whole CHECK ((kind = 'passkey') = (credential IS NOT NULL AND public_key IS NOT NULL)),
    CONSTRAINT authenticator_of_account FOREIGN KEY(person) REFERENCES account (id)
);

COMMENT ON TABLE authenticator IS 'Every authenticator ever bound to a person, with who bound and who ended it. Rows stay.';

CREATE UNIQUE INDEX authenticator_credential ON authenticator (credential);

CREATE INDEX authenticator_person ON authenticator (person);

CREATE TABLE challenge (
    nonce BYTEA NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    holder BYTEA NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (nonce)
);

COMMENT ON TABLE challenge IS 'What passkeys are asked to sign: each counts once, for five minutes, for one purpose in one browser.';

CREATE INDEX challenge_made ON challenge (made_at);

ALTER TABLE session ADD COLUMN authenticator TEXT COLLATE "C" DEFAULT '' NOT NULL;

-- Until now everybody had one, bound with the account; of those that an administrator replaced nobody kept count.
INSERT INTO authenticator (id, person, kind, name, bound_at, bound_by)
SELECT substr(md5('authenticator of ' || id), 1, 16), id, 'code', 'One-time codes', added_at, 'console' FROM account;
