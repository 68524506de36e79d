//! A write: one transaction with its change sequence, its change records and its audit records.

use sqlx::{Any, Transaction};
use tokio::sync::OwnedMutexGuard;

use super::{Engine, Store, StoreError, to_json};
use crate::document::Kind;

/// An open write. Dropped without [`Write::commit`], it leaves no trace.
pub struct Write {
    pub(super) tx: Transaction<'static, Any>,
    engine: Engine,
    sequence: i64,
    entries: i64,
    /// How many entries of the revocation feed it has made.
    pub(super) feed_entries: i64,
    actor: String,
    now: i64,
    _writer: OwnedMutexGuard<()>,
}

/// What happened to something, in audit records and plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// It is new.
    Create,
    /// It is different.
    Update,
    /// It is gone.
    Delete,
}

impl Op {
    /// The word in audit records and plans.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

impl Store {
    /// Begins a write by this actor. Writes of all processes follow one another, by the row that holds the sequence.
    pub async fn write(&self, actor: &str, now: i64) -> Result<Write, StoreError> {
        self.check_near()?;
        let writer = std::sync::Arc::clone(&self.writer).lock_owned().await;
        let mut tx = self.engine().begin(&self.pool).await?;
        let advance = "UPDATE installation SET sequence = sequence + 1 WHERE id = 1 RETURNING sequence";
        let sequence = sqlx::query_scalar::<_, i64>(advance).fetch_one(&mut *tx).await?;
        Ok(Write {
            tx,
            engine: self.engine(),
            sequence,
            entries: 0,
            feed_entries: 0,
            actor: actor.to_owned(),
            now,
            _writer: writer,
        })
    }
}

impl Write {
    /// The change sequence of this write.
    pub fn sequence(&self) -> i64 {
        self.sequence
    }

    /// The time of this write, in seconds since the epoch.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Whether anything was recorded yet.
    pub fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// Records, in this transaction, that something changed: for the audit trail and for those who follow changes.
    pub async fn record(&mut self, tenant: &str, op: Op, kind: Kind, name: &str) -> Result<(), StoreError> {
        self.changed(tenant, kind.name(), name).await?;
        self.audit(tenant, op.name(), kind.name(), name, &serde_json::json!({})).await
    }

    /// Tells followers that what they compiled from this is no longer right.
    pub(crate) async fn changed(&mut self, tenant: &str, kind: &str, name: &str) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO change (sequence, tenant, kind, name) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
            .bind(self.sequence)
            .bind(tenant)
            .bind(kind)
            .bind(name)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Writes one audit record. `detail` never holds a secret.
    pub(crate) async fn audit(
        &mut self,
        tenant: &str,
        action: &str,
        kind: &str,
        name: &str,
        detail: &serde_json::Value,
    ) -> Result<(), StoreError> {
        self.entries += 1;
        sqlx::query(
            "INSERT INTO audit (sequence, entry, at, tenant, actor, action, kind, name, detail) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(self.sequence)
        .bind(self.entries)
        .bind(self.now)
        .bind(tenant)
        .bind(&*self.actor)
        .bind(action)
        .bind(kind)
        .bind(name)
        .bind(to_json(detail)?)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Makes everything durable and visible at once; answers the change sequence.
    pub async fn commit(mut self, store: &Store) -> Result<i64, StoreError> {
        self.feed_revocations().await?;
        self.forget_old_changes().await?;
        self.engine.notify(&mut self.tx).await?;
        self.tx.commit().await?;
        store.committed.notify_one();
        Ok(self.sequence)
    }

    /// Undoes everything.
    pub async fn rollback(self) -> Result<(), StoreError> {
        Ok(self.tx.rollback().await?)
    }

    /// Change records are only for followers; one that is further behind reloads everything.
    async fn forget_old_changes(&mut self) -> Result<(), StoreError> {
        const KEPT: i64 = 10_000;
        let oldest = self.sequence - KEPT;
        sqlx::query("DELETE FROM change WHERE sequence < $1").bind(oldest).execute(&mut *self.tx).await?;
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use crate::document::NetworkZone;
    use crate::store::{Database, Store, StoreError, Write};

    async fn put_zones(write: &mut Write, count: u32) -> Result<(), StoreError> {
        for number in 0..count {
            let cidrs = (0..200_u32).map(|host| ipnet::Ipv4Net::from(std::net::Ipv4Addr::from(host)).into()).collect();
            write.put_network_zone("t", &NetworkZone { name: format!("zone-{number}"), cidrs }).await?;
        }
        Ok(())
    }

    /// Every connection may make the file one page larger, as on a disk that is nearly full.
    async fn fill_disk(store: &Store) {
        let mut connections = Vec::new();
        for _ in 0..4 {
            connections.push(store.pool.acquire().await.unwrap());
        }
        for connection in &mut connections {
            let pages = sqlx::query_scalar::<_, i64>("PRAGMA page_count").fetch_one(&mut **connection).await.unwrap();
            let limit = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {}", pages + 1));
            sqlx::query(limit).execute(&mut **connection).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_full_disk_is_said_to_be_so_and_nothing_is_half_written() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(Database::Sqlite(folder.path().join("writ.db"))).await.unwrap();
        store.claim(&[0; 32]).await.unwrap();
        let mut write = store.write("test", 0).await.unwrap();
        let tenant = crate::document::Tenant { name: "t".into(), url: None, hosts: Vec::new() };
        write.put_tenant(&tenant).await.unwrap();
        write.commit(&store).await.unwrap();
        fill_disk(&store).await;
        let mut write = store.write("test", 0).await.unwrap();
        assert_eq!(put_zones(&mut write, 100).await.err(), Some(StoreError::Full));
        drop(write);
        assert_eq!(store.sequence().await.unwrap(), 1);
        assert!(store.network_zones("").await.unwrap().is_empty());
        // What fits is written.
        let mut write = store.write("test", 0).await.unwrap();
        put_zones(&mut write, 1).await.unwrap();
        assert_eq!(write.commit(&store).await.unwrap(), 2);
    }
}
