-- Agreements of agencies, what is a person's own, emergencies, versions of the rules

ALTER TABLE agency ADD COLUMN agreed_files TEXT[] COLLATE "C" DEFAULT '{}' NOT NULL;

ALTER TABLE agency ADD COLUMN agreed_until TIMESTAMP WITH TIME ZONE;

CREATE INDEX account_of_name ON account (ori, lower(regexp_replace(btrim(name), '\s+', ' ', 'g')));

CREATE TABLE own_mark (
    person TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    mark BYTEA NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    until TIMESTAMP WITH TIME ZONE,
    recorded_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (person, kind, mark, since),
    CONSTRAINT own_mark_of_account FOREIGN KEY(person) REFERENCES account (id),
    CONSTRAINT own_mark_kind CHECK (kind IN ('self', 'household', 'dispute'))
);

COMMENT ON TABLE own_mark IS 'Whom people may not ask about, for they are their own: marks, and never the names.';

CREATE TABLE emergency (
    number BIGINT NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    ori TEXT COLLATE "C" NOT NULL,
    rule TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    explained_at TIMESTAMP WITH TIME ZONE,
    explained_by TEXT COLLATE "C" DEFAULT '' NOT NULL,
    stands BOOLEAN,
    words TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (number)
);

CREATE INDEX emergency_owing ON emergency (person, due_at) WHERE explained_at IS NULL;

CREATE INDEX emergency_of_agency ON emergency (ori, at);

COMMENT ON TABLE emergency IS
'Inquiries for which a rule gave way, and what a supervisor says of each afterwards.';

CREATE TABLE ruleset (
    digest TEXT COLLATE "C" NOT NULL,
    text TEXT NOT NULL,
    local TEXT NOT NULL,
    words TEXT NOT NULL,
    proposed_by TEXT COLLATE "C" NOT NULL,
    proposed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    approved_by TEXT COLLATE "C" DEFAULT '' NOT NULL,
    approved_at TIMESTAMP WITH TIME ZONE,
    differences TEXT DEFAULT '' NOT NULL,
    signature TEXT COLLATE "C" DEFAULT '' NOT NULL,
    in_force_from TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (digest)
);

COMMENT ON TABLE ruleset IS 'Sets of rules: proposed by one, approved by another, signed, and since when in force.';

CREATE TABLE decided (
    day DATE NOT NULL,
    request BYTEA NOT NULL,
    ori TEXT COLLATE "C" NOT NULL,
    ruleset TEXT COLLATE "C" NOT NULL,
    facts TEXT NOT NULL,
    rule TEXT COLLATE "C" NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (day, request, ori, ruleset)
);

COMMENT ON TABLE decided IS 'What was decided, kind by kind and day by day: what another set of rules is tried on.';
