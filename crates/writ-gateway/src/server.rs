//! The servers behind a route: taken in turn, the ones that do not answer left out for a while.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::Body;
use url::Url;

use crate::connect::Origin;
use crate::pool::Pool;

/// How long a server that could not be reached is left out.
const LEFT_OUT: Duration = Duration::from_secs(5);

/// What is known of the servers of every route, kept while the configuration changes.
pub(crate) struct Servers<B: Body<Data = Bytes> + Unpin + 'static> {
    started: Instant,
    turn: AtomicUsize,
    states: Mutex<HashMap<String, Arc<ServerState<B>>>>,
}

/// What is known of one server.
pub(crate) struct ServerState<B: Body<Data = Bytes> + Unpin + 'static> {
    /// `None`: no request can be made of its URL.
    pub(crate) origin: Option<Origin>,
    /// Connections to it that nobody uses.
    pub(crate) pool: Arc<Pool<B>>,
    /// Milliseconds after the start until which it is left out.
    left_out_until: AtomicU64,
    /// Whether it said that it is not well, or nothing, when it was last asked.
    unwell: AtomicBool,
}

impl<B: Body<Data = Bytes> + Unpin + 'static> Servers<B> {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), turn: AtomicUsize::new(0), states: Mutex::default() }
    }

    /// The servers in the order to try them: the next one that is well first, those left out last.
    pub(crate) fn in_turn<'s>(&self, servers: &'s [Url]) -> Vec<&'s Url> {
        if let [only] = servers {
            return vec![only];
        }
        let first = self.turn.fetch_add(1, Ordering::Relaxed) % servers.len().max(1);
        let (before, after) = servers.split_at_checked(first).unwrap_or((servers, &[]));
        let (well, left_out): (Vec<_>, Vec<_>) = after.iter().chain(before).partition(|server| self.is_well(server));
        well.into_iter().chain(left_out).collect()
    }

    /// Notes that a server could not be reached.
    pub(crate) fn failed(&self, server: &Url) {
        let until = self.started.elapsed() + LEFT_OUT;
        let millis = u64::try_from(until.as_millis()).unwrap_or(u64::MAX);
        self.state(server).left_out_until.store(millis, Ordering::Relaxed);
    }

    /// Notes what a server said when it was asked whether it is well.
    pub(crate) fn asked(&self, server: &Url, well: bool) {
        let state = self.state(server);
        if state.unwell.swap(!well, Ordering::Relaxed) == well {
            tracing::info!(%server, well, "an upstream changed its health");
        }
        if well {
            state.answered();
        }
    }

    fn is_well(&self, server: &Url) -> bool {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let state = self.state(server);
        !state.unwell.load(Ordering::Relaxed) && state.left_out_until.load(Ordering::Relaxed) <= now
    }

    pub(crate) fn state(&self, server: &Url) -> Arc<ServerState<B>> {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = states.get(server.as_str()) {
            return Arc::clone(state);
        }
        Arc::clone(states.entry(server.as_str().to_owned()).or_insert_with(|| ServerState::new(server)))
    }

    /// Forgets the servers that no route has any more, and connections that have not been used for long.
    pub(crate) fn tidy(&self, is_used: impl Fn(&str) -> bool) {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        states.retain(|server, _| is_used(server));
        states.values().for_each(|state| state.pool.forget_idle(Instant::now()));
    }
}

impl<B: Body<Data = Bytes> + Unpin + 'static> ServerState<B> {
    fn new(server: &Url) -> Arc<Self> {
        let origin = Origin::of(server);
        Arc::new(Self {
            origin,
            pool: Arc::default(),
            left_out_until: AtomicU64::default(),
            unwell: AtomicBool::default(),
        })
    }

    /// Notes that it answered.
    pub(crate) fn answered(&self) {
        self.left_out_until.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use http_body_util::Full;

    use super::*;

    #[test]
    fn servers_take_turns_and_the_failed_come_last() {
        let urls: Vec<Url> = ["http://a/", "http://b/", "http://c/"].map(|url| url.parse().unwrap()).into();
        let servers = Servers::<Full<Bytes>>::new();
        let hosts = || servers.in_turn(&urls).iter().map(|url| url.host_str().unwrap().to_owned()).collect::<String>();
        assert_eq!([hosts(), hosts(), hosts(), hosts()], ["abc", "bca", "cab", "abc"]);
        servers.failed(urls.first().unwrap());
        assert_eq!([hosts(), hosts(), hosts()], ["bca", "cba", "bca"]);
        servers.state(urls.first().unwrap()).answered();
        assert_eq!([hosts(), hosts()], ["bca", "cab"]);
        servers.asked(urls.last().unwrap(), false);
        servers.state(urls.last().unwrap()).answered();
        assert_eq!([hosts(), hosts(), hosts()], ["abc", "bac", "abc"]);
        servers.asked(urls.last().unwrap(), true);
        assert_eq!([hosts(), hosts()], ["abc", "bca"]);
    }
}
