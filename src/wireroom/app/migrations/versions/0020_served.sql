-- Some statements are kept by the database as functions, so that who acts is said in the same round. The functions
-- themselves are put there after all migrations, as they are declared then.

COMMENT ON TABLE session IS 'Who is signed in, where, since when. Looked up by functions that an upgrade puts there.';

-- Agencies for which one asks too: none, until its agreement says so.
ALTER TABLE agency ADD COLUMN serves TEXT[] COLLATE "C" DEFAULT '{}' NOT NULL;
