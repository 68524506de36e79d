//! Forwarding an allowed request, and its answer, as they stream.

use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{Request, Response, StatusCode, Uri, Version};
use http_body::Body;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use url::Url;
use writ_core::Enforced;
use writ_core::route::{NormalPath, Upstream};
use writ_core::tenant::Snapshot;
use writ_oauth::Refusal;

use crate::gateway::Caller;
use crate::headers::{self, Kept};
use crate::server::Servers;
use crate::upgrade;

/// How long a connection to an upstream may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an upstream may take to begin its answer.
const ANSWER: Duration = Duration::from_mins(1);
/// How long an unused connection is kept: less than the usual five seconds of servers that close theirs.
const IDLE: Duration = Duration::from_secs(4);
/// How many unused connections are kept to each server.
const IDLE_CONNECTIONS: usize = 256;

/// Connections to upstreams.
pub(crate) struct Forwarder<B> {
    client: Client<HttpsConnector<HttpConnector>, B>,
    servers: Servers,
}

impl<B> Forwarder<B>
where
    B: Body<Data = Bytes> + Default + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    pub(crate) fn new() -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_connect_timeout(Some(CONNECT));
        http.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .build(connector(http));
        Self { client, servers: Servers::new() }
    }

    /// Forwards a request to the first server that can be reached.
    ///
    /// Another server is tried only when no connection came about, so that nothing was sent, and when there is no
    /// body that would be gone by then.
    pub(crate) async fn forward(
        &self,
        upstream: &Upstream,
        path: &NormalPath,
        (caller, enforced): (&Caller, &Enforced),
        mut request: Request<B>,
    ) -> Result<Response<Incoming>, Refusal> {
        let kept = Kept::of(request.headers());
        let callers_end = kept.is_upgrade().then(|| hyper::upgrade::on(&mut request));
        let query = request.uri().query().map(str::to_owned);
        let (mut parts, body) = request.into_parts();
        headers::remove_hop_by_hop(&mut parts.headers);
        headers::remove_claims(&mut parts.headers);
        headers::put_identity(&mut parts.headers, enforced, caller.origin, upstream.token);
        kept.put(&mut parts.headers);
        parts.version = Version::HTTP_11;
        let again = body.is_end_stream();
        let mut body = Some(body);
        for server in self.servers.in_turn(&upstream.servers) {
            let Some(body) = body.take().or_else(|| again.then(B::default)) else { break };
            let mut outgoing = Request::new(body);
            *outgoing.method_mut() = parts.method.clone();
            outgoing.headers_mut().clone_from(&parts.headers);
            *outgoing.uri_mut() = target(server, path, query.as_deref()).ok_or(Refusal::Internal)?;
            match self.send(outgoing).await {
                Ok(answer) => {
                    self.servers.answered(server);
                    return Ok(finish(answer, callers_end, enforced.expires_at()));
                }
                Err(Failure::NotReached) => self.servers.failed(server),
                Err(Failure::Refusal(refusal)) => return Err(refusal),
            }
        }
        Err(Refusal::UpstreamUnreachable)
    }

    async fn send(&self, request: Request<B>) -> Result<Response<Incoming>, Failure> {
        match tokio::time::timeout(ANSWER, self.client.request(request)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(failure(&error)),
            Err(_) => Err(Failure::Refusal(Refusal::UpstreamTooSlow)),
        }
    }

    pub(crate) fn forget_unused(&self, snapshot: &Snapshot) {
        let routes = || snapshot.tenants.iter().flat_map(|tenant| tenant.routes.iter());
        let used = |url: &str| routes().flat_map(|route| &route.upstream.servers).any(|server| server.as_str() == url);
        self.servers.keep_only(used);
    }
}

/// Why a server gave no answer.
enum Failure {
    /// No connection came about; nothing was sent.
    NotReached,
    /// It went wrong later.
    Refusal(Refusal),
}

fn failure(error: &Error) -> Failure {
    tracing::warn!(%error, cause = ?std::error::Error::source(error), "an upstream failed");
    if error.is_connect() { Failure::NotReached } else { Failure::Refusal(Refusal::UpstreamBroken) }
}

/// TLS with the system's roots; where there are none, servers behind https are not reachable, and others are.
fn connector(http: HttpConnector) -> HttpsConnector<HttpConnector> {
    let builder = HttpsConnectorBuilder::new();
    let with_roots = match builder.with_native_roots() {
        Ok(builder) => builder,
        Err(error) => {
            tracing::warn!(%error, "no root certificates: upstreams behind https cannot be verified");
            let roots = rustls::RootCertStore::empty();
            let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
            HttpsConnectorBuilder::new().with_tls_config(config)
        }
    };
    with_roots.https_or_http().enable_http1().wrap_connector(http)
}

/// The server's own path, then the request's in its normal form, then the query as it came.
fn target(server: &Url, path: &NormalPath, query: Option<&str>) -> Option<Uri> {
    let prefix = server.path().trim_end_matches('/');
    let mut wanted = format!("{prefix}{}", path.as_str());
    if let Some(query) = query {
        wanted.push('?');
        wanted.push_str(query);
    }
    let authority = match server.port() {
        Some(port) => format!("{}:{port}", server.host_str()?),
        None => server.host_str()?.to_owned(),
    };
    let wanted: PathAndQuery = wanted.parse().ok()?;
    Uri::builder().scheme(server.scheme()).authority(authority).path_and_query(wanted).build().ok()
}

/// The answer, without the headers of its connection; an upgrade joins both ends until the token expires.
fn finish(
    mut answer: Response<Incoming>,
    callers_end: Option<hyper::upgrade::OnUpgrade>,
    expires_at: i64,
) -> Response<Incoming> {
    let switching = answer.status() == StatusCode::SWITCHING_PROTOCOLS;
    let kept = Kept::of(answer.headers());
    headers::remove_hop_by_hop(answer.headers_mut());
    if let (true, Some(callers_end)) = (switching, callers_end) {
        kept.put(answer.headers_mut());
        tokio::spawn(upgrade::join(callers_end, hyper::upgrade::on(&mut answer), expires_at));
    }
    answer
}
