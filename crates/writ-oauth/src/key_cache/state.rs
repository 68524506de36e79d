//! What is known of a source, and what follows from it at a point in time. Pure: fetching is the business of others.

use std::sync::Arc;

use super::KeySet;

// All in seconds.
/// How long keys are fresh where their server does not say.
const LIFE: i64 = 10 * 60;
/// The bounds of what their server may say.
const SHORTEST_LIFE: i64 = 60;
const LONGEST_LIFE: i64 = 24 * 60 * 60;
/// For how long keys that are no longer fresh are better than none, while nothing new can be fetched.
///
/// > the stale-if-error Cache-Control extension indicates that when an error is encountered, a cached stale response
/// > MAY be used to satisfy the request
///
/// <https://www.rfc-editor.org/rfc/rfc5861#section-4>
const STALE_IF_ERROR: i64 = 24 * 60 * 60;
/// For how long a failure is not tried again.
const RETRY: i64 = 10;
/// How soon after the last fetch an unknown key id leads to the next: whoever sends tokens chooses their key ids.
const REFETCH: i64 = 30;
/// While the last failure is younger than this, nobody waits for a fetch when there are stale keys.
const FAILING: i64 = 60;
/// How far apart the clocks of two callers may be. Beyond it time has been set back, and what was noted counts no more.
const SLACK: i64 = 60;

/// Keys as they came, and for how many seconds they may be kept as far as their server says.
#[derive(Clone, Debug)]
pub struct FetchedKeys {
    /// The keys.
    pub keys: Arc<KeySet>,
    /// [`max_age`](super::max_age) of the answer.
    pub max_age: Option<u64>,
}

/// What is known of one source; `F` says why a fetch failed. All times are seconds since the epoch.
///
/// Keys that their server gave no time are fresh for ten minutes, else as long as it says, between a minute and a day.
/// An unknown key id leads to one fetch every thirty seconds; a failure is not tried again for ten. While nothing can be
/// fetched, old keys are good for a day longer.
pub struct State<F> {
    /// The keys at hand.
    pub held: Option<Held>,
    /// The last failure, and when; none once a fetch has succeeded.
    pub fault: Option<(i64, F)>,
    /// When the last fetch began.
    pub attempted_at: Option<i64>,
}

impl<F> Default for State<F> {
    fn default() -> Self {
        Self { held: None, fault: None, attempted_at: None }
    }
}

/// Keys that were fetched.
pub struct Held {
    /// The keys.
    pub keys: Arc<KeySet>,
    /// When they came.
    pub fetched_at: i64,
    /// How many seconds they are fresh.
    pub life: i64,
}

/// What a caller gets, and when.
pub enum Next<F> {
    /// At once.
    Now(Result<Arc<KeySet>, F>),
    /// At once, and something newer is to be fetched meanwhile.
    NowAndFetch(Arc<KeySet>),
    /// When a fetch has come to its end.
    Fetch,
}

impl<F: Clone> State<F> {
    /// What a caller gets that asks for one key id. `is_fetching`: a fetch is under way.
    pub fn next(&self, kid: Option<&str>, is_fetching: bool, now: i64) -> Next<F> {
        let keys = match &self.held {
            Some(held) if within(held.fetched_at, now, held.life) => {
                return self.fresh(held, kid, is_fetching, now);
            }
            Some(held) if held.is_usable(now) => Arc::clone(&held.keys),
            Some(_) | None => {
                return match &self.fault {
                    Some((at, fault)) if within(*at, now, RETRY) => Next::Now(Err(fault.clone())),
                    Some(_) | None => Next::Fetch,
                };
            }
        };
        let failed_within = |seconds| self.fault.as_ref().is_some_and(|(at, _)| within(*at, now, seconds));
        if failed_within(RETRY) {
            Next::Now(Ok(keys))
        } else if failed_within(FAILING) {
            Next::NowAndFetch(keys)
        } else {
            Next::Fetch
        }
    }

    fn fresh(&self, held: &Held, kid: Option<&str>, is_fetching: bool, now: i64) -> Next<F> {
        let keys = Arc::clone(&held.keys);
        let is_early = self.attempted_at.is_some_and(|at| within(at, now, REFETCH));
        let is_old = !within(held.fetched_at, now, held.life - held.life / 5);
        match kid {
            Some(kid) if !keys.has(kid) && (is_fetching || !is_early) => Next::Fetch,
            Some(_) | None if is_old && !is_early => Next::NowAndFetch(keys),
            Some(_) | None => Next::Now(Ok(keys)),
        }
    }

    /// What there is once a fetch has ended, however it did.
    pub fn settled(&self, now: i64) -> Option<Result<Arc<KeySet>, F>> {
        let held = self.held.as_ref().filter(|held| held.is_usable(now)).map(|held| Ok(Arc::clone(&held.keys)));
        held.or_else(|| self.fault.as_ref().map(|(_, fault)| Err(fault.clone())))
    }

    /// Notes how a fetch ended.
    pub fn note(&mut self, fetched: Result<FetchedKeys, F>, now: i64) {
        match fetched {
            Ok(FetchedKeys { keys, max_age }) => {
                let life = max_age.map_or(LIFE, |age| i64::try_from(age).unwrap_or(LONGEST_LIFE));
                let life = life.clamp(SHORTEST_LIFE, LONGEST_LIFE);
                self.held = Some(Held { keys, fetched_at: now, life });
                self.fault = None;
            }
            Err(fault) => self.fault = Some((now, fault)),
        }
    }
}

impl Held {
    fn is_usable(&self, now: i64) -> bool {
        within(self.fetched_at, now, self.life + STALE_IF_ERROR)
    }
}

/// Whether no more than so many seconds have passed since `then`.
fn within(then: i64, now: i64, seconds: i64) -> bool {
    (-SLACK..seconds).contains(&now.saturating_sub(then))
}
