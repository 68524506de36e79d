//! The gateway's routes. Each is one column of JSON: nothing else refers to its parts.

use super::{Store, StoreError, Write, json, to_json};
use crate::document::Route;

const SELECT: &str = "SELECT tenant, document FROM route WHERE $1 = '' OR tenant = $1 ORDER BY tenant, name";

impl Store {
    /// The routes of a tenant, or with an empty name of all tenants, each with its tenant.
    pub async fn routes(&self, tenant: &str) -> Result<Vec<(String, Route)>, StoreError> {
        let rows = sqlx::query_as::<_, (String, String)>(SELECT).bind(tenant).fetch_all(&self.pool).await?;
        rows.into_iter().map(|(tenant, document)| Ok((tenant, json(&document, "route.document")?))).collect()
    }
}

impl Write {
    /// The routes of a tenant, as this transaction sees them.
    pub async fn routes(&mut self, tenant: &str) -> Result<Vec<Route>, StoreError> {
        let rows = sqlx::query_as::<_, (String, String)>(SELECT).bind(tenant).fetch_all(&mut *self.tx).await?;
        rows.into_iter().map(|(_, document)| json(&document, "route.document")).collect()
    }

    /// Makes or changes a route.
    pub async fn put_route(&mut self, tenant: &str, route: &Route) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO route (tenant, name, audience, document) VALUES ($1, $2, $3, $4) ON CONFLICT (tenant, name) \
             DO UPDATE SET audience = excluded.audience, document = excluded.document",
        )
        .bind(tenant)
        .bind(&*route.name)
        .bind(&*route.require.audience)
        .bind(to_json(route)?)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Removes a route.
    pub async fn delete_route(&mut self, tenant: &str, name: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM route WHERE tenant = $1 AND name = $2")
            .bind(tenant)
            .bind(name)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}
