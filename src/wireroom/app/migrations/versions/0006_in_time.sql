-- What must be done in time, and what goes to people outside

CREATE TABLE clock (
    file TEXT COLLATE "C" NOT NULL,
    record BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    other TEXT COLLATE "C" NOT NULL,
    test BOOLEAN NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    met_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (file, record, name)
);

COMMENT ON TABLE clock IS 'What must be done in time with a record, by when, and when it was done.';

CREATE INDEX clock_met ON clock (owner, name, met_at) WHERE met_at IS NOT NULL;

CREATE INDEX clock_met_other ON clock (other, name, met_at) WHERE met_at IS NOT NULL AND other <> '';

CREATE INDEX clock_open ON clock (owner, due_at) WHERE met_at IS NULL;

CREATE INDEX clock_open_other ON clock (other, due_at) WHERE met_at IS NULL AND other <> '';

CREATE TABLE outbox (
    id BIGINT NOT NULL,
    place SMALLINT NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    sealed TEXT COLLATE "C" NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    record BIGINT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    tries INTEGER NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    trouble TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, place)
);

COMMENT ON TABLE outbox IS 'What goes to people outside, who have no terminal, until it was taken.';

CREATE INDEX outbox_due ON outbox (due_at) WHERE due_at IS NOT NULL;
