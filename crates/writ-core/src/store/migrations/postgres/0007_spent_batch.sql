-- Nothing to do: see the migration of this number for SQLite.
SELECT 1;
