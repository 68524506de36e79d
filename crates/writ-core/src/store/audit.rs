//! The audit trail, read.

use sqlx::Row;

use super::{Store, StoreError, json};

/// One audit record.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct AuditRecord {
    /// The change sequence of the transaction it was written in.
    pub sequence: i64,
    /// Seconds since the epoch.
    pub at: i64,
    /// Whose configuration was changed.
    pub tenant: String,
    /// Who did it.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what kind of thing.
    pub kind: String,
    /// To which one.
    pub name: String,
    /// More about it; never a secret.
    pub detail: serde_json::Value,
}

impl Store {
    /// The audit records of a tenant after a change sequence, oldest first.
    pub async fn audit_after(&self, tenant: &str, sequence: i64, limit: i64) -> Result<Vec<AuditRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT sequence, at, tenant, actor, action, kind, name, detail FROM audit \
             WHERE tenant = $1 AND sequence > $2 ORDER BY sequence, entry LIMIT $3",
        )
        .bind(tenant)
        .bind(sequence)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(AuditRecord {
                    sequence: row.try_get(0)?,
                    at: row.try_get(1)?,
                    tenant: row.try_get(2)?,
                    actor: row.try_get(3)?,
                    action: row.try_get(4)?,
                    kind: row.try_get(5)?,
                    name: row.try_get(6)?,
                    detail: json(row.try_get(7)?, "audit.detail")?,
                })
            })
            .collect()
    }
}
