//! One source: its state, and at most one fetch at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::timeout;
use writ_oauth::key_cache::{FetchedKeys, Next, State};

use super::fetch::fetch;
use super::{FetchCause, FetchFault, KeySet, KeySource};
use crate::outbound::{Outbound, OutboundFault};

/// A whole fetch, of two documents where there is discovery.
const FETCH: Duration = Duration::from_secs(5);
/// How long a caller waits for one; a little longer, so that the fetch says why.
const WAIT: Duration = Duration::from_secs(6);

/// What is known of a source, and the fetch that is under way.
pub(super) struct Entry {
    pub(super) source: KeySource,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    state: State<FetchFault>,
    flight: Option<Flight>,
}

/// A fetch under way. Its task holds the other end and lets go of it in the end, even in a panic; nothing is ever sent.
type Flight = watch::Receiver<()>;

impl Inner {
    fn flight(&self) -> Option<&Flight> {
        self.flight.as_ref().filter(|flight| flight.has_changed().is_ok())
    }
}

impl Entry {
    pub(super) fn new(source: KeySource) -> Self {
        Self { source, inner: Mutex::default() }
    }

    /// The keys, as fresh as the rules want them.
    pub(super) async fn keys(
        self: &Arc<Self>,
        outbound: &Outbound,
        kid: Option<&str>,
        now: i64,
    ) -> Result<Arc<KeySet>, FetchFault> {
        let mut flight = {
            let mut inner = self.lock();
            match inner.state.next(kid, inner.flight().is_some(), now) {
                Next::Now(answer) => return answer,
                Next::NowAndFetch(keys) => {
                    self.join(&mut inner, outbound, now);
                    return Ok(keys);
                }
                Next::Fetch => self.join(&mut inner, outbound, now),
            }
        };
        // Either way there is an answer now, if only an old one.
        let _ = timeout(WAIT, flight.changed()).await;
        self.lock().state.settled(now).unwrap_or_else(|| Err(self.given_up()))
    }

    /// The fetch that is under way, or a new one. It is a task of its own: no caller that hangs up ends it.
    fn join(self: &Arc<Self>, inner: &mut Inner, outbound: &Outbound, now: i64) -> Flight {
        if let Some(flight) = inner.flight() {
            return flight.clone();
        }
        let (ends, flight) = watch::channel(());
        inner.flight = Some(flight.clone());
        inner.state.attempted_at = Some(now);
        let (entry, outbound) = (Arc::clone(self), outbound.clone());
        tokio::spawn(async move {
            let fetched = entry.fetch(&outbound).await;
            entry.lock().state.note(fetched, now);
            drop(ends);
        });
        flight
    }

    async fn fetch(&self, outbound: &Outbound) -> Result<FetchedKeys, FetchFault> {
        let begun = Instant::now();
        let fetched = timeout(FETCH, fetch(outbound, &self.source)).await;
        let fetched = fetched.unwrap_or_else(|_| Err(self.fault(OutboundFault::Timeout.into())));
        let (issuer, url) = (self.source.issuer(), self.source.url().map_or("", AsRef::as_ref));
        let ms = begun.elapsed().as_millis();
        match &fetched {
            Ok(FetchedKeys { keys, .. }) => {
                let (keys, skipped) = (keys.usable(), keys.skipped());
                tracing::info!(issuer, url, ms, keys, skipped, "keys fetched");
            }
            Err(fault) => {
                let fetched_at = self.lock().state.held.as_ref().map(|held| held.fetched_at);
                tracing::warn!(issuer, url, ms, %fault, kept_since = fetched_at, "keys could not be fetched");
            }
        }
        fetched
    }

    fn given_up(&self) -> FetchFault {
        self.fault(FetchCause::GivenUp)
    }

    fn fault(&self, cause: FetchCause) -> FetchFault {
        FetchFault { url: self.source.url().map(ToString::to_string).unwrap_or_default(), cause }
    }

    /// Looks at the state.
    pub(super) fn look<T>(&self, look: impl FnOnce(&State<FetchFault>) -> T) -> T {
        look(&self.lock().state)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
