//! The ledger: assertions that were used, each once.
//!
//! Requests that spend at the same time share a statement (group commit): one task takes whatever is waiting and writes
//! it at once. Nobody hears that he was first before the database has it on its disk.

mod known;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use tokio::sync::{mpsc, oneshot};
use writ_oauth::Refusal;

use self::known::Known;
use crate::directory::MARGIN;
use crate::store::{Engine, SpentKey, Store, StoreError};
use crate::{Authenticated, Core, let_others_catch_up};

/// How many requests may wait; more wait for a place here.
const WAITING: usize = 4096;
/// How many are written in one statement at most.
const TOGETHER: usize = 256;
/// How long a request waits for its turn and the commit.
const LIMIT: Duration = Duration::from_secs(10);

/// What a request used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spend {
    key: SpentKey,
    refused_from: i64,
}

impl Spend {
    /// An assertion of a client of a tenant by its `jti`, which is refused for its age from a time on.
    ///
    /// The expiry is no part of the key: a `jti` is used once until then, whatever expiry it is signed with the next time.
    pub(crate) fn new(tenant: &str, client_id: &str, jti: &str, refused_from: i64) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in [tenant, client_id, jti] {
            // With the length before it, no part runs into the next.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        // Half of the digest is more than enough: two that are the same could only make a request be refused.
        let digest = context.finish();
        let mut key = SpentKey::default();
        key.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
        Self { key, refused_from }
    }
}

/// A request that waits to hear whether it was first.
struct Waiting {
    spend: Spend,
    answer: oneshot::Sender<Result<bool, StoreError>>,
}

/// Where requests wait, and who says what was used before.
pub(crate) struct Ledger {
    waiting: mpsc::Sender<Waiting>,
    judge: Arc<Judge>,
}

/// Who says what was used before: this process, where it is the only one; else the database, to which others write as well.
struct Judge {
    store: Store,
    known: Option<Known>,
}

impl Ledger {
    /// Begins to write. The task ends when this is dropped.
    pub(crate) fn start(store: Store) -> Self {
        let (waiting, receiver) = mpsc::channel(WAITING);
        let known = (store.engine() == Engine::Sqlite).then(Known::default);
        let judge = Arc::new(Judge { store, known });
        tokio::spawn(write(Arc::clone(&judge), receiver));
        Self { waiting, judge }
    }

    /// Whether this is the first use; once it is answered, every later one is none.
    async fn spend(&self, spend: Spend) -> Result<bool, StoreError> {
        let (answer, answered) = oneshot::channel();
        let closed = || StoreError::Unreachable("the ledger is closed".to_owned());
        let waited = tokio::time::timeout(LIMIT, async {
            self.waiting.send(Waiting { spend, answer }).await.map_err(|_| closed())?;
            answered.await.map_err(|_| closed())?
        });
        waited.await.unwrap_or_else(|_| Err(StoreError::Unreachable("the ledger did not answer in time".to_owned())))
    }
}

impl Core {
    /// Spends what a request used up: the last step, after which nothing may fail. A request that could not be answered
    /// has spent nothing, and may be repeated as it is.
    async fn spend(&self, spend: Spend) -> Result<(), Refusal> {
        let outcome = match self.store.check_near() {
            Ok(()) => self.ledger.spend(spend).await,
            Err(away) => Err(away),
        };
        match outcome {
            Ok(true) => Ok(()),
            Ok(false) => Err(Refusal::AssertionSpent),
            Err(error) => {
                tracing::warn!(%error, "an assertion could not be noted as used");
                Err(Refusal::StoreUnavailable)
            }
        }
    }

    /// Spends what a client proved itself with, if that can be used once.
    pub(crate) async fn use_up(&self, authenticated: &Authenticated) -> Result<(), Refusal> {
        match authenticated.spend() {
            Some(spend) => self.spend(spend.clone()).await,
            None => Ok(()),
        }
    }

    /// Forgets what is refused for its age at `now`, in seconds since the epoch, by the clock of every server.
    pub async fn forget_spent_assertions(&self, now: i64) -> Result<u64, StoreError> {
        if let Some(known) = &self.ledger.judge.known {
            known.forget(now - MARGIN).await;
        }
        self.store.forget_spent_assertions(now - MARGIN).await
    }
}

impl Judge {
    /// Notes that assertions were used, until a time; answers the keys of those that were not used before. What it is given
    /// and what it answers is in ascending order.
    async fn spend(&self, keys: &[SpentKey], refused_from: i64) -> Result<Vec<SpentKey>, StoreError> {
        match &self.known {
            Some(known) => known.spend(&self.store, keys, refused_from).await,
            None => self.store.spend_assertions(keys, refused_from).await,
        }
    }
}

async fn write(judge: Arc<Judge>, mut receiver: mpsc::Receiver<Waiting>) {
    while let Some(first) = receiver.recv().await {
        let turn = judge.store.ledgers_turn().await;
        let mut waiting = vec![first];
        gather(&mut receiver, &mut waiting).await;
        // Who has given up may come back with the same assertion.
        waiting.retain(|request| !request.answer.is_closed());
        write_together(&judge, waiting).await;
        drop(turn);
    }
}

/// Takes what else waits, and lets the requests that are under way come as far: a statement costs much the same for
/// many as for one, and whoever has just missed one waits for two.
async fn gather(receiver: &mut mpsc::Receiver<Waiting>, waiting: &mut Vec<Waiting>) {
    let mut before = 0;
    while before < waiting.len() && waiting.len() < TOGETHER {
        before = waiting.len();
        let_others_catch_up().await;
        while waiting.len() < TOGETHER
            && let Ok(another) = receiver.try_recv()
        {
            waiting.push(another);
        }
    }
}

/// Writes what waits in one statement. Of requests for the same thing, the first to come is the one. All of them are kept
/// until the last is refused for its age.
async fn write_together(judge: &Judge, waiting: Vec<Waiting>) {
    let mut first = HashMap::with_capacity(waiting.len());
    for (place, Waiting { spend, .. }) in waiting.iter().enumerate() {
        if let Entry::Vacant(entry) = first.entry(spend.key) {
            entry.insert(place);
        }
    }
    let mut keys: Vec<_> = first.keys().copied().collect();
    keys.sort_unstable();
    let Some(refused_from) = waiting.iter().map(|request| request.spend.refused_from).max() else { return };
    let fresh = judge.spend(&keys, refused_from).await;
    for (place, Waiting { spend, answer }) in waiting.into_iter().enumerate() {
        let is_first = first.get(&spend.key) == Some(&place);
        let outcome = match &fresh {
            Ok(fresh) => Ok(is_first && fresh.binary_search(&spend.key).is_ok()),
            Err(error) => Err(error.clone()),
        };
        // Nobody listens any more when the request has ended meanwhile.
        let _ = answer.send(outcome);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_6_tenants_clients_and_assertions_never_collide() {
        let key = |tenant, client, jti| Spend::new(tenant, client, jti, 0).key;
        let all = [key("a", "b", "c"), key("ab", "", "c"), key("a", "bc", ""), key("a", "b", "d"), key("b", "a", "c")];
        for (index, one) in all.iter().enumerate() {
            assert!(all.iter().skip(index + 1).all(|other| one != other), "{index}");
        }
        assert_eq!(key("a", "b", "c"), Spend::new("a", "b", "c", 7).key, "the expiry is no part of it");
    }
}
