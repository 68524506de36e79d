//! Signing keys, sealed.

use sqlx::Row;
use writ_oauth::jose::Alg;

use super::{Store, StoreError, Write};

/// A key's place in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Published, not used yet.
    Next,
    /// Signs.
    Active,
    /// Published until the last token it signed has expired.
    Retired,
    /// Neither published nor trusted.
    Revoked,
}

impl KeyState {
    const ALL: [Self; 4] = [Self::Next, Self::Active, Self::Retired, Self::Revoked];

    /// The word in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Revoked => "revoked",
        }
    }
}

/// A signing key as it is stored. The private part is sealed.
pub struct StoredKey {
    /// Whose.
    pub tenant: String,
    /// Of which issuer.
    pub issuer: String,
    /// Its RFC 7638 thumbprint.
    pub kid: String,
    /// What it signs.
    pub alg: Alg,
    /// Its place in its life.
    pub state: KeyState,
    /// Seconds since the epoch.
    pub created: i64,
    /// PKCS#8, sealed.
    pub sealed: Vec<u8>,
}

impl Store {
    /// Every key of every issuer, the newest first.
    pub async fn signing_keys(&self) -> Result<Vec<StoredKey>, StoreError> {
        let rows = sqlx::query(
            "SELECT tenant, issuer, kid, alg, state, created, sealed FROM signing_key \
             ORDER BY tenant, issuer, created DESC, kid",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(key).collect()
    }
}

fn key(row: &sqlx::any::AnyRow) -> Result<StoredKey, StoreError> {
    let alg: String = row.try_get(3)?;
    let state: String = row.try_get(4)?;
    Ok(StoredKey {
        tenant: row.try_get(0)?,
        issuer: row.try_get(1)?,
        kid: row.try_get(2)?,
        alg: Alg::from_name(&alg).ok_or(StoreError::Unreadable(alg))?,
        state: KeyState::ALL.into_iter().find(|known| known.name() == state).ok_or(StoreError::Unreadable(state))?,
        created: row.try_get(5)?,
        sealed: row.try_get(6)?,
    })
}

impl Write {
    /// Adds a key.
    pub async fn add_signing_key(&mut self, key: &StoredKey) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO signing_key (tenant, issuer, kid, alg, state, created, sealed) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&*key.tenant)
        .bind(&*key.issuer)
        .bind(&*key.kid)
        .bind(key.alg.name())
        .bind(key.state.name())
        .bind(key.created)
        .bind(&*key.sealed)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Retires the active key of an issuer, so that another can take its place.
    pub async fn retire_active_key(&mut self, tenant: &str, issuer: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE signing_key SET state = 'retired' WHERE tenant = $1 AND issuer = $2 AND state = 'active'")
            .bind(tenant)
            .bind(issuer)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}
