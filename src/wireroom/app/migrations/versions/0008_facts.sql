-- What is on record of people: cleared, signed, trained, authorised, reviewed

CREATE TABLE fact (
    person TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_by TEXT COLLATE "C" NOT NULL,
    day DATE NOT NULL,
    good BOOLEAN NOT NULL,
    score SMALLINT,
    word TEXT NOT NULL,
    ori TEXT COLLATE "C" NOT NULL,
    until TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (person, kind, recorded_at),
    CONSTRAINT fact_of_account FOREIGN KEY(person) REFERENCES account (id),
    CONSTRAINT fact_kind CHECK (
        kind IN ('fingerprint', 'background', 'statement', 'training', 'examination', 'authorisation', 'review')
    ),
    CONSTRAINT fact_score CHECK (score BETWEEN 0 AND 100)
);

COMMENT ON TABLE fact IS 'What is on record of people, with who recorded it and when. Rows are only ever added.';
