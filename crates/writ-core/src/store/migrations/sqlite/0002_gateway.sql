CREATE TABLE route (
    tenant TEXT NOT NULL REFERENCES tenant (name),
    name TEXT NOT NULL,
    audience TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
);

-- What was decided for a client before the sequence no longer holds: all of it, or (where these are not empty) what was
-- decided for one audience or on the strength of one credential. A row is forgotten when the last token that it concerns
-- has expired.
CREATE TABLE cutoff (
    tenant TEXT NOT NULL,
    client_id TEXT NOT NULL,
    audience TEXT NOT NULL,
    credential TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    forget_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, client_id, audience, credential),
    FOREIGN KEY (tenant, client_id) REFERENCES client (tenant, client_id)
);
CREATE INDEX cutoff_by_time ON cutoff (forget_at);

-- Tokens that were revoked one by one, until they have expired; by time first, so that the end is cleaned up cheaply.
CREATE TABLE revoked_token (
    expires BIGINT NOT NULL,
    tenant TEXT NOT NULL,
    jti TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (expires, tenant, jti)
);
CREATE INDEX revoked_token_by_sequence ON revoked_token (sequence);

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
