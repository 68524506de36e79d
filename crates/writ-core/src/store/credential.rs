//! Credentials. Of a secret the database has its keyed digest and the value sealed, nothing else; of every other kind
//! what is public.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::{AnyConnection, Row};
use writ_oauth::secret::SecretDigest;

use super::column::{group, status, status_word, time};
use super::{Store, StoreError, TakenBack, Write, json, to_json};
use crate::document::{Credential, CredentialSettings, Proof, Secret, Status};

/// A credential as it is stored.
#[derive(Clone)]
pub struct StoredCredential {
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
    /// What it is; a secret without its value.
    pub proof: Proof,
    /// The keyed digest of a secret, else the SHA-256 of what tells it from others.
    pub digest: SecretDigest,
    /// Seconds since the epoch.
    pub created: i64,
    /// Seconds since the epoch, to the minute.
    pub last_used: Option<i64>,
}

impl StoredCredential {
    /// Whether it is a secret.
    pub const fn is_secret(&self) -> bool {
        matches!(self.proof, Proof::Secret(_))
    }
}

/// A credential to be stored.
pub struct NewCredential {
    /// What is known of it.
    pub credential: StoredCredential,
    /// A secret's value, sealed in the context of its client and id.
    pub sealed: Option<Vec<u8>>,
}

const SELECT_OF_CLIENT: &str = "SELECT client_id, id, name, status, not_before, expires, digest, created, last_used, \
            kind, document \
     FROM credential WHERE tenant = $1 AND client_id = $2 ORDER BY created, id";

impl Store {
    /// The credentials of a client, the oldest first.
    pub async fn credentials(&self, tenant: &str, client_id: &str) -> Result<Vec<StoredCredential>, StoreError> {
        of_client(&mut *self.pool.acquire().await?, tenant, client_id).await
    }

    /// The secrets of a client, the oldest first.
    pub async fn secrets(&self, tenant: &str, client_id: &str) -> Result<Vec<StoredCredential>, StoreError> {
        let mut secrets = self.credentials(tenant, client_id).await?;
        secrets.retain(StoredCredential::is_secret);
        Ok(secrets)
    }

