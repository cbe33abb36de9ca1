-- Alarms and what is done by the clock; settings that were put forward; refusals are found at once in the journal

CREATE TABLE alarm (
    watch TEXT COLLATE "C" NOT NULL,
    about TEXT COLLATE "C" NOT NULL,
    words TEXT NOT NULL,
    began_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    told_at TIMESTAMP WITH TIME ZONE,
    end_told BOOLEAN NOT NULL,
    PRIMARY KEY (watch, about)
);

COMMENT ON TABLE alarm IS 'Alarms, and when they were last told, so that several processes tell once. The journal has each.';

CREATE TABLE chore (
    name TEXT COLLATE "C" NOT NULL,
    tried_at TIMESTAMP WITH TIME ZONE NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    trouble TEXT NOT NULL,
    said TEXT NOT NULL,
    PRIMARY KEY (name)
);

COMMENT ON TABLE chore IS 'What one process does by the clock for all, and how it went the last time.';

CREATE TABLE settings_version (
    version INTEGER NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    text TEXT NOT NULL,
    words TEXT NOT NULL,
    proposed_by TEXT COLLATE "C" NOT NULL,
    proposed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    approved_by TEXT COLLATE "C" DEFAULT '' NOT NULL,
    approved_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (version)
);

COMMENT ON TABLE settings_version IS 'Every file of settings that was put forward, and who approved it. Rows stay.';

CREATE TABLE settings_started (
    sole BOOLEAN NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    shown TEXT NOT NULL,
    PRIMARY KEY (sole),
    CONSTRAINT settings_started_one_row CHECK (sole)
);

COMMENT ON TABLE settings_started IS 'The settings that were in force at the last start, to say at the next what became different.';

CREATE INDEX journal_refused ON journal (number) WHERE tag IN ('session:refused', 'text:refused', 'text:faulty');
