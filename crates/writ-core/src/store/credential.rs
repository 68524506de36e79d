//! Credentials. Of a secret the database has its keyed digest and the value sealed, nothing else.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::{AnyConnection, Row};
use writ_oauth::secret::SecretDigest;

use super::application::{group, status, status_word};
use super::{Store, StoreError, Write};
use crate::document::{Credential, Secret, Status};

/// A client secret as it is stored.
#[derive(Clone)]
pub struct StoredSecret {
    /// Its id within the client.
    pub id: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Whether it may be used.
    pub status: Status,
    /// Refused before this time.
    pub not_before: Option<Timestamp>,
    /// Refused from this time on.
    pub expires: Option<Timestamp>,
    /// The keyed digest.
    pub digest: SecretDigest,
    /// Seconds since the epoch.
    pub created: i64,
    /// Seconds since the epoch, to the minute.
    pub last_used: Option<i64>,
}

/// A client secret to be stored.
pub struct NewSecret {
    /// What is known of it.
    pub secret: StoredSecret,
    /// The value, sealed in the context of its client and id.
    pub sealed: Vec<u8>,
}

const SELECT_OF_CLIENT: &str = "SELECT client_id, id, name, status, not_before, expires, digest, created, last_used \
     FROM credential WHERE tenant = $1 AND client_id = $2 ORDER BY created, id";

impl Store {
    /// The secrets of a client, the oldest first.
    pub async fn secrets(&self, tenant: &str, client_id: &str) -> Result<Vec<StoredSecret>, StoreError> {
        of_client(&mut *self.pool.acquire().await?, tenant, client_id).await
    }

    /// The sealed value of a secret.
    pub async fn sealed_secret(&self, tenant: &str, client_id: &str, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let sealed = "SELECT sealed FROM credential WHERE tenant = $1 AND client_id = $2 AND id = $3";
        Ok(sqlx::query_scalar(sealed).bind(tenant).bind(client_id).bind(id).fetch_optional(&self.pool).await?)
    }

    /// Notes when credentials were last used: (tenant, client id, credential id, seconds since the epoch).
    pub async fn note_use(&self, used: &[(String, String, String, i64)]) -> Result<(), StoreError> {
        let _writer = self.writer.lock().await;
        let mut tx = self.engine().begin(&self.pool).await?;
        for (tenant, client_id, id, at) in used {
            sqlx::query("UPDATE credential SET last_used = $4 WHERE tenant = $1 AND client_id = $2 AND id = $3")
                .bind(&**tenant)
                .bind(&**client_id)
                .bind(&**id)
                .bind(*at)
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }
}

/// The secrets of one client, the oldest first.
pub(super) async fn of_client(
    connection: &mut AnyConnection,
    tenant: &str,
    client_id: &str,
) -> Result<Vec<StoredSecret>, StoreError> {
    let rows = sqlx::query(SELECT_OF_CLIENT).bind(tenant).bind(client_id).fetch_all(&mut *connection).await?;
    rows.iter().map(|row| secret(row).map(|(_, secret)| secret)).collect()
}

/// The secrets of a tenant's clients by client, or of one application's.
pub(super) async fn load(
    connection: &mut AnyConnection,
    tenant: &str,
    application: &str,
) -> Result<HashMap<String, Vec<StoredSecret>>, StoreError> {
    let rows = sqlx::query(
        "SELECT d.client_id, d.id, d.name, d.status, d.not_before, d.expires, d.digest, d.created, d.last_used \
         FROM credential d JOIN client c ON c.tenant = d.tenant AND c.client_id = d.client_id \
         WHERE d.tenant = $1 AND ($2 = '' OR c.application = $2) ORDER BY d.client_id, d.created, d.id",
    )
    .bind(tenant)
    .bind(application)
    .fetch_all(&mut *connection)
    .await?;
    Ok(group(rows.iter().map(secret).collect::<Result<Vec<_>, _>>()?))
}

fn secret(row: &sqlx::any::AnyRow) -> Result<(String, StoredSecret), StoreError> {
    let digest: Vec<u8> = row.try_get(6)?;
    let secret = StoredSecret {
        id: row.try_get(1)?,
        name: row.try_get(2)?,
        status: status(row.try_get(3)?)?,
        not_before: time(row.try_get(4)?)?,
        expires: time(row.try_get(5)?)?,
        digest: SecretDigest::from_bytes(&digest).ok_or_else(|| StoreError::Unreadable("credential.digest".into()))?,
        created: row.try_get(7)?,
        last_used: row.try_get(8)?,
    };
    Ok((row.try_get(0)?, secret))
}

fn time(seconds: Option<i64>) -> Result<Option<Timestamp>, StoreError> {
    seconds.map(Timestamp::from_second).transpose().map_err(|error| StoreError::Unreadable(error.to_string()))
}

/// Secrets as documents print them: a named one by its name, another by its id, none with its value.
pub(super) fn documents(secrets: Vec<StoredSecret>) -> Vec<Credential> {
    let document = |secret: StoredSecret| {
        Credential::Secret(Secret {
            id: secret.name.is_none().then_some(secret.id),
            name: secret.name,
            status: secret.status,
            not_before: secret.not_before,
            expires: secret.expires,
            value: None,
        })
    };
    secrets.into_iter().map(document).collect()
}

impl Write {
    /// The secrets of a client, as this transaction sees them.
    pub async fn secrets(&mut self, tenant: &str, client_id: &str) -> Result<Vec<StoredSecret>, StoreError> {
        of_client(&mut self.tx, tenant, client_id).await
    }

    /// Adds a secret to a client.
    pub async fn add_secret(&mut self, tenant: &str, client_id: &str, new: &NewSecret) -> Result<(), StoreError> {
        let NewSecret { secret, sealed } = new;
        sqlx::query(
            "INSERT INTO credential \
             (tenant, client_id, id, name, kind, status, not_before, expires, digest, sealed, created) \
             VALUES ($1, $2, $3, $4, 'secret', $5, $6, $7, $8, $9, $10)",
        )
        .bind(tenant)
        .bind(client_id)
        .bind(&*secret.id)
        .bind(secret.name.as_deref())
        .bind(status_word(secret.status))
        .bind(secret.not_before.map(Timestamp::as_second))
        .bind(secret.expires.map(Timestamp::as_second))
        .bind(secret.digest.as_bytes())
        .bind(&**sealed)
        .bind(secret.created)
        .execute(&mut *self.tx)
        .await?;
        self.changed(tenant, "client", client_id).await
    }

    /// Changes a secret's name, status and times.
    pub async fn update_secret(
        &mut self,
        tenant: &str,
        client_id: &str,
        secret: &StoredSecret,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE credential SET name = $4, status = $5, not_before = $6, expires = $7 \
             WHERE tenant = $1 AND client_id = $2 AND id = $3",
        )
        .bind(tenant)
        .bind(client_id)
        .bind(&*secret.id)
        .bind(secret.name.as_deref())
        .bind(status_word(secret.status))
        .bind(secret.not_before.map(Timestamp::as_second))
        .bind(secret.expires.map(Timestamp::as_second))
        .execute(&mut *self.tx)
        .await?;
        self.changed(tenant, "client", client_id).await
    }

    /// Removes a secret.
    pub async fn delete_secret(&mut self, tenant: &str, client_id: &str, id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM credential WHERE tenant = $1 AND client_id = $2 AND id = $3")
            .bind(tenant)
            .bind(client_id)
            .bind(id)
            .execute(&mut *self.tx)
            .await?;
        self.changed(tenant, "client", client_id).await
    }
}
