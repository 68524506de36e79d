//! Connections to the servers behind the gateway.

use std::time::Duration;

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Uri};
use http_body::Body;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use url::Url;
use writ_core::route::NormalPath;

use crate::body::Upload;

/// How long a connection to an upstream may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an unused connection is kept: less than the usual five seconds of servers that close theirs.
const IDLE: Duration = Duration::from_secs(4);
/// How many unused connections are kept to each server.
const IDLE_CONNECTIONS: usize = 256;

/// A client with its pool of connections.
pub(crate) type Client<B> = hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, Upload<B>>;

pub(crate) fn client<B>() -> Client<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_connect_timeout(Some(CONNECT));
    http.set_nodelay(true);
    hyper_util::client::legacy::Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .build(connector(http))
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

/// What a server's URL comes to in requests to it.
pub(crate) struct Origin {
    scheme: Scheme,
    authority: Authority,
    /// What its requests name as their host.
    pub(crate) host: HeaderValue,
    /// Its own path, without a slash at the end.
    prefix: String,
}

impl Origin {
    pub(crate) fn of(server: &Url) -> Option<Self> {
        let uri: Uri = server.as_str().parse().ok()?;
        let parts = uri.into_parts();
        let authority = parts.authority?;
        let host = HeaderValue::from_str(authority.as_str()).ok()?;
        let prefix = server.path().trim_end_matches('/').to_owned();
        Some(Self { scheme: parts.scheme?, authority, host, prefix })
    }

    /// The server's own path, then the request's in its normal form, then the query as it came.
    pub(crate) fn target(&self, path: &NormalPath, query: Option<&str>) -> Option<Uri> {
        let (mark, query) = query.map_or(("", ""), |query| ("?", query));
        let text = [&self.prefix, path.as_str(), mark, query].concat();
        let path_and_query = PathAndQuery::from_maybe_shared(Bytes::from(text)).ok()?;
        let builder = Uri::builder().scheme(self.scheme.clone()).authority(self.authority.clone());
        builder.path_and_query(path_and_query).build().ok()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_the_servers_path_then_the_requests_then_its_query() {
        let target = |server: &str, query| {
            let origin = Origin::of(&server.parse().unwrap()).unwrap();
            let target = origin.target(&NormalPath::parse("/a%20b/c").unwrap(), query).unwrap();
            (target.to_string(), origin.host.to_str().unwrap().to_owned())
        };
        for (server, query, expected, host) in [
            ("http://one:8080", None, "http://one:8080/a%20b/c", "one:8080"),
            ("http://one:80/", Some("x=1"), "http://one/a%20b/c?x=1", "one"),
            ("https://[::1]:8443/base/", Some(""), "https://[::1]:8443/base/a%20b/c?", "[::1]:8443"),
            ("https://one:443/base", None, "https://one/base/a%20b/c", "one"),
        ] {
            assert_eq!(target(server, query), (expected.to_owned(), host.to_owned()));
        }
    }
}
