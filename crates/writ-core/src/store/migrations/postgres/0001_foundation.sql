CREATE TABLE installation (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    sequence BIGINT NOT NULL,
    key_check BYTEA NOT NULL
);

CREATE TABLE change (
    sequence BIGINT NOT NULL,
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (sequence, tenant, kind, name)
);

CREATE TABLE audit (
    sequence BIGINT NOT NULL,
    entry BIGINT NOT NULL,
    at BIGINT NOT NULL,
    tenant TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (sequence, entry)
);

CREATE TABLE tenant (
    name TEXT NOT NULL PRIMARY KEY,
    url TEXT,
    created BIGINT NOT NULL
);

CREATE TABLE tenant_host (
    host TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenant (name),
    position BIGINT NOT NULL
);

CREATE TABLE issuer (
    tenant TEXT NOT NULL REFERENCES tenant (name),
    name TEXT NOT NULL,
    dialect TEXT NOT NULL,
    alg TEXT NOT NULL,
    lifetime BIGINT NOT NULL,
    PRIMARY KEY (tenant, name),
    UNIQUE (tenant, dialect)
);

CREATE TABLE signing_key (
    tenant TEXT NOT NULL,
    issuer TEXT NOT NULL,
    kid TEXT NOT NULL,
    alg TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('next', 'active', 'retired', 'revoked')),
    created BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (tenant, issuer, kid),
    FOREIGN KEY (tenant, issuer) REFERENCES issuer (tenant, name)
);

CREATE TABLE network_zone (
    tenant TEXT NOT NULL REFERENCES tenant (name),
    name TEXT NOT NULL,
    cidrs TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
);

CREATE TABLE application (
    tenant TEXT NOT NULL REFERENCES tenant (name),
    id TEXT NOT NULL,
    name TEXT,
    status TEXT NOT NULL CHECK (status IN ('enabled', 'disabled')),
    built_in BIGINT NOT NULL DEFAULT 0,
    created BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- Client ids, audiences (and URLs that stand for one) and people's subjects of a tenant are distinct: all stand here.
CREATE TABLE identifier (
    tenant TEXT NOT NULL,
    value TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('client', 'audience', 'resource_url', 'subject')),
    application TEXT NOT NULL,
    PRIMARY KEY (tenant, value)
);

CREATE TABLE resource_server (
    tenant TEXT NOT NULL,
    audience TEXT NOT NULL,
    application TEXT NOT NULL,
    custom_subject BIGINT NOT NULL,
    resource_urls TEXT NOT NULL,
    PRIMARY KEY (tenant, audience),
    UNIQUE (tenant, application),
    FOREIGN KEY (tenant, application) REFERENCES application (tenant, id),
    FOREIGN KEY (tenant, audience) REFERENCES identifier (tenant, value)
);

CREATE TABLE permission (
    tenant TEXT NOT NULL,
    audience TEXT NOT NULL,
    id TEXT NOT NULL,
    folded TEXT NOT NULL,
    name TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('machine', 'user')),
    position BIGINT NOT NULL,
    PRIMARY KEY (tenant, audience, id),
    UNIQUE (tenant, audience, folded),
    FOREIGN KEY (tenant, audience) REFERENCES resource_server (tenant, audience)
);

CREATE TABLE client (
    tenant TEXT NOT NULL,
    client_id TEXT NOT NULL,
    application TEXT NOT NULL,
    position BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('enabled', 'disabled')),
    settings TEXT NOT NULL,
    PRIMARY KEY (tenant, client_id),
    FOREIGN KEY (tenant, application) REFERENCES application (tenant, id),
    FOREIGN KEY (tenant, client_id) REFERENCES identifier (tenant, value)
);
CREATE INDEX client_of_application ON client (tenant, application);

-- What a client's settings refer to by name: its network zones and its issuers.
CREATE TABLE client_reference (
    tenant TEXT NOT NULL,
    client_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('network_zone', 'issuer')),
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (tenant, client_id, kind, position),
    FOREIGN KEY (tenant, client_id) REFERENCES client (tenant, client_id)
);
CREATE INDEX client_reference_by_name ON client_reference (tenant, kind, name);

CREATE TABLE credential (
    tenant TEXT NOT NULL,
    client_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('secret')),
    status TEXT NOT NULL CHECK (status IN ('enabled', 'disabled')),
    not_before BIGINT,
    expires BIGINT,
    digest BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    created BIGINT NOT NULL,
    last_used BIGINT,
    PRIMARY KEY (tenant, client_id, id),
    UNIQUE (tenant, client_id, name),
    UNIQUE (tenant, client_id, digest),
    FOREIGN KEY (tenant, client_id) REFERENCES client (tenant, client_id)
);

-- One row a permission; the empty permission is the whole server.
CREATE TABLE client_authorization (
    tenant TEXT NOT NULL,
    client_id TEXT NOT NULL,
    audience TEXT NOT NULL,
    permission TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (tenant, client_id, audience, permission),
    FOREIGN KEY (tenant, client_id) REFERENCES client (tenant, client_id)
);
CREATE INDEX client_authorization_by_permission ON client_authorization (tenant, audience, permission);
