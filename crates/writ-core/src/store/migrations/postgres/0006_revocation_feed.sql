-- What was taken back from tokens that may be alive, for those who enforce elsewhere, in the order in which it was: one row
-- for the same tokens, and it moves to the end when they are cut off again. Empty: any client, any audience. `name` is the
-- jti, the credential's id or the kid. A row is forgotten when the last token that it concerns has expired, and a while.
CREATE TABLE revocation (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('token', 'client', 'authorization', 'credential', 'resource_server', 'signing_key')),
    client_id TEXT NOT NULL,
    audience TEXT NOT NULL,
    application TEXT NOT NULL,
    name TEXT NOT NULL,
    issued_until BIGINT,
    forget_at BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    entry BIGINT NOT NULL,
    PRIMARY KEY (tenant, kind, client_id, audience, name)
);
CREATE UNIQUE INDEX revocation_in_order ON revocation (tenant, sequence, entry);
CREATE INDEX revocation_by_time ON revocation (forget_at);
CREATE INDEX cutoff_by_sequence ON cutoff (sequence);

-- What is so already. 2592360 seconds are the longest lifetime and the while.
INSERT INTO revocation (tenant, kind, client_id, audience, application, name, issued_until, forget_at, sequence, entry)
    SELECT c.tenant,
           CASE WHEN c.credential <> '' THEN 'credential' WHEN c.audience <> '' THEN 'authorization' ELSE 'client' END,
           c.client_id, c.audience, COALESCE(s.application, ''), c.credential, c.forget_at - 2592359, c.forget_at,
           c.sequence, row_number() OVER (ORDER BY c.tenant, c.client_id, c.audience, c.credential)
    FROM cutoff c LEFT JOIN resource_server s ON s.tenant = c.tenant AND s.audience = c.audience;
INSERT INTO revocation (tenant, kind, client_id, audience, application, name, issued_until, forget_at, sequence, entry)
    SELECT tenant, 'token', '', '', '', jti, NULL, expires + 360, sequence, 1000000 + row_number() OVER (ORDER BY tenant, jti)
    FROM revoked_token;
INSERT INTO revocation (tenant, kind, client_id, audience, application, name, issued_until, forget_at, sequence, entry)
    SELECT tenant, 'signing_key', '', '', '', kid, NULL, forget_at, 0, row_number() OVER (ORDER BY tenant, kid)
    FROM signing_key WHERE state = 'revoked' AND forget_at IS NOT NULL;
INSERT INTO revocation (tenant, kind, client_id, audience, application, name, issued_until, forget_at, sequence, entry)
    SELECT c.tenant, 'client', c.client_id, '', '', '', CAST(extract(epoch FROM now()) AS BIGINT),
           CAST(extract(epoch FROM now()) AS BIGINT) + 2592360, 0, 1000000 + row_number() OVER (ORDER BY c.tenant, c.client_id)
    FROM client c JOIN application a ON a.tenant = c.tenant AND a.id = c.application
    WHERE c.status = 'disabled' OR a.status = 'disabled'
    ON CONFLICT DO NOTHING;
