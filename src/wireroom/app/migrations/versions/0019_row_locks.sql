-- Who acts, by statements of the switch's own process. Row-level security itself is put on after all migrations, as the
-- tables are declared then; it must not stand in the way of those that come after this one.

COMMENT ON TABLE wireroom_version IS
    'The schema that this database has, and the oldest program that may open it. Rows are locked by who acts.';
