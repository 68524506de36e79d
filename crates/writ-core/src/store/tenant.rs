//! Tenants and the hosts that choose them.

use sqlx::{AnyConnection, Row};

use super::{Store, StoreError, Write};
use crate::document;

impl Store {
    /// Every tenant.
    pub async fn tenants(&self) -> Result<Vec<document::Tenant>, StoreError> {
        tenants(&mut *self.pool.acquire().await?).await
    }
}

async fn tenants(connection: &mut AnyConnection) -> Result<Vec<document::Tenant>, StoreError> {
    let rows = sqlx::query("SELECT name, url FROM tenant ORDER BY name").fetch_all(&mut *connection).await?;
    let hosts = "SELECT tenant, host FROM tenant_host ORDER BY tenant, position";
    let hosts = sqlx::query_as::<_, (String, String)>(hosts).fetch_all(&mut *connection).await?;
    rows.iter()
        .map(|row| {
            let name: String = row.try_get(0)?;
            let hosts = hosts.iter().filter(|(tenant, _)| *tenant == name).map(|(_, host)| host.clone()).collect();
            Ok(document::Tenant { url: row.try_get(1)?, hosts, name })
        })
        .collect()
}

impl Write {
    /// Every tenant, as this transaction sees them.
    pub async fn tenants(&mut self) -> Result<Vec<document::Tenant>, StoreError> {
        tenants(&mut self.tx).await
    }

    /// Makes or changes a tenant.
    pub async fn put_tenant(&mut self, tenant: &document::Tenant) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO tenant (name, url, created) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET url = excluded.url",
        )
        .bind(&*tenant.name)
        .bind(tenant.url.as_deref())
        .bind(self.now())
        .execute(&mut *self.tx)
        .await?;
        self.free_hosts(&tenant.name).await?;
        for (position, host) in (0_i64..).zip(&tenant.hosts) {
            sqlx::query("INSERT INTO tenant_host (host, tenant, position) VALUES ($1, $2, $3)")
                .bind(&**host)
                .bind(&*tenant.name)
                .bind(position)
                .execute(&mut *self.tx)
                .await?;
        }
        Ok(())
    }

    /// Frees the hosts of a tenant, for others to take.
    pub async fn free_hosts(&mut self, tenant: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM tenant_host WHERE tenant = $1").bind(tenant).execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Removes a tenant that has nothing left but its front doors.
    pub async fn delete_tenant(&mut self, name: &str) -> Result<(), StoreError> {
        for statement in [
            "DELETE FROM signing_key WHERE tenant = $1",
            "DELETE FROM issuer WHERE tenant = $1",
            "DELETE FROM network_zone WHERE tenant = $1",
            "DELETE FROM route WHERE tenant = $1",
            "DELETE FROM provider WHERE tenant = $1",
            "DELETE FROM revocation WHERE tenant = $1",
            "DELETE FROM tenant_host WHERE tenant = $1",
            "DELETE FROM tenant WHERE name = $1",
        ] {
            sqlx::query(statement).bind(name).execute(&mut *self.tx).await?;
        }
        Ok(())
    }
}
