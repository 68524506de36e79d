//! Whether everything that is referred to is there: checked on the whole tenant before a write commits.

use super::{StoreError, Write};

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
                    CASE WHEN s.audience IS NULL THEN 1 ELSE 0 END \
             FROM client_authorization z \
             JOIN client c ON c.tenant = z.tenant AND c.client_id = z.client_id \
             LEFT JOIN resource_server s ON s.tenant = z.tenant AND s.audience = z.audience \
             LEFT JOIN permission p ON p.tenant = z.tenant AND p.audience = z.audience AND p.id = z.permission \
             WHERE z.tenant = $1 AND (s.audience IS NULL OR (z.permission <> '' AND p.id IS NULL)) \
             ORDER BY z.client_id, z.position LIMIT 1",
        )
        .bind(tenant)
        .fetch_optional(&mut *self.tx)
        .await?;
        if let Some((application, client_id, audience, permission, server_is_missing)) = authorization {
            let missing = match server_is_missing {
                0 => Missing::Permission(audience, permission),
                _ => Missing::Audience(audience),
            };
            return Ok(Some(Dangling { application, client_id, missing }));
        }
        self.dangling_reference(tenant).await
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
