//! The directory: what requests are answered from. Compiled configuration in memory, following the change sequence,
//! so that a request for a known client touches no database.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use quick_cache::Equivalent;
use quick_cache::sync::Cache;
use tokio::sync::watch;

use crate::client::Client;
use crate::tenant::Snapshot;

/// How many clients are kept compiled.
const CLIENTS: usize = 100_000;
/// How many unknown client ids are remembered, and for how long.
const MISSING: usize = 10_000;
const MISSING_FOR: Duration = Duration::from_secs(30);
/// How long answers are given from a configuration that could not be confirmed, in seconds.
const UNCONFIRMED_LIMIT: i64 = 300;
/// How long something is kept beyond the life of the last token that it concerns, in seconds: a server that has lost its
/// database goes on deciding by what it knows, and clocks differ by a little.
pub(crate) const MARGIN: i64 = UNCONFIRMED_LIMIT + 60;

/// A client's key: its tenant and client id.
#[derive(PartialEq, Eq, Hash)]
struct Key(Box<str>, Box<str>);

/// The same, borrowed: a look-up allocates nothing.
#[derive(Clone, Copy, Hash)]
struct Named<'a>(&'a str, &'a str);

impl Equivalent<Key> for Named<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self.0 == *key.0 && *self.1 == *key.1
    }
}

impl From<Named<'_>> for Key {
    fn from(Named(tenant, client_id): Named<'_>) -> Self {
        Self(tenant.into(), client_id.into())
    }
}

/// Compiled configuration in memory.
pub(crate) struct Directory {
    snapshot: ArcSwap<Snapshot>,
    clients: Cache<Key, Arc<Client>>,
    /// Ids of nobody, and since when that is known.
    missing: Cache<Key, Instant>,
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
            missing: Cache::new(MISSING),
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
        let name = Named(tenant, client_id);
        let is_missing = || self.missing.get(&name).is_some_and(|since| since.elapsed() < MISSING_FOR);
        match self.clients.get(&name) {
            Some(client) => Known::Client(client),
            None if is_missing() => Known::Missing,
            None => Known::Nothing(generation),
        }
    }

    /// Keeps what was read, unless something changed while it was being read.
    pub(crate) fn keep(&self, tenant: &str, client_id: &str, read: Option<&Arc<Client>>, generation: u64) {
        let name = Named(tenant, client_id);
        match read {
            Some(client) => self.clients.insert(name.into(), Arc::clone(client)),
            None => self.missing.insert(name.into(), Instant::now()),
        }
        // An invalidation between the read and the insert has missed this entry: take it out again.
        if self.generation.load(Ordering::Acquire) != generation {
            self.forget(name);
        }
    }

    /// Forgets what was compiled from something that changed.
    pub(crate) fn invalidate(&self, tenant: &str, client_id: &str) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        self.forget(Named(tenant, client_id));
    }

    /// Forgets every client.
    pub(crate) fn invalidate_all(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        self.clients.clear();
        self.missing.clear();
    }

    fn forget(&self, name: Named<'_>) {
        self.clients.remove(&name);
        self.missing.remove(&name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{DefaultScopes, UnmetScopes};

    fn client() -> Arc<Client> {
        Arc::new(Client {
            client_id: "c".into(),
            application: "c".into(),
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
