-- The first tables: the journal, the records, the switch, the policy.

CREATE TABLE wireroom_version (
    sole BOOLEAN NOT NULL CONSTRAINT wireroom_version_one_row CHECK (sole),
    schema INTEGER NOT NULL,
    oldest_code TEXT NOT NULL,
    written_by TEXT NOT NULL,
    PRIMARY KEY (sole)
);

COMMENT ON TABLE wireroom_version IS 'The schema that this database has, and the oldest program that may open it.';

CREATE TABLE journal (
    number BIGINT NOT NULL,
    tag TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    transaction BIGINT NOT NULL,
    ori TEXT NOT NULL,
    terminal TEXT NOT NULL,
    person TEXT NOT NULL,
    salt BYTEA NOT NULL,
    body BYTEA NOT NULL,
    CONSTRAINT journal_pkey PRIMARY KEY (number)
) PARTITION BY RANGE (number);

CREATE INDEX journal_ori_number ON journal (ori, number);

CREATE INDEX journal_person_number ON journal (person, number);

CREATE INDEX journal_transaction ON journal (transaction);

CREATE TABLE journal_checkpoint (
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    note TEXT NOT NULL,
    CONSTRAINT journal_checkpoint_pkey PRIMARY KEY (size)
);

CREATE TABLE journal_pending (
    batch BIGINT NOT NULL,
    CONSTRAINT journal_pending_pkey PRIMARY KEY (batch)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

CREATE TABLE journal_span (
    first BIGINT NOT NULL,
    batch BIGINT NOT NULL,
    entries INTEGER NOT NULL,
    leaves BYTEA NOT NULL,
    CONSTRAINT journal_span_pkey PRIMARY KEY (first),
    CONSTRAINT journal_span_batch_key UNIQUE (batch)
);

CREATE TABLE journal_tree (
    sole BOOLEAN DEFAULT true NOT NULL CONSTRAINT journal_tree_one_row CHECK (sole),
    size BIGINT NOT NULL,
    frontier BYTEA NOT NULL,
    root BYTEA NOT NULL,
    CONSTRAINT journal_tree_pkey PRIMARY KEY (sole)
) WITH (fillfactor = 20);

CREATE TABLE fcn_counter (
    agency TEXT COLLATE "C" NOT NULL,
    day TEXT COLLATE "C" NOT NULL,
    next INTEGER NOT NULL,
    PRIMARY KEY (agency, day)
);

COMMENT ON TABLE fcn_counter IS 'The next serial of an agency''s file control numbers on a day.';

CREATE TABLE identifier (
    kind TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    record BIGINT NOT NULL,
    PRIMARY KEY (kind, value, file, record)
);

COMMENT ON TABLE identifier IS 'Finds a record of any file by a number.';

CREATE TABLE person (
    file TEXT COLLATE "C" NOT NULL,
    record BIGINT NOT NULL,
    place SMALLINT NOT NULL,
    sound TEXT COLLATE "C" NOT NULL,
    dob INTEGER NOT NULL,
    last TEXT COLLATE "C" NOT NULL,
    first TEXT COLLATE "C" NOT NULL,
    sex TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (file, record, place)
);

COMMENT ON TABLE person IS 'Finds a record of any file by a person''s name and birth date.';

CREATE INDEX person_last_first ON person (last, first);

CREATE INDEX person_sound_dob ON person (sound, dob);

CREATE TABLE record (
    file TEXT COLLATE "C" NOT NULL,
    id BIGINT NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    test BOOLEAN NOT NULL,
    entered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    fields JSONB NOT NULL,
    PRIMARY KEY (file, id)
) PARTITION BY LIST (file);

COMMENT ON TABLE record IS 'The record as it stands; partitioned by file, with a default for files without one of their own.';

CREATE TABLE record_version (
    file TEXT COLLATE "C" NOT NULL,
    id BIGINT NOT NULL,
    version INTEGER NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    replaced_by BIGINT NOT NULL,
    fields JSONB NOT NULL,
    PRIMARY KEY (file, id, version)
);

COMMENT ON TABLE record_version IS 'Every former version of a record.';

CREATE TABLE claim (
    terminal TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    day DATE NOT NULL,
    transaction BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    receipt BYTEA NOT NULL,
    PRIMARY KEY (terminal, key, day)
);

COMMENT ON TABLE claim IS 'A repeat of a key gets the first receipt; rows of past days are dropped.';

CREATE TABLE delivery (
    terminal TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (terminal, number)
);

COMMENT ON TABLE delivery IS 'What a terminal has not acknowledged yet.';

CREATE TABLE leg (
    transaction BIGINT NOT NULL,
    leg SMALLINT NOT NULL,
    worker SMALLINT NOT NULL,
    deadline TIMESTAMP WITH TIME ZONE NOT NULL,
    question BYTEA NOT NULL,
    PRIMARY KEY (transaction, leg)
);

COMMENT ON TABLE leg IS 'A question to another system that has no answer yet: written before it is sent, gone with its answer.';

CREATE TABLE worker (
    id SMALLINT NOT NULL,
    holder TEXT COLLATE "C" NOT NULL,
    until TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id)
);

