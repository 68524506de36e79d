//! Signing keys, sealed.

use sqlx::Row;
use writ_oauth::jose::Alg;

use super::{Store, StoreError, TakenBack, Write};

/// A key's place in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
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
    /// Since when it is in this state, in seconds since the epoch.
    pub changed: i64,
    /// The longest lifetime, in seconds, that a token it signed can have.
    pub longest: i64,
    /// When the last token it signed has expired, in seconds since the epoch; absent as long as it may sign.
    pub forget_at: Option<i64>,
    /// PKCS#8, sealed.
    pub sealed: Vec<u8>,
}

const SELECT: &str = "SELECT tenant, issuer, kid, alg, state, created, changed, longest, forget_at, sealed \
     FROM signing_key WHERE ($1 = '' OR tenant = $1) AND ($2 = '' OR issuer = $2) \
     ORDER BY tenant, issuer, created DESC, kid";

impl Store {
    /// Every key of every issuer, the newest first.
    pub async fn signing_keys(&self) -> Result<Vec<StoredKey>, StoreError> {
        self.signing_keys_of("", "").await
    }

    /// The keys of an issuer, the newest first; with empty names of all issuers, of all tenants.
    pub async fn signing_keys_of(&self, tenant: &str, issuer: &str) -> Result<Vec<StoredKey>, StoreError> {
        sqlx::query(SELECT).bind(tenant).bind(issuer).fetch_all(&self.pool).await?.iter().map(key).collect()
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
        changed: row.try_get(6)?,
        longest: row.try_get(7)?,
        forget_at: row.try_get(8)?,
        sealed: row.try_get(9)?,
    })
}

impl Write {
    /// The keys of an issuer, the newest first, as this transaction sees them.
    pub async fn signing_keys(&mut self, tenant: &str, issuer: &str) -> Result<Vec<StoredKey>, StoreError> {
        sqlx::query(SELECT).bind(tenant).bind(issuer).fetch_all(&mut *self.tx).await?.iter().map(key).collect()
    }

    /// Adds a key. Two that are next, or two that are active, are a [`StoreError::Duplicate`].
    pub async fn add_signing_key(&mut self, key: &StoredKey) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO signing_key (tenant, issuer, kid, alg, state, created, changed, longest, forget_at, sealed) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(&*key.tenant)
        .bind(&*key.issuer)
        .bind(&*key.kid)
        .bind(key.alg.name())
        .bind(key.state.name())
        .bind(key.created)
        .bind(key.changed)
        .bind(key.longest)
        .bind(key.forget_at)
        .bind(&*key.sealed)
        .execute(&mut *self.tx)
        .await?;
        self.changed(&key.tenant, "signing_key", &key.issuer).await
    }

    /// Stores where a key is in its life.
    pub async fn update_signing_key(&mut self, key: &StoredKey) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE signing_key SET state = $4, changed = $5, longest = $6, forget_at = $7 \
             WHERE tenant = $1 AND issuer = $2 AND kid = $3",
        )
        .bind(&*key.tenant)
        .bind(&*key.issuer)
        .bind(&*key.kid)
        .bind(key.state.name())
        .bind(key.changed)
        .bind(key.longest)
        .bind(key.forget_at)
        .execute(&mut *self.tx)
        .await?;
        if let (KeyState::Revoked, Some(forget_at)) = (key.state, key.forget_at) {
            self.take_back(&key.tenant, TakenBack::SigningKey(&key.kid, forget_at)).await?;
        }
        self.changed(&key.tenant, "signing_key", &key.issuer).await
    }

    /// Notes that active keys may sign tokens of this lifetime, in seconds; with an empty issuer those of all.
    pub(super) async fn raise_longest(&mut self, tenant: &str, issuer: &str, lifetime: i64) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE signing_key SET longest = $3 WHERE tenant = $1 AND ($2 = '' OR issuer = $2) \
             AND state = 'active' AND longest < $3",
        )
        .bind(tenant)
        .bind(issuer)
        .bind(lifetime)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Removes a key.
    pub async fn delete_signing_key(&mut self, key: &StoredKey) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM signing_key WHERE tenant = $1 AND issuer = $2 AND kid = $3")
            .bind(&*key.tenant)
            .bind(&*key.issuer)
            .bind(&*key.kid)
            .execute(&mut *self.tx)
            .await?;
        self.changed(&key.tenant, "signing_key", &key.issuer).await
    }
}
