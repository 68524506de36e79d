//! The issuer's keys, by the rules of [`writ_oauth::key_cache`]; at most one fetch at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;
use writ_oauth::key_cache::{FetchedKeys, KeySet, Next, State};

use crate::fetch::{Answer, FetchFault, FetchKeys};

/// A whole fetch.
const FETCH: Duration = Duration::from_secs(5);
/// How long a caller waits for one; a little longer, so that the fetch says why.
const WAIT: Duration = Duration::from_secs(6);

pub(crate) struct Keys(Arc<Shared>);

struct Shared {
    fetch: Box<dyn FetchKeys>,
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

impl Keys {
    pub(crate) fn new(fetch: Box<dyn FetchKeys>) -> Self {
        Self(Arc::new(Shared { fetch, inner: Mutex::default() }))
    }

    /// The keys, as fresh as the rules want them for a token that names this key id.
    pub(crate) async fn get(&self, kid: Option<&str>, now: i64) -> Result<Arc<KeySet>, FetchFault> {
        let mut flight = {
            let mut inner = self.0.lock();
            match inner.state.next(kid, inner.flight().is_some(), now) {
                Next::Now(answer) => return answer,
                Next::NowAndFetch(keys) => {
                    self.0.join(&mut inner, now);
                    return Ok(keys);
                }
                Next::Fetch => self.0.join(&mut inner, now),
            }
        };
        // Either way there is an answer now, if only an old one.
        let _ = timeout(WAIT, flight.changed()).await;
        self.0.lock().state.settled(now).unwrap_or(Err(FetchFault::Timeout))
    }
}

impl Shared {
    /// The fetch that is under way, or a new one. It is a task of its own: no caller that hangs up ends it.
    fn join(self: &Arc<Self>, inner: &mut Inner, now: i64) -> Flight {
        if let Some(flight) = inner.flight() {
            return flight.clone();
        }
        let (ends, flight) = watch::channel(());
        inner.flight = Some(flight.clone());
        inner.state.attempted_at = Some(now);
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            let fetched = timeout(FETCH, shared.fetch.fetch()).await.unwrap_or(Err(FetchFault::Timeout));
            shared.lock().state.note(fetched.and_then(|answer| read(&answer)), now);
            drop(ends);
        });
        flight
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(answer: &Answer) -> Result<FetchedKeys, FetchFault> {
    let keys = KeySet::parse(&answer.body)?;
    Ok(FetchedKeys { keys: Arc::new(keys), max_age: answer.max_age })
}
