-- Why each inquiry is made, and what a CAD says of it

CREATE TABLE reason (
    transaction BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    asked TEXT COLLATE "C" NOT NULL,
    ori TEXT COLLATE "C" NOT NULL,
    terminal TEXT COLLATE "C" NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    requester TEXT COLLATE "C" NOT NULL,
    words TEXT NOT NULL,
    for_person TEXT COLLATE "C" NOT NULL,
    verdict TEXT COLLATE "C" NOT NULL,
    incident TEXT COLLATE "C" NOT NULL,
    looked SMALLINT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (transaction)
);

COMMENT ON TABLE reason IS 'Why each inquiry was made, as it was said, and what was found of that. The journal has the same.';

CREATE INDEX reason_due ON reason (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX reason_for ON reason (for_person, transaction) WHERE for_person <> '';

CREATE INDEX reason_open ON reason (ori, transaction) WHERE verdict IN ('none', 'unknown', 'own-later', 'unexplained');

CREATE TABLE cad_incident (
    ori TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    place TEXT NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    said_at TIMESTAMP WITH TIME ZONE NOT NULL,
    made_by TEXT COLLATE "C" NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (ori, reference),
    CONSTRAINT cad_incident_of_agency FOREIGN KEY(ori) REFERENCES agency (ori)
);

COMMENT ON TABLE cad_incident IS 'Incidents as an agency''s CAD tells of them. Nobody else writes here.';

CREATE TABLE cad_word (
    ori TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    said_at TIMESTAMP WITH TIME ZONE NOT NULL,
    said_by TEXT COLLATE "C" NOT NULL,
    came_at TIMESTAMP WITH TIME ZONE NOT NULL,
    came_from TEXT COLLATE "C" NOT NULL,
    changed TEXT[] COLLATE "C" NOT NULL,
    afterwards BOOLEAN NOT NULL,
    before JSONB NOT NULL,
    PRIMARY KEY (ori, key),
    CONSTRAINT cad_word_of_agency FOREIGN KEY(ori) REFERENCES agency (ori)
);

COMMENT ON TABLE cad_word IS 'Every word of a CAD, with who said it, when, and what it changed. Rows are only ever added.';

CREATE INDEX cad_word_of ON cad_word (ori, reference, came_at);

CREATE TABLE cad_assigned (
    ori TEXT COLLATE "C" NOT NULL,
    who TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    unit TEXT COLLATE "C" NOT NULL,
    since_at TIMESTAMP WITH TIME ZONE NOT NULL,
    until_at TIMESTAMP WITH TIME ZONE,
    made_by TEXT COLLATE "C" NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (ori, who, reference, unit),
    CONSTRAINT cad_assigned_to_incident FOREIGN KEY(ori, reference) REFERENCES cad_incident (ori, reference)
);

COMMENT ON TABLE cad_assigned IS 'Units on incidents, with their people and terminals.';

CREATE INDEX cad_assigned_to ON cad_assigned (ori, reference);

CREATE TABLE cad_subject (
    ori TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    mark TEXT COLLATE "C" NOT NULL,
    made_by TEXT COLLATE "C" NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (ori, reference, mark),
    CONSTRAINT cad_subject_of_incident FOREIGN KEY(ori, reference) REFERENCES cad_incident (ori, reference)
);

COMMENT ON TABLE cad_subject IS 'Plates and names noted in an incident, and when we were told. Rows are only ever added.';