COMMENT ON TABLE worker IS 'Which process numbers its entries with which worker id, and until when.';

CREATE TABLE agency (
    ori TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    county TEXT NOT NULL,
    phone TEXT NOT NULL,
    test BOOLEAN NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (ori)
);

COMMENT ON TABLE agency IS 'Who may hold terminals.';

CREATE TABLE account (
    id TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    ori TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL,
    otp_sealed BYTEA NOT NULL,
    otp_last_step BIGINT NOT NULL,
    enabled BOOLEAN NOT NULL,
    failures TIMESTAMP WITH TIME ZONE[] NOT NULL,
    locked_at TIMESTAMP WITH TIME ZONE,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT account_of_agency FOREIGN KEY(ori) REFERENCES agency (ori)
);

COMMENT ON TABLE account IS 'People who may sign in.';

CREATE INDEX account_ori ON account (ori);

CREATE TABLE terminal (
    mnemonic TEXT COLLATE "C" NOT NULL,
    ori TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    title TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    test BOOLEAN NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (mnemonic),
    CONSTRAINT terminal_of_agency FOREIGN KEY(ori) REFERENCES agency (ori),
    CONSTRAINT terminal_kind CHECK (kind IN ('fixed', 'mobile', 'printer', 'interface'))
);

COMMENT ON TABLE terminal IS 'Where messages come from and go to; each belongs to one agency.';

CREATE INDEX terminal_ori ON terminal (ori);

CREATE TABLE session (
    token_hash BYTEA NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    terminal TEXT COLLATE "C" NOT NULL,
    ori TEXT COLLATE "C" NOT NULL,
    csrf TEXT COLLATE "C" NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    peer TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (token_hash),
    CONSTRAINT session_at_terminal FOREIGN KEY(terminal) REFERENCES terminal (mnemonic),
    CONSTRAINT session_of_account FOREIGN KEY(person) REFERENCES account (id)
);

COMMENT ON TABLE session IS 'Who is signed in, where, since when.';

CREATE INDEX session_of ON session (person) WHERE ended_at IS NULL;

CREATE TABLE IF NOT EXISTS journal_rest PARTITION OF journal DEFAULT;

ALTER TABLE journal_span ALTER COLUMN leaves SET STORAGE EXTERNAL;

CREATE OR REPLACE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION USING
            MESSAGE = format('the journal is append-only: %s of %s is refused', lower(TG_OP), TG_TABLE_NAME),
            HINT = 'To correct an entry, write another one.';
    END $$;

CREATE OR REPLACE TRIGGER journal_append_only BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION journal_refuse();

CREATE OR REPLACE TRIGGER journal_span_append_only BEFORE UPDATE OR DELETE ON journal_span FOR EACH ROW EXECUTE FUNCTION journal_refuse();

CREATE OR REPLACE TRIGGER journal_checkpoint_append_only BEFORE UPDATE OR DELETE ON journal_checkpoint FOR EACH ROW EXECUTE FUNCTION journal_refuse();

CREATE OR REPLACE TRIGGER journal_no_truncate BEFORE TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse();

CREATE OR REPLACE TRIGGER journal_span_no_truncate BEFORE TRUNCATE ON journal_span FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse();

CREATE OR REPLACE TRIGGER journal_checkpoint_no_truncate BEFORE TRUNCATE ON journal_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse();

CREATE TABLE IF NOT EXISTS record_wanted PARTITION OF record FOR VALUES IN ('wanted');

CREATE TABLE IF NOT EXISTS record_vehicle PARTITION OF record FOR VALUES IN ('vehicle');

CREATE TABLE IF NOT EXISTS record_plate PARTITION OF record FOR VALUES IN ('plate');

CREATE TABLE IF NOT EXISTS record_licence PARTITION OF record FOR VALUES IN ('licence');

CREATE TABLE IF NOT EXISTS record_registration PARTITION OF record FOR VALUES IN ('registration');

CREATE TABLE IF NOT EXISTS record_rest PARTITION OF record DEFAULT;
