-- Assertions that were used together, until the last of them would be refused for its age: their keys, 16 bytes each. Only
-- appended to: whether a key is there is known to the one process, which reads all of them once. (On PostgreSQL, where
-- there may be many processes, the table of single keys stays, and its constraint decides.)
CREATE TABLE spent_batch (
    id INTEGER NOT NULL PRIMARY KEY,
    refused_from BIGINT NOT NULL,
    keys BLOB NOT NULL
);
CREATE INDEX spent_batch_by_time ON spent_batch (refused_from);
INSERT INTO spent_batch (refused_from, keys) SELECT refused_from, key FROM spent_assertion;
DROP TABLE spent_assertion;
