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
ALTER TABLE credential DROP CONSTRAINT credential_kind_check;
ALTER TABLE credential ALTER COLUMN sealed DROP NOT NULL;
ALTER TABLE credential ADD COLUMN document TEXT;
ALTER TABLE credential ADD COLUMN provider TEXT;
ALTER TABLE credential ADD CHECK (kind IN ('secret', 'public_key', 'jwks', 'federated', 'certificate'));
ALTER TABLE credential ADD CHECK ((kind = 'secret') = (sealed IS NOT NULL));
ALTER TABLE credential ADD CHECK ((kind = 'secret') = (document IS NULL));
ALTER TABLE credential ADD FOREIGN KEY (tenant, provider) REFERENCES provider (tenant, name);
CREATE INDEX credential_by_provider ON credential (tenant, provider) WHERE provider IS NOT NULL;
