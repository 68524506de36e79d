//! Assertions that were used: the constraint is the check.

use sqlx::{Any, Transaction};
use tokio::sync::OwnedMutexGuard;

use super::{Engine, Store, StoreError};

/// An assertion, by a digest of its tenant, client and `jti`.
pub(crate) type SpentKey = [u8; 16];

/// How many rows the longer statements write.
const ROWS: usize = 16;

const INSERT_ONE: &str = "INSERT INTO spent_assertion (key, refused_from) VALUES ($1, $2) \
     ON CONFLICT (key) DO NOTHING";

const INSERT_MANY: &str = "INSERT INTO spent_assertion (key, refused_from) VALUES \
     ($1, $2), ($3, $4), ($5, $6), ($7, $8), ($9, $10), ($11, $12), ($13, $14), ($15, $16), \
     ($17, $18), ($19, $20), ($21, $22), ($23, $24), ($25, $26), ($27, $28), ($29, $30), ($31, $32) \
     ON CONFLICT (key) DO NOTHING";

/// How many old rows one transaction forgets at most: others wait for it meanwhile.
const FORGOTTEN_AT_ONCE: i64 = 1000;

impl Store {
    /// Waits for the ledger's turn to write, where there can be only one writer. Others are not held up: a large change of
    /// the configuration takes seconds, and tokens should not wait for it.
    pub(crate) async fn ledgers_turn(&self) -> Option<OwnedMutexGuard<()>> {
        match self.engine() {
            Engine::Sqlite => Some(std::sync::Arc::clone(&self.writer).lock_owned().await),
            Engine::Postgres => None,
        }
    }

    /// Notes that assertions were used, in one transaction; answers the keys of those that were not used before. The
    /// keys are in ascending order, and no key is there twice.
    pub(crate) async fn spend_assertions(&self, spent: &[(SpentKey, i64)]) -> Result<Vec<SpentKey>, StoreError> {
        let mut tx = self.engine().begin(&self.pool).await?;
        let mut inserted = 0;
        for rows in spent.chunks(ROWS) {
            inserted += insert(&mut tx, rows).await?;
        }
        if usize::try_from(inserted) == Ok(spent.len()) {
            tx.commit().await?;
            return Ok(spent.iter().map(|(key, _)| *key).collect());
        }
        // Which of them were used before is worth finding out only now: it takes a statement for each.
        tx.rollback().await?;
        self.spend_one_by_one(spent).await
    }

    async fn spend_one_by_one(&self, spent: &[(SpentKey, i64)]) -> Result<Vec<SpentKey>, StoreError> {
        let mut tx = self.engine().begin(&self.pool).await?;
        let mut fresh = Vec::with_capacity(spent.len());
        for row in spent {
            if insert(&mut tx, std::slice::from_ref(row)).await? == 1 {
                fresh.push(row.0);
            }
        }
        tx.commit().await?;
        Ok(fresh)
    }

    /// Forgets assertions that are refused for their age at `now` anyway, a few at a time and by the index on time: what
    /// is alive is not looked at. Answers how many.
    pub(crate) async fn forget_spent_assertions(&self, now: i64) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        loop {
            let writer = self.writer.lock().await;
            let done = sqlx::query(
                "DELETE FROM spent_assertion WHERE key IN \
                 (SELECT key FROM spent_assertion WHERE refused_from <= $1 ORDER BY refused_from LIMIT $2)",
            )
            .bind(now)
            .bind(FORGOTTEN_AT_ONCE)
            .execute(&self.pool)
            .await?
            .rows_affected();
            drop(writer);
            forgotten += done;
            if done < FORGOTTEN_AT_ONCE.unsigned_abs() {
                return Ok(forgotten);
            }
        }
    }
}

/// One row of its own, or [`ROWS`] of them: what is missing is filled up with the last one again, which changes nothing.
/// Answers how many were not there before.
///
/// Two processes that insert the same keys do so in the same order, so that neither waits for the other in a circle.
async fn insert(tx: &mut Transaction<'static, Any>, rows: &[(SpentKey, i64)]) -> Result<u64, StoreError> {
    let statement = if rows.len() == 1 { INSERT_ONE } else { INSERT_MANY };
    let filled = if rows.len() == 1 { 0 } else { ROWS - rows.len() };
    let last = rows.last().into_iter().cycle().take(filled);
    let mut query = sqlx::query(statement);
    for (key, refused_from) in rows.iter().chain(last) {
        query = query.bind(key.to_vec()).bind(*refused_from);
    }
    Ok(query.execute(&mut **tx).await?.rows_affected())
}
