//! Issuers: the front doors of a tenant.

use sqlx::Row;
use writ_oauth::jose::Alg;

use super::{Store, StoreError, Write};
use crate::document::{self, Lifetime, RotationPeriod, Signing};

const SELECT: &str = "SELECT tenant, name, dialect, alg, lifetime, rotate_every FROM issuer \
     WHERE $1 = '' OR tenant = $1 ORDER BY tenant, name";

impl Store {
    /// The issuers of a tenant, or with an empty name of all tenants, each with its tenant.
    pub async fn issuers(&self, tenant: &str) -> Result<Vec<(String, document::Issuer)>, StoreError> {
        sqlx::query(SELECT).bind(tenant).fetch_all(&self.pool).await?.iter().map(issuer).collect()
    }
}

fn issuer(row: &sqlx::any::AnyRow) -> Result<(String, document::Issuer), StoreError> {
    let alg: String = row.try_get(3)?;
    let lifetime: i64 = row.try_get(4)?;
    let rotate_every = row.try_get::<Option<i64>, _>(5)?.map(|seconds| {
        let unreadable = || StoreError::Unreadable(format!("rotate_every {seconds}"));
        RotationPeriod::from_seconds(seconds).ok_or_else(unreadable)
    });
    let issuer = document::Issuer {
        name: row.try_get(1)?,
        dialect: row.try_get(2)?,
        signing: Signing {
            alg: Alg::from_name(&alg).ok_or_else(|| StoreError::Unreadable(format!("alg {alg}")))?,
            rotate_every: rotate_every.transpose()?,
        },
        token: document::IssuerToken {
            lifetime: Some(
                Lifetime::from_seconds(lifetime)
                    .ok_or_else(|| StoreError::Unreadable(format!("lifetime {lifetime}")))?,
            ),
        },
    };
    Ok((row.try_get(0)?, issuer))
}

impl Write {
    /// The issuers of a tenant, as this transaction sees them.
    pub async fn issuers(&mut self, tenant: &str) -> Result<Vec<document::Issuer>, StoreError> {
        let rows = sqlx::query(SELECT).bind(tenant).fetch_all(&mut *self.tx).await?;
        rows.iter().map(|row| issuer(row).map(|(_, issuer)| issuer)).collect()
    }

    /// Makes or changes an issuer.
    pub async fn put_issuer(&mut self, tenant: &str, issuer: &document::Issuer) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO issuer (tenant, name, dialect, alg, lifetime, rotate_every) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (tenant, name) DO UPDATE \
             SET alg = excluded.alg, lifetime = excluded.lifetime, rotate_every = excluded.rotate_every",
        )
        .bind(tenant)
        .bind(&*issuer.name)
        .bind(&*issuer.dialect)
        .bind(issuer.signing.alg.name())
        .bind(issuer.token.lifetime().seconds())
        .bind(issuer.signing.rotate_every.map(RotationPeriod::seconds))
        .execute(&mut *self.tx)
        .await?;
        self.raise_longest(tenant, &issuer.name, issuer.token.lifetime().seconds()).await
    }

    /// Removes an issuer and its keys.
    pub async fn delete_issuer(&mut self, tenant: &str, name: &str) -> Result<(), StoreError> {
        self.take_back_issuer(tenant, name).await?;
        for statement in [
            "DELETE FROM signing_key WHERE tenant = $1 AND issuer = $2",
            "DELETE FROM issuer WHERE tenant = $1 AND name = $2",
        ] {
            sqlx::query(statement).bind(tenant).bind(name).execute(&mut *self.tx).await?;
        }
        Ok(())
    }
}
