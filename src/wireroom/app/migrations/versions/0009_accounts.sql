-- Accounts end by themselves, devices have a class, sessions say which notice was acknowledged

ALTER TABLE account ADD COLUMN ends_at TIMESTAMP WITH TIME ZONE;

ALTER TABLE account ADD COLUMN active_at TIMESTAMP WITH TIME ZONE;

-- Whoever used an account only through another system left no session: their days are counted from the upgrade.
UPDATE account SET active_at = now();

ALTER TABLE account ALTER COLUMN active_at SET NOT NULL;

ALTER TABLE account ADD COLUMN disabled_for TEXT COLLATE "C" DEFAULT '' NOT NULL;

ALTER TABLE session ADD COLUMN notice TEXT COLLATE "C" DEFAULT '' NOT NULL;

ALTER TABLE terminal ADD COLUMN device TEXT COLLATE "C" DEFAULT 'ordinary' NOT NULL;

ALTER TABLE terminal ADD CONSTRAINT terminal_device
 CHECK (device IN ('ordinary', 'vehicle', 'dispatch', 'receive-only'));
