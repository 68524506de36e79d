//! Asking the servers behind the gateway how they are.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body::Body;
use tokio_util::sync::CancellationToken;
use url::Url;
use writ_core::Core;
use writ_core::route::NormalPath;
use writ_core::tenant::Snapshot;

use crate::body::Upload;
use crate::forward::Forwarder;

/// How often each is asked.
const EVERY: Duration = Duration::from_secs(5);
/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(4);

impl<B> Forwarder<B>
where
    B: Body<Data = Bytes> + From<Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// Asks every server that some route has a health path for, again and again until told to stop, and forgets those
    /// that no route has any more. What to ask is read anew each time, so it follows the configuration.
    pub(crate) async fn watch(&self, core: &Core, stop: CancellationToken) {
        let mut rounds = tokio::time::interval(EVERY);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = rounds.tick() => {}
            }
            let snapshot = core.snapshot();
            self.servers.tidy(|server| servers(&snapshot).any(|(known, _)| known.as_str() == server));
            let asked = servers(&snapshot).filter_map(|(server, path)| Some((server, path?)));
            // Servers of several routes are asked once a path.
            let asked: HashSet<_> = asked.collect();
            let round = asked.into_iter().map(|(server, path)| self.ask(server, path));
            tokio::select! {
                () = stop.cancelled() => return,
                _ = futures_util::future::join_all(round) => {}
            }
        }
    }

    async fn ask(&self, server: &Url, path: &NormalPath) {
        let state = self.servers.state(server);
        let Some(origin) = &state.origin else { return };
        let mut request = Request::new(Upload::new(B::from(Bytes::new())));
        if origin.address(&mut request, (path, None)).is_none() {
            return;
        }
        let answer = tokio::time::timeout(PATIENCE, self.exchange(&state, origin, request, false)).await;
        let status = answer.ok().and_then(Result::ok).map(|(answer, _)| answer.status());
        self.servers.asked(server, status.is_some_and(|status| StatusCode::is_success(&status)));
    }
}

/// Every server of every route, with its route's health path.
fn servers(snapshot: &Snapshot) -> impl Iterator<Item = (&Url, Option<&NormalPath>)> {
    let routes = snapshot.tenants.iter().flat_map(|tenant| tenant.routes.iter());
    routes.flat_map(|route| route.upstream.servers.iter().map(|server| (server, route.upstream.health_path.as_ref())))
}
