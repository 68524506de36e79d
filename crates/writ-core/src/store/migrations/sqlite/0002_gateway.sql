CREATE TABLE route (
    tenant TEXT NOT NULL REFERENCES tenant (name),
    name TEXT NOT NULL,
    audience TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
);

-- What was decided for a client before the sequence no longer holds; the empty audience is every audience.
-- A row may be forgotten when the last token it concerns has expired.
CREATE TABLE cutoff (
    tenant TEXT NOT NULL,
    client_id TEXT NOT NULL,
    audience TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    forget_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, client_id, audience),
    FOREIGN KEY (tenant, client_id) REFERENCES client (tenant, client_id)
);

-- A signing key's state changed at `changed`, in seconds since the epoch. `longest` is the longest lifetime, in
-- seconds, that a token it signed can have; when the last of them has expired, at `forget_at`, the key is forgotten.
ALTER TABLE signing_key ADD COLUMN changed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE signing_key ADD COLUMN longest BIGINT NOT NULL DEFAULT 2592000;
ALTER TABLE signing_key ADD COLUMN forget_at BIGINT;
UPDATE signing_key SET changed = created;
UPDATE signing_key SET forget_at = CAST(strftime('%s', 'now') AS BIGINT) + 2592360 WHERE state IN ('retired', 'revoked');
CREATE UNIQUE INDEX signing_key_of_a_kind ON signing_key (tenant, issuer, state) WHERE state IN ('next', 'active');

-- How long a key is used, in seconds; absent: until somebody rotates it.
ALTER TABLE issuer ADD COLUMN rotate_every BIGINT;
