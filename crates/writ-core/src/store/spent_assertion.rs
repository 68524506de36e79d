//! Assertions that were used, in one statement for all that are used together.
//!
//! PostgreSQL has a row for each, and the constraint is the check: other processes write there too. SQLite has a row for
//! all that were used together, which is only appended: random keys would each cost a page of the file.

use tokio::sync::OwnedMutexGuard;

use super::{Engine, Store, StoreError};

/// An assertion, by a digest of its tenant, client and `jti`.
pub(crate) type SpentKey = [u8; 16];

/// What is refused for its age at a time, in turns of as many rows: others wait for it meanwhile.
const FORGET_POSTGRES: &str = "DELETE FROM spent_assertion WHERE key IN \
     (SELECT key FROM spent_assertion WHERE refused_from <= $1 ORDER BY refused_from LIMIT $2)";
const FORGET_SQLITE: &str = "DELETE FROM spent_batch WHERE id IN \
     (SELECT id FROM spent_batch WHERE refused_from <= $1 ORDER BY refused_from LIMIT $2)";

/// How many rows one statement forgets or reads at most.
const AT_ONCE: i64 = 1000;

impl Store {
    /// Waits for the ledger's turn to write, where there can be only one writer. Others are not held up: a large change of
    /// the configuration takes seconds, and tokens should not wait for it.
    pub(crate) async fn ledgers_turn(&self) -> Option<OwnedMutexGuard<()>> {
        match self.engine() {
            Engine::Sqlite => Some(std::sync::Arc::clone(&self.writer).lock_owned().await),
            Engine::Postgres => None,
        }
    }

    /// PostgreSQL: notes that assertions were used; answers the keys of those that were not used before, in ascending
    /// order. The keys are in ascending order: two processes that insert the same keys do so in the same order, so that
    /// neither waits for the other in a circle.
    pub(crate) async fn spend_assertions(
        &self,
        keys: &[SpentKey],
        refused_from: i64,
    ) -> Result<Vec<SpentKey>, StoreError> {
        let (inserted,): (Vec<u8>,) = sqlx::query_as(
            "WITH fresh AS ( \
                 INSERT INTO spent_assertion (key, refused_from) \
                 SELECT substring($1::bytea FROM (16 * n + 1)::int FOR 16), $2 FROM generate_series(0, $3 - 1) AS n ORDER BY n \
                 ON CONFLICT (key) DO NOTHING RETURNING key) \
             SELECT COALESCE(string_agg(key, ''), '') FROM fresh",
        )
        .bind(keys.as_flattened().to_vec())
        .bind(refused_from)
        .bind(i64::try_from(keys.len()).map_err(|error| StoreError::Other(error.to_string()))?)
        .fetch_one(&self.pool)
        .await?;
        let mut inserted = keys_in(&inserted)?;
        inserted.sort_unstable();
        Ok(inserted)
    }

    /// SQLite: notes that assertions were used.
    pub(crate) async fn append_spent(&self, keys: &[SpentKey], refused_from: i64) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO spent_batch (refused_from, keys) VALUES ($1, $2)")
            .bind(refused_from)
            .bind(keys.as_flattened().to_vec())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// SQLite: hands on all that were used and are not forgotten, with the time from which each is refused for its age.
    pub(crate) async fn read_spent(&self, mut take: impl FnMut(&[SpentKey], i64)) -> Result<(), StoreError> {
        let mut last = 0;
        loop {
            let rows: Vec<(i64, i64, Vec<u8>)> =
                sqlx::query_as("SELECT id, refused_from, keys FROM spent_batch WHERE id > $1 ORDER BY id LIMIT $2")
                    .bind(last)
                    .bind(AT_ONCE)
                    .fetch_all(&self.pool)
                    .await?;
            let Some((id, _, _)) = rows.last() else { return Ok(()) };
            last = *id;
            for (_, refused_from, keys) in rows {
                take(&keys_in(&keys)?, refused_from);
            }
        }
    }

    /// Forgets assertions that are refused for their age at `now` anyway, some at a time and by the index on time: what
    /// is alive is not looked at. Answers how many rows.
    pub(crate) async fn forget_spent_assertions(&self, now: i64) -> Result<u64, StoreError> {
        let statement = match self.engine() {
            Engine::Sqlite => FORGET_SQLITE,
            Engine::Postgres => FORGET_POSTGRES,
        };
        let mut forgotten = 0;
        loop {
            let writer = self.writer.lock().await;
            let done = sqlx::query(statement).bind(now).bind(AT_ONCE).execute(&self.pool).await?.rows_affected();
            drop(writer);
            forgotten += done;
            if done < AT_ONCE.unsigned_abs() {
                return Ok(forgotten);
            }
        }
    }
}

/// Keys that stand one after the other.
fn keys_in(bytes: &[u8]) -> Result<Vec<SpentKey>, StoreError> {
    let (keys, rest) = bytes.as_chunks();
    if rest.is_empty() {
        Ok(keys.to_vec())
    } else {
        Err(StoreError::Unreadable("used assertions: no whole number of keys".to_owned()))
    }
}
