-- The resources of a resource server of the model `resource`; a server with rows here is of that model.
CREATE TABLE resource (
    tenant TEXT NOT NULL,
    audience TEXT NOT NULL,
    code TEXT NOT NULL CHECK (code <> ''),
    name TEXT,
    type TEXT CHECK (type IN ('data', 'api', 'menu', 'ui', 'button')),
    position BIGINT NOT NULL,
    PRIMARY KEY (tenant, audience, code),
    FOREIGN KEY (tenant, audience) REFERENCES resource_server (tenant, audience)
);

CREATE TABLE resource_action (
    tenant TEXT NOT NULL,
    audience TEXT NOT NULL,
    code TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action <> ''),
    position BIGINT NOT NULL,
    PRIMARY KEY (tenant, audience, code, action),
    FOREIGN KEY (tenant, audience, code) REFERENCES resource (tenant, audience, code)
);

-- What a client may do with which resources, or may not. An empty code is every resource, an empty instance every
-- instance. Times are seconds since the epoch.
CREATE TABLE authorization_rule (
    tenant TEXT NOT NULL,
    client_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    audience TEXT NOT NULL,
    code TEXT NOT NULL,
    instance TEXT NOT NULL,
    effect TEXT NOT NULL CHECK (effect IN ('allow', 'deny')),
    not_before BIGINT,
    expires BIGINT,
    networks TEXT NOT NULL,
    PRIMARY KEY (tenant, client_id, position),
    FOREIGN KEY (tenant, client_id) REFERENCES client (tenant, client_id)
);
CREATE INDEX authorization_rule_by_resource ON authorization_rule (tenant, audience, code);

-- The actions of a rule; the empty action is all of them, now and later. A rule without a row here means nothing.
CREATE TABLE authorization_rule_action (
    tenant TEXT NOT NULL,
    client_id TEXT NOT NULL,
    rule BIGINT NOT NULL,
    action TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (tenant, client_id, rule, action),
    FOREIGN KEY (tenant, client_id, rule) REFERENCES authorization_rule (tenant, client_id, position)
);
