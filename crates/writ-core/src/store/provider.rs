//! Providers. Each is one column of JSON; the credentials that rest on it refer to its name.

use super::column::status_word;
use super::{Store, StoreError, Write, json, to_json};
use crate::document::Provider;

const SELECT: &str = "SELECT tenant, document FROM provider WHERE $1 = '' OR tenant = $1 ORDER BY tenant, name";

impl Store {
    /// The providers of a tenant, or with an empty name of all tenants, each with its tenant.
    pub async fn providers(&self, tenant: &str) -> Result<Vec<(String, Provider)>, StoreError> {
        let rows = sqlx::query_as::<_, (String, String)>(SELECT).bind(tenant).fetch_all(&self.pool).await?;
        rows.into_iter().map(|(tenant, document)| Ok((tenant, json(&document, "provider.document")?))).collect()
    }
}

impl Write {
    /// The providers of a tenant, as this transaction sees them.
    pub async fn providers(&mut self, tenant: &str) -> Result<Vec<Provider>, StoreError> {
        let rows = sqlx::query_as::<_, (String, String)>(SELECT).bind(tenant).fetch_all(&mut *self.tx).await?;
        rows.into_iter().map(|(_, document)| json(&document, "provider.document")).collect()
    }

    /// Makes or changes a provider.
    pub async fn put_provider(&mut self, tenant: &str, provider: &Provider) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO provider (tenant, name, type, status, document, created) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (tenant, name) DO UPDATE SET status = excluded.status, document = excluded.document",
        )
        .bind(tenant)
        .bind(&*provider.settings.name)
        .bind(provider.trust.name())
        .bind(status_word(provider.settings.status))
        .bind(to_json(provider)?)
        .bind(self.now())
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Removes a provider that no credential rests on.
    pub async fn delete_provider(&mut self, tenant: &str, name: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM provider WHERE tenant = $1 AND name = $2")
            .bind(tenant)
            .bind(name)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// A credential that rests on a provider, if there is one: its client, and its name or else its id.
    pub async fn user_of_provider(&mut self, tenant: &str, name: &str) -> Result<Option<(String, String)>, StoreError> {
        let user = sqlx::query_as::<_, (String, String)>(
            "SELECT client_id, COALESCE(name, id) FROM credential WHERE tenant = $1 AND provider = $2 \
             ORDER BY client_id, id LIMIT 1",
        );
        Ok(user.bind(tenant).bind(name).fetch_optional(&mut *self.tx).await?)
    }

    /// Tells followers that the clients with a credential that rests on a provider are no longer as they were.
    pub async fn changed_provider(&mut self, tenant: &str, name: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO change (sequence, tenant, kind, name) \
             SELECT DISTINCT CAST($3 AS BIGINT), tenant, 'client', client_id FROM credential \
             WHERE tenant = $1 AND provider = $2 ON CONFLICT DO NOTHING",
        )
        .bind(tenant)
        .bind(name)
        .bind(self.sequence())
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Cuts off what was decided before this write on the strength of every credential that rests on a provider.
    pub async fn cut_off_provider(&mut self, tenant: &str, name: &str, forget_at: i64) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO cutoff (tenant, client_id, audience, credential, sequence, forget_at) \
             SELECT tenant, client_id, '', id, CAST($3 AS BIGINT), CAST($4 AS BIGINT) \
             FROM credential WHERE tenant = $1 AND provider = $2 \
             ON CONFLICT (tenant, client_id, audience, credential) \
             DO UPDATE SET sequence = excluded.sequence, forget_at = excluded.forget_at",
        )
        .bind(tenant)
        .bind(name)
        .bind(self.sequence())
        .bind(forget_at)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}
