//! The installation: its change sequence, its master key's check value, and following changes.

use std::time::Duration;

use sqlx::Row;
use sqlx::postgres::PgListener;

use super::engine::{CHANNEL, Database};
use super::{LOOK, Store, StoreError, part, within};
use crate::keyring::KeyringFault;

/// One change: what of which tenant is no longer what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    /// The change sequence of the transaction.
    pub sequence: i64,
    /// Whose.
    pub tenant: String,
    /// What kind of thing: a document kind, or `client`.
    pub kind: String,
    /// Which one.
    pub name: String,
}

/// Waits until there may be new changes.
pub struct Follower(Option<PgListener>);

impl Store {
    /// Makes the installation on an empty database, or checks that the master key is the one it was made with.
    ///
    /// Answers whether it was made now.
    pub async fn claim(&self, key_check: &[u8]) -> Result<bool, StoreError> {
        let made = sqlx::query(
            "INSERT INTO installation (id, sequence, key_check) VALUES (1, 0, $1) ON CONFLICT (id) DO NOTHING",
        )
        .bind(key_check)
        .execute(&self.pool)
        .await?
        .rows_affected();
        let stored = sqlx::query_scalar::<_, Vec<u8>>("SELECT key_check FROM installation WHERE id = 1")
            .fetch_one(&self.pool)
            .await?;
        if stored != key_check {
            return Err(KeyringFault::WrongMasterKey.into());
        }
        Ok(made > 0)
    }

    /// The change sequence that is committed at present.
    pub async fn sequence(&self) -> Result<i64, StoreError> {
        let sequence = "SELECT sequence FROM installation WHERE id = 1";
        Ok(sqlx::query_scalar(sequence).fetch_one(&self.pool).await?)
    }

    /// The changes after a sequence, oldest first; `None` when some of them are no longer kept.
    pub async fn changes_after(&self, sequence: i64) -> Result<Option<Vec<ChangeRow>>, StoreError> {
        let mut connection = within(LOOK, self.pool.acquire()).await?;
        let query = "SELECT sequence, tenant, kind, name FROM change WHERE sequence > $1 ORDER BY sequence";
        let rows = within(LOOK, sqlx::query(query).bind(sequence).fetch_all(&mut *connection)).await;
        part(connection, &rows);
        let rows = rows?;
        let rows = rows
            .iter()
            .map(|row| {
                Ok(ChangeRow {
                    sequence: row.try_get(0)?,
                    tenant: row.try_get(1)?,
                    kind: row.try_get(2)?,
                    name: row.try_get(3)?,
                })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        // Every write leaves at least one row, so the next sequence is missing only when it was forgotten.
        let whole = rows.first().is_none_or(|row| row.sequence == sequence + 1);
        Ok(whole.then_some(rows))
    }

    /// Something that wakes when changes may have come.
    pub async fn follower(&self) -> Result<Follower, StoreError> {
        match &self.database {
            Database::Sqlite(_) => Ok(Follower(None)),
            Database::Postgres(url) => {
                let listening = async {
                    let mut listener = PgListener::connect(url).await?;
                    listener.listen(CHANNEL).await?;
                    Ok::<_, sqlx::Error>(listener)
                };
                Ok(Follower(Some(within(LOOK, listening).await?)))
            }
        }
    }

    /// Waits for the next change, at most for `poll`. An error means that the follower is broken and wants replacing.
    pub async fn wait(&self, follower: &mut Follower, poll: Duration) -> Result<(), StoreError> {
        let told = async {
            match &mut follower.0 {
                None => Ok(()),
                Some(listener) => listener.recv().await.map(|_| ()),
            }
        };
        let wakes = async {
            tokio::select! {
                () = self.committed.notified() => Ok(()),
                told = told, if matches!(self.database, Database::Postgres(_)) => told,
            }
        };
        match tokio::time::timeout(poll, wakes).await {
            Ok(told) => Ok(told?),
            Err(_) => Ok(()),
        }
    }
}
