//! Applications as whole documents: their resource server, their clients and what those are given.

use sqlx::{AnyConnection, Row};

use super::column::{status, status_word};
use super::{Store, StoreError, Write, client, credential, resource_server};
use crate::document::Application;

/// An application as it is stored.
#[derive(Clone)]
pub struct StoredApplication {
    /// Its document; secrets without their values.
    pub document: Application,
    /// Made by Writ itself: neither pruned nor deleted.
    pub built_in: bool,
}

impl Store {
    /// The applications of a tenant, or the one with this id.
    pub async fn applications(&self, tenant: &str, id: Option<&str>) -> Result<Vec<StoredApplication>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        load(&mut *self.engine().begin_reading(&mut connection).await?, tenant, id).await
    }
}

/// Loads applications with all that belongs to them; a handful of statements however many there are.
async fn load(
    connection: &mut AnyConnection,
    tenant: &str,
    id: Option<&str>,
) -> Result<Vec<StoredApplication>, StoreError> {
    let only = id.unwrap_or_default();
    let rows = sqlx::query(
        "SELECT id, name, status, built_in FROM application \
         WHERE tenant = $1 AND ($2 = '' OR id = $2) ORDER BY id",
    )
    .bind(tenant)
    .bind(only)
    .fetch_all(&mut *connection)
    .await?;
    let mut servers = resource_server::load(connection, tenant, only).await?;
    let mut clients = client::load(connection, tenant, only).await?;
    let mut credentials = credential::load(connection, tenant, only).await?;
    rows.iter()
        .map(|row| {
            let id: String = row.try_get(0)?;
            let mut clients = clients.remove(&id).unwrap_or_default();
            for client in &mut clients {
                let client_id = client.client_id.as_deref().unwrap_or(&id);
                client.credentials = credentials.remove(client_id).map(credential::documents);
                if client.client_id.as_deref() == Some(&*id) {
                    client.client_id = None;
                }
            }
            let document = Application {
                name: row.try_get(1)?,
                status: status(row.try_get(2)?)?,
                resource_server: servers.remove(&id),
                clients,
                id,
            };
            Ok(StoredApplication { document, built_in: row.try_get::<i64, _>(3)? != 0 })
        })
        .collect()
}

/// Who has an identifier already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentifierOwner {
    /// `client`, `audience` or `subject`.
    pub kind: String,
    /// Of which application.
    pub application: String,
}

impl Write {
    /// The applications of a tenant, or the one with this id, as this transaction sees them.
    pub async fn applications(&mut self, tenant: &str, id: Option<&str>) -> Result<Vec<StoredApplication>, StoreError> {
        load(&mut self.tx, tenant, id).await
    }

    /// Whether an application was made by Writ itself; `None`: there is no such application.
    pub async fn is_built_in(&mut self, tenant: &str, id: &str) -> Result<Option<bool>, StoreError> {
        let built_in = "SELECT built_in FROM application WHERE tenant = $1 AND id = $2";
        let built_in = sqlx::query_scalar::<_, i64>(built_in).bind(tenant).bind(id).fetch_optional(&mut *self.tx);
        Ok(built_in.await?.map(|built_in| built_in != 0))
    }

    /// Makes or changes an application, without what belongs to it.
    pub async fn put_application(
        &mut self,
        tenant: &str,
        application: &Application,
        built_in: bool,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO application (tenant, id, name, status, built_in, created) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (tenant, id) DO UPDATE SET name = excluded.name, status = excluded.status",
        )
        .bind(tenant)
        .bind(&*application.id)
        .bind(application.name.as_deref())
        .bind(status_word(application.status))
        .bind(i64::from(built_in))
        .bind(self.now())
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Removes an application that has no clients and no resource server any more.
    pub async fn delete_application(&mut self, tenant: &str, id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM application WHERE tenant = $1 AND id = $2")
            .bind(tenant)
            .bind(id)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Takes an identifier (a client id or an audience) for an application; answers who has it if that is another.
    pub async fn claim_identifier(
        &mut self,
        tenant: &str,
        value: &str,
        owner: &IdentifierOwner,
    ) -> Result<Option<IdentifierOwner>, StoreError> {
        sqlx::query(
            "INSERT INTO identifier (tenant, value, kind, application) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (tenant, value) DO NOTHING",
        )
        .bind(tenant)
        .bind(value)
        .bind(&*owner.kind)
        .bind(&*owner.application)
        .execute(&mut *self.tx)
        .await?;
        let row = sqlx::query("SELECT kind, application FROM identifier WHERE tenant = $1 AND value = $2")
            .bind(tenant)
            .bind(value)
            .fetch_one(&mut *self.tx)
            .await?;
        let has = IdentifierOwner { kind: row.try_get(0)?, application: row.try_get(1)? };
        Ok((has != *owner).then_some(has))
    }

    pub(crate) async fn free_identifier(&mut self, tenant: &str, value: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM identifier WHERE tenant = $1 AND value = $2")
            .bind(tenant)
            .bind(value)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}