    /// The sealed value of a secret.
    pub async fn sealed_secret(&self, tenant: &str, client_id: &str, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let sealed =
            "SELECT sealed FROM credential WHERE tenant = $1 AND client_id = $2 AND id = $3 AND kind = 'secret'";
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

/// The credentials of one client, the oldest first.
pub(super) async fn of_client(
    connection: &mut AnyConnection,
    tenant: &str,
    client_id: &str,
) -> Result<Vec<StoredCredential>, StoreError> {
    let rows = sqlx::query(SELECT_OF_CLIENT).bind(tenant).bind(client_id).fetch_all(&mut *connection).await?;
    rows.iter().map(|row| credential(row).map(|(_, credential)| credential)).collect()
}

/// The sealed secrets of one client, by their ids.
pub(super) async fn sealed_of_client(
    connection: &mut AnyConnection,
    tenant: &str,
    client_id: &str,
) -> Result<HashMap<String, Vec<u8>>, StoreError> {
    let rows = sqlx::query_as::<_, (String, Vec<u8>)>(
        "SELECT id, sealed FROM credential WHERE tenant = $1 AND client_id = $2 AND kind = 'secret'",
    );
    Ok(rows.bind(tenant).bind(client_id).fetch_all(&mut *connection).await?.into_iter().collect())
}

/// The credentials of a tenant's clients by client, or of one application's.
pub(super) async fn load(
    connection: &mut AnyConnection,
    tenant: &str,
    application: &str,
) -> Result<HashMap<String, Vec<StoredCredential>>, StoreError> {
    let rows = sqlx::query(
        "SELECT d.client_id, d.id, d.name, d.status, d.not_before, d.expires, d.digest, d.created, d.last_used, \
                d.kind, d.document \
         FROM credential d JOIN client c ON c.tenant = d.tenant AND c.client_id = d.client_id \
         WHERE d.tenant = $1 AND ($2 = '' OR c.application = $2) ORDER BY d.client_id, d.created, d.id",
    )
    .bind(tenant)
    .bind(application)
    .fetch_all(&mut *connection)
    .await?;
    Ok(group(rows.iter().map(credential).collect::<Result<Vec<_>, _>>()?))
}

fn credential(row: &sqlx::any::AnyRow) -> Result<(String, StoredCredential), StoreError> {
    let digest: Vec<u8> = row.try_get(6)?;
    let proof = match (row.try_get::<&str, _>(9)?, row.try_get::<Option<&str>, _>(10)?) {
        ("secret", None) => Proof::Secret(Secret { value: None }),
        (_, Some(document)) => json(document, "credential.document")?,
        (kind, None) => return Err(StoreError::Unreadable(format!("a credential of kind {kind} without a document"))),
    };
    let credential = StoredCredential {
        id: row.try_get(1)?,
        name: row.try_get(2)?,
        status: status(row.try_get(3)?)?,
        not_before: time(row.try_get(4)?)?,
        expires: time(row.try_get(5)?)?,
        proof,
        digest: SecretDigest::from_bytes(&digest).ok_or_else(|| StoreError::Unreadable("credential.digest".into()))?,
        created: row.try_get(7)?,
        last_used: row.try_get(8)?,
    };
    Ok((row.try_get(0)?, credential))
}

/// Credentials as documents print them: a named one by its name, another by its id, a secret without its value.
pub(super) fn documents(credentials: Vec<StoredCredential>) -> Vec<Credential> {
    let document = |stored: StoredCredential| Credential {
        settings: CredentialSettings {
            id: stored.name.is_none().then_some(stored.id),
            name: stored.name,
            status: stored.status,
            not_before: stored.not_before,
            expires: stored.expires,
        },
        proof: stored.proof,
    };
    credentials.into_iter().map(document).collect()
}

/// The column of what is public; a secret has nothing of the kind.
fn document_column(proof: &Proof) -> Result<Option<String>, StoreError> {
    match proof {
        Proof::Secret(_) => Ok(None),
        Proof::PublicKey(_) | Proof::Jwks(_) | Proof::Federated(_) | Proof::Certificate(_) => to_json(proof).map(Some),
    }
}

impl Write {
    /// The credentials of a client, as this transaction sees them.
    pub async fn credentials(&mut self, tenant: &str, client_id: &str) -> Result<Vec<StoredCredential>, StoreError> {
        of_client(&mut self.tx, tenant, client_id).await
    }

    /// Adds a credential to a client.
    pub async fn add_credential(
        &mut self,
        tenant: &str,
        client_id: &str,
        new: &NewCredential,
    ) -> Result<(), StoreError> {
        let NewCredential { credential, sealed } = new;
        sqlx::query(
            "INSERT INTO credential \
             (tenant, client_id, id, name, kind, status, not_before, expires, digest, sealed, document, provider, created) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(tenant)
        .bind(client_id)
        .bind(&*credential.id)
        .bind(credential.name.as_deref())
        .bind(credential.proof.kind())
        .bind(status_word(credential.status))
        .bind(credential.not_before.map(Timestamp::as_second))
        .bind(credential.expires.map(Timestamp::as_second))
        .bind(credential.digest.as_bytes())
        .bind(sealed.as_deref())
        .bind(document_column(&credential.proof)?)
        .bind(credential.proof.provider())
        .bind(credential.created)
        .execute(&mut *self.tx)
        .await?;
        self.changed(tenant, "client", client_id).await
    }

    /// Changes a credential's name, status and times, and what it is unless it is a secret.
    pub async fn update_credential(
        &mut self,
        tenant: &str,
        client_id: &str,
        credential: &StoredCredential,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE credential SET name = $4, status = $5, not_before = $6, expires = $7, digest = $8, document = $9, \
                    provider = $10 \
             WHERE tenant = $1 AND client_id = $2 AND id = $3",
        )
        .bind(tenant)
        .bind(client_id)
        .bind(&*credential.id)
        .bind(credential.name.as_deref())
        .bind(status_word(credential.status))
        .bind(credential.not_before.map(Timestamp::as_second))
        .bind(credential.expires.map(Timestamp::as_second))
        .bind(credential.digest.as_bytes())
        .bind(document_column(&credential.proof)?)
        .bind(credential.proof.provider())
        .execute(&mut *self.tx)
        .await?;
        if credential.status == Status::Disabled {
            self.take_back(tenant, TakenBack::Credential(client_id, &credential.id)).await?;
        }
        self.changed(tenant, "client", client_id).await
    }

    /// Removes a credential.
    pub async fn delete_credential(&mut self, tenant: &str, client_id: &str, id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM credential WHERE tenant = $1 AND client_id = $2 AND id = $3")
            .bind(tenant)
            .bind(client_id)
            .bind(id)
            .execute(&mut *self.tx)
            .await?;
        self.take_back(tenant, TakenBack::Credential(client_id, id)).await?;
        self.changed(tenant, "client", client_id).await
    }
}
