-- Records have a whole life, and those who must hear of it do

CREATE TABLE calendar (
    name TEXT COLLATE "C" NOT NULL,
    done DATE NOT NULL,
    PRIMARY KEY (name)
);

COMMENT ON TABLE calendar IS 'Through which day the work of a calendar has been done: after an outage the missed days are made up.';

CREATE TABLE followup (
    number BIGINT NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    record BIGINT NOT NULL,
    tx BIGINT NOT NULL,
    PRIMARY KEY (number, file, record)
);

COMMENT ON TABLE followup IS 'Records that were just changed: who must hear of it is worked out a moment after the commit.';

CREATE TABLE forward (
    source TEXT COLLATE "C" NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    record BIGINT NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    told_version INTEGER NOT NULL,
    told_status TEXT COLLATE "C" NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    tries INTEGER NOT NULL,
    trouble TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (source, file, record)
);

COMMENT ON TABLE forward IS 'What other holders have been told of our records, and what they have yet to be told.';

CREATE INDEX forward_due ON forward (source, due_at) WHERE due_at IS NOT NULL;

CREATE TABLE past_inquiry (
    kind TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    dob INTEGER NOT NULL,
    number BIGINT NOT NULL,
    test BOOLEAN NOT NULL,
    terminal TEXT COLLATE "C" NOT NULL,
    ori TEXT COLLATE "C" NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    tx BIGINT NOT NULL,
    PRIMARY KEY (kind, value, dob, number)
);

COMMENT ON TABLE past_inquiry IS 'What was asked in the last five days: a new entry is held against it.';

CREATE INDEX past_inquiry_at ON past_inquiry (at);

CREATE TABLE confirmation (
    number BIGINT NOT NULL,
    record TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    ori TEXT COLLATE "C" NOT NULL,
    terminal TEXT COLLATE "C" NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    test BOOLEAN NOT NULL,
    priority TEXT COLLATE "C" NOT NULL,
    round SMALLINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    said TEXT COLLATE "C" NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    text TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number)
);

COMMENT ON TABLE confirmation IS 'Requests to confirm a hit, and the clocks that run on them.';

CREATE INDEX confirmation_due ON confirmation (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX confirmation_open ON confirmation (owner, number) WHERE state <> 'answered';

ALTER TABLE record ADD COLUMN entered_by TEXT COLLATE "C" DEFAULT '' NOT NULL;

ALTER TABLE record ADD COLUMN entered_ori TEXT COLLATE "C" DEFAULT '' NOT NULL;

ALTER TABLE record ADD COLUMN checked_by TEXT COLLATE "C" DEFAULT '' NOT NULL;

ALTER TABLE record ADD COLUMN validate_on DATE;

ALTER TABLE record ADD COLUMN due_at TIMESTAMP WITH TIME ZONE;

CREATE INDEX record_due ON record (due_at, file, id) WHERE due_at IS NOT NULL;

CREATE INDEX record_late ON record (owner, file, id) WHERE (fields ? 'LATE') AND status IN ('active', 'located');

CREATE INDEX record_unchecked ON record (owner, file, id) WHERE checked_by = '' AND entered_by <> '' AND status IN ('active', 'located');

CREATE INDEX record_validate ON record (validate_on, owner, file, id) WHERE validate_on IS NOT NULL;
