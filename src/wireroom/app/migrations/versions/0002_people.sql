-- People are found by what their names may have meant

CREATE TABLE name_book (
    id SMALLINT GENERATED ALWAYS AS IDENTITY,
    file TEXT COLLATE "C" NOT NULL,
    test BOOLEAN NOT NULL,
    people BIGINT DEFAULT '0' NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT name_book_file_test UNIQUE (file, test)
);

COMMENT ON TABLE name_book IS 'A file''s number in the index of people, one for its live records and one for those of training.';

CREATE TABLE name_census (
    id SMALLINT NOT NULL,
    generation INTEGER NOT NULL,
    spelled INTEGER NOT NULL,
    years JSONB NOT NULL,
    days JSONB NOT NULL,
    circles BYTEA NOT NULL,
    PRIMARY KEY (id)
);

COMMENT ON TABLE name_census IS 'When the vocabulary was last counted, how births spread, and which names go together.';

CREATE TABLE name_pair (
    pair BIGINT NOT NULL,
    dob INTEGER NOT NULL,
    book SMALLINT NOT NULL,
    record BIGINT NOT NULL,
    place SMALLINT NOT NULL,
    traits SMALLINT NOT NULL,
    PRIMARY KEY (pair, dob, book, record, place, traits)
);

COMMENT ON TABLE name_pair IS 'Each last name of a person with each given name: finds people by two names, or by a birth date.';

CREATE INDEX name_pair_dob ON name_pair (dob, pair, book, record, place, traits);

CREATE TABLE name_token (
    id INTEGER GENERATED ALWAYS AS IDENTITY,
    token TEXT COLLATE "C" NOT NULL,
    last INTEGER DEFAULT '0' NOT NULL,
    given INTEGER DEFAULT '0' NOT NULL,
    idle BOOLEAN DEFAULT 'false' NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (token)
);

COMMENT ON TABLE name_token IS 'Every word that is part of a person''s name: the vocabulary of the search.';

-- The index of people is made anew from the records when the program next starts.
DROP TABLE person;

CREATE TABLE person (
    book SMALLINT NOT NULL,
    record BIGINT NOT NULL,
    place SMALLINT NOT NULL,
    last INTEGER[] NOT NULL,
    given INTEGER[] NOT NULL,
    suffix TEXT COLLATE "C" NOT NULL,
    dob INTEGER NOT NULL,
    sex TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (book, record, place)
);

COMMENT ON TABLE person IS 'One row for each name and birth date of a record that can be found, in tokens.';

CREATE INDEX identifier_reversed ON identifier (kind, reverse(value)) INCLUDE (value, file, record)
 WHERE kind IN ('LIC', 'VIN');
