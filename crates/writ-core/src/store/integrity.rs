//! Whether everything that is referred to is there: checked on the whole tenant before a write commits.

use super::{StoreError, Write};
use crate::document::PermissionModel;

/// A client that refers to something that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dangling {
    /// The client's application.
    pub application: String,
    /// The client.
    pub client_id: String,
    /// What is missing.
    pub missing: Missing,
}

/// What is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A resource server, by its audience.
    Audience(String),
    /// A permission of a resource server.
    Permission(String, String),
    /// A resource of a resource server.
    Resource(String, String),
    /// An action of a resource of a resource server.
    Action(String, String, String),
    /// A resource server, by its audience, on which permissions are given in this model.
    Model(String, PermissionModel),
    /// A network zone.
    NetworkZone(String),
    /// An issuer.
    Issuer(String),
}

impl Write {
    /// The first dangling reference of a tenant, if there is one.
    pub async fn dangling(&mut self, tenant: &str) -> Result<Option<Dangling>, StoreError> {
        let authorization = sqlx::query_as::<_, (String, String, String, String, i64)>(
            "SELECT c.application, z.client_id, z.audience, z.permission, \
                    CASE WHEN s.audience IS NULL THEN 1 WHEN m.audience IS NOT NULL THEN 2 ELSE 0 END \
             FROM client_authorization z \
             JOIN client c ON c.tenant = z.tenant AND c.client_id = z.client_id \
             LEFT JOIN resource_server s ON s.tenant = z.tenant AND s.audience = z.audience \
             LEFT JOIN permission p ON p.tenant = z.tenant AND p.audience = z.audience AND p.id = z.permission \
             LEFT JOIN resource m ON m.tenant = z.tenant AND m.audience = z.audience AND m.position = 0 \
             WHERE z.tenant = $1 \
               AND (s.audience IS NULL OR m.audience IS NOT NULL OR (z.permission <> '' AND p.id IS NULL)) \
             ORDER BY z.client_id, z.position LIMIT 1",
        )
        .bind(tenant)
        .fetch_optional(&mut *self.tx)
        .await?;
        if let Some((application, client_id, audience, permission, what)) = authorization {
            let missing = match what {
                0 => Missing::Permission(audience, permission),
                1 => Missing::Audience(audience),
                _ => Missing::Model(audience, PermissionModel::Named),
            };
            return Ok(Some(Dangling { application, client_id, missing }));
        }
        match self.dangling_rule(tenant).await? {
            Some(dangling) => Ok(Some(dangling)),
            None => self.dangling_reference(tenant).await,
        }
    }

    /// The first rule about something that its resource server does not have.
    async fn dangling_rule(&mut self, tenant: &str) -> Result<Option<Dangling>, StoreError> {
        let rule = sqlx::query_as::<_, (String, String, String, String, String, i64)>(
            "SELECT c.application, z.client_id, z.audience, z.code, x.action, \
                    CASE WHEN s.audience IS NULL THEN 1 WHEN m.audience IS NULL THEN 2 WHEN r.code IS NULL THEN 3 \
                         ELSE 0 END \
             FROM authorization_rule z \
             JOIN client c ON c.tenant = z.tenant AND c.client_id = z.client_id \
             JOIN authorization_rule_action x \
               ON x.tenant = z.tenant AND x.client_id = z.client_id AND x.rule = z.position \
             LEFT JOIN resource_server s ON s.tenant = z.tenant AND s.audience = z.audience \
             LEFT JOIN resource m ON m.tenant = z.tenant AND m.audience = z.audience AND m.position = 0 \
             LEFT JOIN resource r ON r.tenant = z.tenant AND r.audience = z.audience AND r.code = z.code \
             LEFT JOIN resource_action a \
               ON a.tenant = z.tenant AND a.audience = z.audience AND a.code = z.code AND a.action = x.action \
             WHERE z.tenant = $1 \
               AND (m.audience IS NULL OR (z.code <> '' AND r.code IS NULL) OR (x.action <> '' AND a.action IS NULL)) \
             ORDER BY z.client_id, z.position, x.position LIMIT 1",
        );
        let rule = rule.bind(tenant).fetch_optional(&mut *self.tx).await?;
        Ok(rule.map(|(application, client_id, audience, code, action, what)| {
            let missing = match what {
                1 => Missing::Audience(audience),
                2 => Missing::Model(audience, PermissionModel::Resource),
                3 => Missing::Resource(audience, code),
                _ => Missing::Action(audience, code, action),
            };
            Dangling { application, client_id, missing }
        }))
    }

    async fn dangling_reference(&mut self, tenant: &str) -> Result<Option<Dangling>, StoreError> {
        let reference = sqlx::query_as::<_, (String, String, String, String)>(
            "SELECT c.application, r.client_id, r.kind, r.name FROM client_reference r \
             JOIN client c ON c.tenant = r.tenant AND c.client_id = r.client_id \
             LEFT JOIN network_zone n ON r.kind = 'network_zone' AND n.tenant = r.tenant AND n.name = r.name \
             LEFT JOIN issuer i ON r.kind = 'issuer' AND i.tenant = r.tenant AND i.name = r.name \
             WHERE r.tenant = $1 AND n.name IS NULL AND i.name IS NULL \
             ORDER BY r.client_id, r.kind, r.position LIMIT 1",
        )
        .bind(tenant)
        .fetch_optional(&mut *self.tx)
        .await?;
        Ok(reference.map(|(application, client_id, kind, name)| Dangling {
            application,
            client_id,
            missing: if kind == "issuer" { Missing::Issuer(name) } else { Missing::NetworkZone(name) },
        }))
    }

    /// The first route of a tenant whose resource server is not there, with the audience it asks for.
    pub async fn route_without_server(&mut self, tenant: &str) -> Result<Option<(String, String)>, StoreError> {
        let route = sqlx::query_as::<_, (String, String)>(
            "SELECT r.name, r.audience FROM route r \
             LEFT JOIN resource_server s ON s.tenant = r.tenant AND s.audience = r.audience \
             WHERE r.tenant = $1 AND s.audience IS NULL ORDER BY r.name LIMIT 1",
        );
        Ok(route.bind(tenant).fetch_optional(&mut *self.tx).await?)
    }
}
