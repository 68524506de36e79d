//! What a process knows that was used, where it is the only one: SQLite.
//!
//! The database has all of it, appended and durable before anybody gets an answer; this is how a key is found there.
//! Read once, when the first assertion comes.

use std::collections::HashMap;

use tokio::sync::Mutex;

use crate::store::{SpentKey, Store, StoreError};

/// How many are known at most, in about 105 megabytes: 2000 a second that are good for half an hour.
const MOST: usize = (1 << 22) / 8 * 7;

/// The keys that were used, with the times from which they are refused for their age.
pub(super) struct Known {
    /// Nothing before they were read.
    spent: Mutex<Option<HashMap<SpentKey, i64>>>,
    most: usize,
}

impl Default for Known {
    fn default() -> Self {
        Self { spent: Mutex::default(), most: MOST }
    }
}

impl Known {
    /// Notes that assertions were used, in the database first; answers the keys of those that were not used before, in
    /// the order given. No key is there twice.
    pub(super) async fn spend(
        &self,
        store: &Store,
        keys: &[SpentKey],
        refused_from: i64,
    ) -> Result<Vec<SpentKey>, StoreError> {
        let mut known = self.spent.lock().await;
        let known = match &mut *known {
            Some(known) => known,
            none => none.insert(read(store).await?),
        };
        let fresh: Vec<_> = keys.iter().filter(|key| !known.contains_key(*key)).copied().collect();
        if known.len() + fresh.len() > self.most {
            let most = self.most;
            return Err(StoreError::Other(format!(
                "{most} used assertions are remembered; more only when some are too old"
            )));
        }
        if !fresh.is_empty() {
            store.append_spent(&fresh, refused_from).await?;
            known.extend(fresh.iter().map(|key| (*key, refused_from)));
        }
        Ok(fresh)
    }

    /// Forgets those that are refused for their age at `now` anyway.
    pub(super) async fn forget(&self, now: i64) {
        if let Some(known) = &mut *self.spent.lock().await {
            known.retain(|_, refused_from| *refused_from > now);
            known.shrink_to(2 * known.len());
        }
    }
}

async fn read(store: &Store) -> Result<HashMap<SpentKey, i64>, StoreError> {
    let mut known = HashMap::new();
    store
        .read_spent(|keys, refused_from| {
            for key in keys {
                let latest = known.entry(*key).or_insert(refused_from);
                *latest = refused_from.max(*latest);
            }
        })
        .await?;
    Ok(known)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::store::Database;

    const A: SpentKey = [1; 16];
    const B: SpentKey = [2; 16];
    const C: SpentKey = [3; 16];

    #[tokio::test]
    async fn what_was_used_is_known_until_it_is_too_old_and_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(Database::Sqlite(folder.path().join("writ.db"))).await.unwrap();
        let known = Known { most: 2, ..Known::default() };
        assert_eq!(known.spend(&store, &[A, B], 100).await.unwrap(), [A, B]);
        let restarted = Known { most: 2, ..Known::default() };
        for known in [known, restarted] {
            assert!(known.spend(&store, &[A, B], 900).await.unwrap().is_empty());
            known.forget(99).await;
            let full = known.spend(&store, &[B, C], 100).await;
            assert!(matches!(full, Err(StoreError::Other(text)) if text.starts_with("2 used assertions")));
            assert!(known.spend(&store, &[B], 100).await.unwrap().is_empty(), "a full one still knows");
            known.forget(100).await;
            assert!(known.spent.lock().await.as_ref().unwrap().is_empty());
        }
    }
}
