//! The directory: what requests are answered from. Compiled configuration in memory, following the change sequence,
//! so that a request for a known client touches no database.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use moka::sync::Cache;
use tokio::sync::watch;

use crate::client::Client;
use crate::tenant::Snapshot;

/// How many clients are kept compiled.
const CLIENTS: u64 = 100_000;
/// How many unknown client ids are remembered, and for how long.
const MISSING: u64 = 10_000;
const MISSING_FOR: Duration = Duration::from_secs(30);
/// How long answers are given from a configuration that could not be confirmed, in seconds.
const UNCONFIRMED_LIMIT: i64 = 300;
/// How long something is kept beyond the life of the last token that it concerns, in seconds: a server that has lost its
/// database goes on deciding by what it knows, and clocks differ by a little.
pub(crate) const MARGIN: i64 = UNCONFIRMED_LIMIT + 60;

/// A client's key: its tenant and client id.
type Key = (Box<str>, Box<str>);

/// Compiled configuration in memory.
pub(crate) struct Directory {
    snapshot: ArcSwap<Snapshot>,
    clients: Cache<Key, Arc<Client>>,
    missing: Cache<Key, ()>,
    /// The change sequence up to which everything here is right.
    applied: watch::Sender<i64>,
    /// When that was last confirmed, in seconds since the epoch.
    confirmed: AtomicI64,
    /// Counts invalidations, so that a client read before one is not kept after it.
    generation: AtomicU64,
}

/// What is known of a client id without asking the database.
pub(crate) enum Known {
    /// The client.
    Client(Arc<Client>),
    /// That there is none.
    Missing,
    /// Nothing; the generation under which to read it.
    Nothing(u64),
}

impl Directory {
    pub(crate) fn new() -> Self {
        Self {
            snapshot: ArcSwap::default(),
            clients: Cache::new(CLIENTS),
            missing: Cache::builder().max_capacity(MISSING).time_to_live(MISSING_FOR).build(),
            applied: watch::Sender::new(0),
            confirmed: AtomicI64::new(0),
            generation: AtomicU64::new(0),
        }
    }

    /// Everything that is not kept a client at a time.
    pub(crate) fn snapshot(&self) -> arc_swap::Guard<Arc<Snapshot>> {
        self.snapshot.load()
    }

    pub(crate) fn set_snapshot(&self, snapshot: Snapshot) {
        self.snapshot.store(Arc::new(snapshot));
    }

    /// The change sequence under which decisions are made at present.
    pub(crate) fn sequence(&self) -> i64 {
        *self.applied.borrow()
    }

    /// Notes that everything is right up to a sequence, as of now.
    pub(crate) fn confirm(&self, sequence: i64, now: i64) {
        self.confirmed.store(now, Ordering::Release);
        self.applied.send_if_modified(|applied| {
            let ahead = sequence > *applied;
            *applied = (*applied).max(sequence);
            ahead
        });
    }

    /// Whether the configuration was confirmed recently enough to decide by it.
    pub(crate) fn is_current(&self, now: i64) -> bool {
        now - self.confirmed.load(Ordering::Acquire) <= UNCONFIRMED_LIMIT
    }

    /// Waits until a change is live here.
    pub(crate) async fn wait_for(&self, sequence: i64, limit: Duration) -> bool {
        let mut applied = self.applied.subscribe();
        tokio::time::timeout(limit, applied.wait_for(|applied| *applied >= sequence)).await.is_ok()
    }

    pub(crate) fn client(&self, tenant: &str, client_id: &str) -> Known {
        let generation = self.generation.load(Ordering::Acquire);
        let key: Key = (tenant.into(), client_id.into());
        match self.clients.get(&key) {
            Some(client) => Known::Client(client),
            None if self.missing.contains_key(&key) => Known::Missing,
            None => Known::Nothing(generation),
        }
    }

    /// Keeps what was read, unless something changed while it was being read.
    pub(crate) fn keep(&self, tenant: &str, client_id: &str, read: Option<&Arc<Client>>, generation: u64) {
        let key: Key = (tenant.into(), client_id.into());
        match read {
            Some(client) => self.clients.insert(key.clone(), Arc::clone(client)),
            None => self.missing.insert(key.clone(), ()),
        }
        // An invalidation between the read and the insert has missed this entry: take it out again.
        if self.generation.load(Ordering::Acquire) != generation {
            self.forget(&key);
        }
    }

    /// Forgets what was compiled from something that changed.
    pub(crate) fn invalidate(&self, tenant: &str, client_id: &str) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        self.forget(&(tenant.into(), client_id.into()));
    }

    /// Forgets every client.
    pub(crate) fn invalidate_all(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        self.clients.invalidate_all();
        self.missing.invalidate_all();
    }

    fn forget(&self, key: &Key) {
        self.clients.invalidate(key);
        self.missing.invalidate(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{DefaultScopes, UnmetScopes};

    fn client() -> Arc<Client> {
        Arc::new(Client {
            client_id: "c".into(),
            enabled: true,
            application_enabled: true,
            grants: Box::default(),
            auth_methods: Box::default(),
            issuers: Box::default(),
            networks: Box::default(),
            lifetime: None,
            default_scopes: DefaultScopes::None,
            unmet_scopes: UnmetScopes::Dialect,
            certificate_bound: false,
            secrets: Box::default(),
            proofs: None,
            authorizations: Box::default(),
            cutoffs: Box::default(),
        })
    }

    fn generation(directory: &Directory) -> Option<u64> {
        match directory.client("t", "c") {
            Known::Nothing(generation) => Some(generation),
            Known::Client(_) | Known::Missing => None,
        }
    }

    #[test]
    fn what_was_read_before_an_invalidation_is_not_kept_after_it() {
        for invalidate in [|d: &Directory| d.invalidate("t", "c"), Directory::invalidate_all] {
            for read in [Some(client()), None] {
                let directory = Directory::new();
                let begun = generation(&directory).unwrap_or_default();
                invalidate(&directory);
                directory.keep("t", "c", read.as_ref(), begun);
                assert!(generation(&directory).is_some(), "a stale client is kept");
                // Read again, it is.
                let begun = generation(&directory).unwrap_or_default();
                directory.keep("t", "c", read.as_ref(), begun);
                assert!(generation(&directory).is_none());
                invalidate(&directory);
                assert!(generation(&directory).is_some());
            }
        }
    }

    #[test]
    fn a_client_is_one_of_its_tenant() {
        let directory = Directory::new();
        directory.keep("t", "c", Some(&client()), 0);
        assert!(matches!(directory.client("t", "c"), Known::Client(_)));
        assert!(matches!(directory.client("u", "c"), Known::Nothing(_)));
        directory.invalidate("u", "c");
        assert!(matches!(directory.client("t", "c"), Known::Client(_)));
    }

    #[test]
    fn the_sequence_never_goes_back() {
        let directory = Directory::new();
        directory.confirm(7, 100);
        directory.confirm(5, 101);
        assert_eq!(directory.sequence(), 7);
        assert!(directory.is_current(401) && !directory.is_current(402));
    }
}
