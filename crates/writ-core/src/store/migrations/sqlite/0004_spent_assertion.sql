-- Assertions that were used, until they would be refused for their age. The key is a digest of tenant, client and jti and
-- of nothing else: a client that signs the same jti with another expiry has not made another assertion.
CREATE TABLE spent_assertion (
    key BLOB NOT NULL PRIMARY KEY,
    refused_from BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX spent_assertion_by_time ON spent_assertion (refused_from);
