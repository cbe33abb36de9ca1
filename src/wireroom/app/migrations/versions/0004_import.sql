-- Files of records are imported, and an import goes on where it stopped

CREATE TABLE import_run (
    key TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    position BIGINT NOT NULL,
    line BIGINT NOT NULL,
    entered BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    rejects BIGINT NOT NULL,
    checked BOOLEAN NOT NULL,
    done BOOLEAN NOT NULL,
    PRIMARY KEY (key)
);

COMMENT ON TABLE import_run IS 'How far each import of a file of records is: it goes on from here, and enters no line twice.';
