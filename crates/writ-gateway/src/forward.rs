//! Forwarding an allowed request, and its answer, as they stream.

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{Method, Request, Response, StatusCode, Version};
use http_body::Body;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use writ_core::Enforced;
use writ_core::route::{NormalPath, Upstream};
use writ_oauth::Refusal;

use crate::body::{Download, Progress, Upload};
use crate::connect::{self, ConnectFault, Connector, Origin};
use crate::connection::Answered;
use crate::gateway::Caller;
use crate::headers::{self, Kept};
use crate::pool::Underway;
use crate::server::{ServerState, Servers};
use crate::via::Pseudonym;
use crate::{framing, upgrade};

/// Connections to upstreams.
pub(crate) struct Forwarder<B: Body<Data = Bytes> + Unpin + 'static> {
    connector: Connector,
    pub(crate) servers: Servers<B>,
    pub(crate) pseudonym: Pseudonym,
}

/// What is kept of a request until its answer comes.
struct Outgoing<'r> {
    path: &'r NormalPath,
    query: Option<String>,
    is_head: bool,
    /// The caller's end of the connection, if it is to be upgraded.
    upgrade: Option<OnUpgrade>,
}

impl<B> Forwarder<B>
where
    B: Body<Data = Bytes> + From<Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    pub(crate) fn new() -> Self {
        Self { connector: connect::connector(), servers: Servers::new(), pseudonym: Pseudonym::new() }
    }

    /// Forwards a request to the first server that can be reached. Another one is tried only when no connection came
    /// about, so that nothing was sent.
    pub(crate) async fn forward(
        &self,
        upstream: &Upstream,
        path: &NormalPath,
        (caller, enforced): (&Caller, &Enforced),
        request: Request<B>,
    ) -> Result<Response<Download<B>>, Refusal> {
        let (outgoing, mut request) = self.prepare(request, path, (caller, enforced), upstream);
        for server in self.servers.in_turn(&upstream.servers) {
            let state = self.servers.state(server);
            match self.send(&state, &outgoing, request, upstream.timeout).await {
                Ok(answer) => {
                    state.answered();
                    return finish(answer, outgoing, enforced.expires_in(), upstream.timeout);
                }
                Err(Failure::NotReached(unsent)) => {
                    self.servers.failed(server);
                    unsent.body().begin_again();
                    request = *unsent;
                }
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
    ) -> (Outgoing<'r>, Request<Upload<B>>) {
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
        let outgoing = Outgoing { path, query, is_head: parts.method == Method::HEAD, upgrade };
        // Towards a server it is always HTTP/1.1, whatever it came in.
        parts.version = Version::HTTP_11;
        parts.extensions.clear();
        (outgoing, Request::from_parts(parts, Upload::new(body)))
    }

    async fn send(
        &self,
        server: &ServerState<B>,
        outgoing: &Outgoing<'_>,
        mut request: Request<Upload<B>>,
        patience: Duration,
    ) -> Result<(Response<Incoming>, Underway<B>), Failure<B>> {
        let internal = || Failure::Refusal(Refusal::Internal);
        let origin = server.origin.as_ref().ok_or_else(internal)?;
        origin.address(&mut request, (outgoing.path, outgoing.query.as_deref())).ok_or_else(internal)?;
        let progress = request.body().progress();
        let upgrades = outgoing.upgrade.is_some();
        tokio::select! {
            biased;
            answer = self.exchange(server, origin, request, upgrades) => answer.map_err(|fault| fault.failure(&progress)),
            refusal = progress.stalled(patience) => Err(Failure::Refusal(refusal)),
        }
    }

    /// Sends a request on a connection that has been used before, as long as there is one that its server has not
    /// closed; else on a new one.
    pub(crate) async fn exchange(
        &self,
        server: &ServerState<B>,
        origin: &Origin,
        mut request: Request<Upload<B>>,
        upgrades: bool,
    ) -> Result<(Response<Incoming>, Underway<B>), Fault<B>> {
        let progress = request.body().progress();
        while !upgrades && let Some(connection) = server.pool.take() {
            match connection.send(request).await {
                Ok(answered) => return Ok(underway(answered, server, &progress)),
                Err(mut unanswered) => match unanswered.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(Fault::Broken(unanswered.into_error())),
                },
            }
        }
        let connection = match connect::connect(&self.connector, origin).await {
            Ok(connection) => connection,
            Err(fault) => return Err(Fault::NotConnected(fault, Box::new(request))),
        };
        let answered = if upgrades {
            connection.send_upgrade(request).await.map(|answer| (answer, None))
        } else {
            connection.send(request).await
        };
        let answered = answered.map_err(|unanswered| Fault::Broken(unanswered.into_error()))?;
        Ok(underway(answered, server, &progress))
    }
}

/// The rest of an exchange whose answer has begun. While something of the request is still to be sent, that must not
/// wait for whoever reads the answer.
fn underway<B>(
    (answer, connection): Answered<B>,
    server: &ServerState<B>,
    progress: &Progress,
) -> (Response<Incoming>, Underway<B>)
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let underway = Underway::new(connection, &server.pool);
    if underway.is_through() || progress.is_sent() {
        return (answer, underway);
    }
    underway.by_itself();
    (answer, Underway::new(None, &server.pool))
}

/// Why a server gave no answer.
pub(crate) enum Fault<B> {
    /// No connection came about; the request is as it was.
    NotConnected(ConnectFault, Box<Request<Upload<B>>>),
    /// It went wrong later.
    Broken(hyper::Error),
}

/// The same, for the caller.
enum Failure<B> {
    /// Nothing was sent: another server may be tried.
    NotReached(Box<Request<Upload<B>>>),
    /// Something may have been.
    Refusal(Refusal),
}

impl<B> Fault<B> {
    fn failure(self, progress: &Progress) -> Failure<B> {
        match self {
            Self::NotConnected(error, request) => {
                tracing::warn!(%error, cause = ?error.source(), "an upstream cannot be reached");
                Failure::NotReached(request)
            }
            // A caller that goes away inside its body is not the server's fault, and no error of ours.
            Self::Broken(_) if progress.is_broken() => Failure::Refusal(Refusal::BodyBroken),
            Self::Broken(error) => {
                tracing::warn!(%error, cause = ?std::error::Error::source(&error), "an upstream failed");
                Failure::Refusal(Refusal::UpstreamBroken)
            }
        }
    }
}

/// The answer, without the headers of its connection; an upgrade joins both ends until the token expires.
fn finish<B>(
    (mut answer, underway): (Response<Incoming>, Underway<B>),
    outgoing: Outgoing<'_>,
    expires_in: Duration,
    patience: Duration,
) -> Result<Response<Download<B>>, Refusal>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
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
    let untold = outgoing.is_head && !answer.headers().contains_key(CONTENT_LENGTH);
    Ok(answer.map(|body| Download::new(body, underway, patience, expires_in).of_untold_length(untold)))
}
