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
