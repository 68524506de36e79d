-- A trust anchor outside Writ that credentials rest on.
CREATE TABLE provider (
    tenant TEXT NOT NULL REFERENCES tenant (name),
    name TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('oidc', 'pkcs7', 'private_ca')),
    status TEXT NOT NULL CHECK (status IN ('enabled', 'disabled')),
    document TEXT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
);

-- A credential of any kind. `digest` is the keyed digest of a secret, else the SHA-256 of what tells this credential
-- from others of its client. A secret has its value, `sealed`; every other kind has a `document`, which is public.
CREATE TABLE credential_of_any_kind (
    tenant TEXT NOT NULL,
    client_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('secret', 'public_key', 'jwks', 'federated', 'certificate')),
    status TEXT NOT NULL CHECK (status IN ('enabled', 'disabled')),
    not_before BIGINT,
    expires BIGINT,
    digest BLOB NOT NULL,
    sealed BLOB,
    document TEXT,
    provider TEXT,
    created BIGINT NOT NULL,
    last_used BIGINT,
    PRIMARY KEY (tenant, client_id, id),
    UNIQUE (tenant, client_id, name),
    UNIQUE (tenant, client_id, digest),
    CHECK ((kind = 'secret') = (sealed IS NOT NULL)),
    CHECK ((kind = 'secret') = (document IS NULL)),
    FOREIGN KEY (tenant, client_id) REFERENCES client (tenant, client_id),
    FOREIGN KEY (tenant, provider) REFERENCES provider (tenant, name)
);
INSERT INTO credential_of_any_kind
    (tenant, client_id, id, name, kind, status, not_before, expires, digest, sealed, created, last_used)
    SELECT tenant, client_id, id, name, kind, status, not_before, expires, digest, sealed, created, last_used
    FROM credential;
DROP TABLE credential;
ALTER TABLE credential_of_any_kind RENAME TO credential;
CREATE INDEX credential_by_provider ON credential (tenant, provider) WHERE provider IS NOT NULL;
