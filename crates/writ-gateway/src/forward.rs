//! Forwarding an allowed request, and its answer, as they stream.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST};
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::Body;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::client::legacy::Error;
use writ_core::Enforced;
use writ_core::route::{NormalPath, Upstream};
use writ_oauth::Refusal;

use crate::body::{Download, Progress, Upload, Waiting};
use crate::connect::{self, Client, Origin};
use crate::gateway::Caller;
use crate::headers::{self, Kept};
use crate::server::Servers;
use crate::via::Pseudonym;
use crate::{framing, upgrade};

/// Connections to upstreams.
pub(crate) struct Forwarder<B> {
    pub(crate) client: Client<B>,
    pub(crate) servers: Servers,
    pub(crate) pseudonym: Pseudonym,
}

/// A request as it leaves, but for the server it goes to.
struct Outgoing<'r> {
    parts: Parts,
    path: &'r NormalPath,
    query: Option<String>,
    /// The caller's end of the connection, if it is to be upgraded.
    upgrade: Option<OnUpgrade>,
}

impl<B> Forwarder<B>
where
    B: Body<Data = Bytes> + From<Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    pub(crate) fn new() -> Self {
        Self { client: connect::client(), servers: Servers::new(), pseudonym: Pseudonym::new() }
    }

    /// Forwards a request to the first server that can be reached. Another one is tried only when no connection came
    /// about, so that nothing was sent.
    pub(crate) async fn forward(
        &self,
        upstream: &Upstream,
        path: &NormalPath,
        (caller, enforced): (&Caller, &Enforced),
        request: Request<B>,
    ) -> Result<Response<Download>, Refusal> {
        let (mut outgoing, body) = self.prepare(request, path, (caller, enforced), upstream);
        let waiting = Waiting::new(body);
        let servers = self.servers.in_turn(&upstream.servers);
        let mut left = servers.len();
        for server in servers {
            left -= 1;
            // The last server gets the headers themselves, those before it a copy.
            let headers = &mut outgoing.parts.headers;
            let headers = if left == 0 { std::mem::take(headers) } else { headers.clone() };
            let state = self.servers.state(server);
            let origin = state.origin.as_ref().ok_or(Refusal::Internal)?;
            match self.send(origin, &outgoing, headers, (&waiting, upstream.timeout)).await {
                Ok(answer) => {
                    state.answered();
                    return finish(answer, outgoing, enforced.expires_in(), upstream.timeout);
                }
                Err(Failure::NotReached) => self.servers.failed(server),
                Err(Failure::Refusal(refusal)) => return Err(refusal),
            }
        }
        Err(Refusal::UpstreamUnreachable)
    }

    /// Takes out of a request what stays here, and puts in what is said of the caller.
    fn prepare<'r>(
        &self,
        mut request: Request<B>,
        path: &'r NormalPath,
        (caller, enforced): (&Caller, &Enforced),
        upstream: &Upstream,
    ) -> (Outgoing<'r>, B) {
        let kept = Kept::of(request.headers());
        let upgrades = kept.is_upgrade(request.method(), request.version());
        let upgrade = upgrades.then(|| hyper::upgrade::on(&mut request));
        let query = request.uri().query().map(str::to_owned);
        let (mut parts, body) = request.into_parts();
        headers::remove_hop_by_hop(&mut parts.headers);
        headers::remove_claims(&mut parts.headers);
        headers::put_identity(&mut parts.headers, caller, enforced, upstream.token);
        self.pseudonym.put(&mut parts.headers, parts.version);
        framing::put(&mut parts.headers, &body);
        kept.put(&mut parts.headers, upgrades);
        (Outgoing { parts, path, query, upgrade }, body)
    }

    async fn send(
        &self,
        origin: &Origin,
        outgoing: &Outgoing<'_>,
        mut headers: HeaderMap,
        (waiting, patience): (&Waiting<B>, Duration),
    ) -> Result<Response<Incoming>, Failure> {
        let progress = Progress::new();
        let mut request = Request::new(Upload::new(waiting, Arc::clone(&progress)));
        *request.method_mut() = outgoing.parts.method.clone();
        headers.insert(HOST, origin.host.clone());
        *request.headers_mut() = headers;
        let target = origin.target(outgoing.path, outgoing.query.as_deref());
        *request.uri_mut() = target.ok_or(Failure::Refusal(Refusal::Internal))?;
        tokio::select! {
            biased;
            answer = self.client.request(request) => answer.map_err(|error| failure(&error, waiting, &progress)),
            refusal = progress.stalled(patience) => Err(Failure::Refusal(refusal)),
        }
    }
}

/// Why a server gave no answer.
enum Failure {
    /// No connection came about; nothing was sent.
    NotReached,
    /// It went wrong later.
    Refusal(Refusal),
}

fn failure<B>(error: &Error, waiting: &Waiting<B>, progress: &Progress) -> Failure {
    // A caller that goes away inside its body is not the server's fault, and no error of ours.
    if progress.is_broken() {
        return Failure::Refusal(Refusal::BodyBroken);
    }
    tracing::warn!(%error, cause = ?std::error::Error::source(error), "an upstream failed");
    if error.is_connect() && waiting.is_untouched() {
        Failure::NotReached
    } else {
        Failure::Refusal(Refusal::UpstreamBroken)
    }
}

/// The answer, without the headers of its connection; an upgrade joins both ends until the token expires.
fn finish(
    mut answer: Response<Incoming>,
    outgoing: Outgoing<'_>,
    expires_in: Duration,
    patience: Duration,
) -> Result<Response<Download>, Refusal> {
    framing::check_answer(answer.headers())?;
    let switching = answer.status() == StatusCode::SWITCHING_PROTOCOLS;
    let upgrades = switching && headers::upgrades_to_websocket(answer.headers());
    headers::remove_hop_by_hop(answer.headers_mut());
    match (switching, upgrades, outgoing.upgrade) {
        (false, ..) => {}
        (true, true, Some(callers_end)) => {
            headers::put_upgrade(answer.headers_mut());
            tokio::spawn(upgrade::join(callers_end, hyper::upgrade::on(&mut answer), expires_in));
        }
        // It speaks another protocol from here on, which nobody asked for.
        (true, ..) => return Err(Refusal::UpstreamBroken),
    }
    let is_head = outgoing.parts.method == Method::HEAD;
    let untold = is_head && !answer.headers().contains_key(CONTENT_LENGTH);
    Ok(answer.map(|body| Download::new(body, patience, expires_in).of_untold_length(untold)))
}
