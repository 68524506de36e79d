//! Network zones.

use sqlx::Row;

use super::{Store, StoreError, Write, json, to_json};
use crate::document::NetworkZone;

const SELECT: &str = "SELECT tenant, name, cidrs FROM network_zone WHERE $1 = '' OR tenant = $1 ORDER BY tenant, name";

impl Store {
    /// The zones of a tenant, or with an empty name of all tenants, each with its tenant.
    pub async fn network_zones(&self, tenant: &str) -> Result<Vec<(String, NetworkZone)>, StoreError> {
        sqlx::query(SELECT).bind(tenant).fetch_all(&self.pool).await?.iter().map(zone).collect()
    }
}

fn zone(row: &sqlx::any::AnyRow) -> Result<(String, NetworkZone), StoreError> {
    let cidrs = json(row.try_get(2)?, "network_zone.cidrs")?;
    Ok((row.try_get(0)?, NetworkZone { name: row.try_get(1)?, cidrs }))
}

impl Write {
    /// The zones of a tenant, as this transaction sees them.
    pub async fn network_zones(&mut self, tenant: &str) -> Result<Vec<NetworkZone>, StoreError> {
        let rows = sqlx::query(SELECT).bind(tenant).fetch_all(&mut *self.tx).await?;
        rows.iter().map(|row| zone(row).map(|(_, zone)| zone)).collect()
    }

    /// Makes or changes a zone.
    pub async fn put_network_zone(&mut self, tenant: &str, zone: &NetworkZone) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO network_zone (tenant, name, cidrs) VALUES ($1, $2, $3) \
             ON CONFLICT (tenant, name) DO UPDATE SET cidrs = excluded.cidrs",
        )
        .bind(tenant)
        .bind(&*zone.name)
        .bind(to_json(&zone.cidrs)?)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Removes a zone.
    pub async fn delete_network_zone(&mut self, tenant: &str, name: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM network_zone WHERE tenant = $1 AND name = $2")
            .bind(tenant)
            .bind(name)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}
