-- Accounts that somebody asked for, and what somebody else decided

CREATE TABLE account_request (
    id TEXT COLLATE "C" NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    ori TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    words TEXT NOT NULL,
    asked_by TEXT COLLATE "C" NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    decision TEXT COLLATE "C" DEFAULT '' NOT NULL,
    decided_by TEXT COLLATE "C" DEFAULT '' NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE,
    decided_for TEXT DEFAULT '' NOT NULL,
    collected_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    CONSTRAINT account_request_decision CHECK (decision IN ('', 'approved', 'refused')),
    CONSTRAINT account_request_by_two CHECK (decided_by <> asked_by),
    CONSTRAINT account_request_of_agency FOREIGN KEY(ori) REFERENCES agency (ori)
);

COMMENT ON TABLE account_request IS 'Accounts that somebody asked for, and what somebody else decided. Rows stay.';

CREATE INDEX account_request_agency ON account_request (ori, asked_at);

CREATE UNIQUE INDEX account_request_waits ON account_request (person) WHERE decided_at IS NULL;
