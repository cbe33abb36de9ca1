-- Devices have certificates, agencies have authorities for them, and a session says which device it is at

CREATE TABLE device_authority (
 fingerprint TEXT COLLATE "C" NOT NULL,
 ori TEXT COLLATE "C" NOT NULL,
 subject TEXT NOT NULL,
 pem TEXT COLLATE "C" NOT NULL,
 ours BOOLEAN NOT NULL,
 added_at TIMESTAMP WITH TIME ZONE NOT NULL,
 added_by TEXT COLLATE "C" NOT NULL,
 ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
 ended_at TIMESTAMP WITH TIME ZONE,
 ended_for TEXT DEFAULT '' NOT NULL,
 ended_by TEXT COLLATE "C" DEFAULT '' NOT NULL,
 PRIMARY KEY (fingerprint),
 CONSTRAINT device_authority_of_agency FOREIGN KEY(ori) REFERENCES agency (ori)
);

COMMENT ON TABLE device_authority IS 'Who vouches for the devices of an agency.';

CREATE TABLE device_certificate (
 fingerprint TEXT COLLATE "C" NOT NULL,
 serial TEXT COLLATE "C" NOT NULL,
 authority TEXT COLLATE "C" NOT NULL,
 terminal TEXT COLLATE "C" NOT NULL,
 ori TEXT COLLATE "C" NOT NULL,
 encrypted BOOLEAN NOT NULL,
 managed BOOLEAN NOT NULL,
 located BOOLEAN NOT NULL,
 issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
 issued_by TEXT COLLATE "C" NOT NULL,
 ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
 revoked_at TIMESTAMP WITH TIME ZONE,
 revoked_for TEXT DEFAULT '' NOT NULL,
 revoked_by TEXT COLLATE "C" DEFAULT '' NOT NULL,
 PRIMARY KEY (fingerprint),
 CONSTRAINT device_vouched_for FOREIGN KEY(authority) REFERENCES device_authority (fingerprint),
 CONSTRAINT device_of_terminal FOREIGN KEY(terminal) REFERENCES terminal (mnemonic)
);

COMMENT ON TABLE device_certificate IS
 'Every certificate of a device that was ever issued or accepted. Rows are never deleted.';

CREATE UNIQUE INDEX device_certificate_serial ON device_certificate (authority, serial);

CREATE INDEX device_certificate_terminal ON device_certificate (terminal);

ALTER TABLE session ADD COLUMN device TEXT COLLATE "C" DEFAULT '' NOT NULL;
