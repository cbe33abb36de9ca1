-- Incidents with their clocks, weekly reviews, holds, and posture that is measured

CREATE TABLE device_management (
    ori TEXT COLLATE "C" NOT NULL,
    terminal TEXT COLLATE "C" NOT NULL,
    minutes INTEGER NOT NULL,
    patch_days INTEGER NOT NULL,
    wipe_url TEXT DEFAULT '' NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    declared_by TEXT COLLATE "C" NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (ori),
    CONSTRAINT management_of_agency FOREIGN KEY(ori) REFERENCES agency (ori),
    CONSTRAINT management_speaks_at FOREIGN KEY(terminal) REFERENCES terminal (mnemonic),
    CONSTRAINT management_limits CHECK (minutes BETWEEN 5 AND 10080 AND patch_days BETWEEN 1 AND 400)
);

COMMENT ON TABLE device_management IS 'Which agencies have their mobile devices measured, and how old a measurement may be.';

CREATE TABLE posture (
    device TEXT COLLATE "C" NOT NULL,
    claimed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    came_at TIMESTAMP WITH TIME ZONE NOT NULL,
    encrypted BOOLEAN NOT NULL,
    managed BOOLEAN NOT NULL,
    located BOOLEAN NOT NULL,
    rooted BOOLEAN NOT NULL,
    patched DATE NOT NULL,
    PRIMARY KEY (device),
    CONSTRAINT posture_of_device FOREIGN KEY(device) REFERENCES device_certificate (fingerprint)
);

COMMENT ON TABLE posture IS 'What an agency''s device management last measured of each device.';

CREATE TABLE incident (
    number BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    ori TEXT COLLATE "C" NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    terminal TEXT COLLATE "C" NOT NULL,
    origin TEXT COLLATE "C",
    discovered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    opened_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number)
);

COMMENT ON TABLE incident IS 'What happened, by number. What is known of it stands in its journal entries. Rows are only ever added.';

CREATE INDEX incident_of_agency ON incident (ori, number);

CREATE UNIQUE INDEX incident_origin ON incident (origin);

CREATE TABLE journal_hold (
    number BIGINT NOT NULL,
    ori TEXT COLLATE "C" NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    asked_by TEXT COLLATE "C" NOT NULL,
    until TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (number)
);

COMMENT ON TABLE journal_hold IS 'Inquiries that their subject is not told of yet, as somebody asked. Rows are only ever added.';

CREATE TABLE weekly_review (
    number BIGINT NOT NULL,
    ori TEXT COLLATE "C" NOT NULL,
    week DATE NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    prepared_at TIMESTAMP WITH TIME ZONE NOT NULL,
    prepared_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number)
);

COMMENT ON TABLE weekly_review IS 'What an agency''s auditor looked at, week by week. Rows are only ever added.';

CREATE INDEX weekly_review_of ON weekly_review (ori, week);

CREATE TABLE hold_approval (
    hold BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    by TEXT COLLATE "C" NOT NULL,
    entry BIGINT NOT NULL,
    PRIMARY KEY (hold),
    CONSTRAINT approval_of_hold FOREIGN KEY(hold) REFERENCES journal_hold (number)
);

COMMENT ON TABLE hold_approval IS 'The second person''s word on a hold, without which it holds nothing. Rows are only ever added.';

CREATE TABLE incident_step (
    incident BIGINT NOT NULL,
    place INTEGER NOT NULL,
    act TEXT COLLATE "C" NOT NULL,
    about TEXT[] COLLATE "C" NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    by TEXT COLLATE "C" NOT NULL,
    entry BIGINT NOT NULL,
    PRIMARY KEY (incident, place),
    CONSTRAINT step_of_incident FOREIGN KEY(incident) REFERENCES incident (number)
);

COMMENT ON TABLE incident_step IS 'What was done with an incident, step by step. Rows are only ever added.';

CREATE TABLE review_signature (
    review BIGINT NOT NULL,
    ori TEXT COLLATE "C" NOT NULL,
    week DATE NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    by TEXT COLLATE "C" NOT NULL,
    entry BIGINT NOT NULL,
    PRIMARY KEY (review),
    CONSTRAINT signature_of_review FOREIGN KEY(review) REFERENCES weekly_review (number)
);

COMMENT ON TABLE review_signature IS 'Who signed a week''s review. Rows are only ever added.';

CREATE UNIQUE INDEX review_signature_of ON review_signature (ori, week);
