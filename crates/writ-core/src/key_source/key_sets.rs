//! The keys of every source that was asked for lately.

use std::sync::Arc;
use std::time::Duration;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use super::entry::Entry;
use super::{FetchFault, KeySet, KeySource, Place, SourceId};
use crate::outbound::{Outbound, OutboundPolicy};

/// How many sources are kept. The one that was asked for least recently goes first.
const SOURCES: u64 = 1000;
/// A source that nobody asks for is no longer configured.
const IDLE: Duration = Duration::from_hours(48);

/// The keys of sources: fetched when they are needed, kept while they are fresh.
///
/// Keys that their server gave no time are fresh for ten minutes, else as long as it says, between a minute and a day.
/// Shortly before the end the next ones are fetched while callers have the old. An unknown key id leads to one fetch
/// every thirty seconds; a failure is not tried again for ten. While nothing can be fetched, old keys are good for a
/// day longer. However many callers there are, a source is fetched once at a time, and none waits longer than the
/// fetch, which ends within five seconds.
pub struct KeySets {
    outbound: Outbound,
    entries: Cache<SourceId, Arc<Entry>>,
}

/// How it stands with one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceStatus {
    /// Whose keys.
    pub issuer: String,
    /// The URL that is asked first.
    pub url: String,
    /// When the keys at hand were fetched, in seconds since the epoch; none: there are none.
    pub fetched_at: Option<i64>,
    /// How many keys are usable.
    pub keys: usize,
    /// How many were passed over.
    pub skipped: usize,
    /// What went wrong since, and when.
    pub fault: Option<(i64, FetchFault)>,
}

impl KeySets {
    /// With nothing in it.
    pub fn new(policy: OutboundPolicy) -> Self {
        let entries = Cache::builder()
            .max_capacity(SOURCES)
            // The default policy does not let in what is asked for rarely, and would fetch it every time.
            .eviction_policy(EvictionPolicy::lru())
            .time_to_idle(IDLE)
            .build();
        Self { outbound: Outbound::new(policy), entries }
    }

    /// The keys of a source at `now`, in seconds since the epoch.
    ///
    /// `kid` is the key id that a token names. When no key has it, newer keys are fetched unless that was done just
    /// now; which key fits is then for the verification to say.
    pub async fn keys(&self, source: &KeySource, kid: Option<&str>, now: i64) -> Result<Arc<KeySet>, FetchFault> {
        if let Place::Inline(keys) = &source.0.place {
            return Ok(Arc::clone(keys));
        }
        let made = || Arc::new(Entry::new(source.clone()));
        let entry = match self.entries.get(&source.0.id) {
            Some(entry) => entry,
            None => self.entries.get_with(source.0.id, made),
        };
        entry.keys(&self.outbound, kid, now).await
    }

    /// What requests go out through, for other documents than keys.
    pub fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    /// How it stands with each source that was asked for, by issuer and URL.
    pub fn status(&self) -> Vec<SourceStatus> {
        let mut status: Vec<_> = self.entries.iter().map(|(_, entry)| status_of(&entry)).collect();
        status.sort_by(|a, b| (&a.issuer, &a.url).cmp(&(&b.issuer, &b.url)));
        status
    }
}

fn status_of(entry: &Entry) -> SourceStatus {
    let source = &entry.source;
    entry.look(|state| SourceStatus {
        issuer: source.issuer().to_owned(),
        url: source.url().map(ToString::to_string).unwrap_or_default(),
        fetched_at: state.held.as_ref().map(|held| held.fetched_at),
        keys: state.held.as_ref().map_or(0, |held| held.keys.usable()),
        skipped: state.held.as_ref().map_or(0, |held| held.keys.skipped()),
        fault: state.fault.clone(),
    })
}
