//! Connections to the servers behind the gateway.

use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::uri::PathAndQuery;
use http::{HeaderValue, Request, Uri};
use http_body::Body;
use hyper::client::conn::http1;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use tower::ServiceExt;
use url::Url;
use writ_core::route::NormalPath;

use crate::connection::Connection;

/// How long a connection to an upstream may take to come about.
const CONNECT: Duration = Duration::from_secs(5);

/// What makes connections, in the clear or over TLS.
pub(crate) type Connector = HttpsConnector<HttpConnector>;

/// Why no connection came about.
pub(crate) type ConnectFault = Box<dyn std::error::Error + Send + Sync>;

pub(crate) fn connector() -> Connector {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_connect_timeout(Some(CONNECT));
    http.set_nodelay(true);
    with_tls(http)
}

/// A new connection to a server.
pub(crate) async fn connect<B>(connector: &Connector, origin: &Origin) -> Result<Connection<B>, ConnectFault>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let stream = connector.clone().oneshot(origin.root.clone()).await?;
    let (requests, driver) = http1::Builder::new().writev(false).handshake(stream).await?;
    Ok(Connection::new(requests, driver))
}

/// TLS with the system's roots; where there are none, servers behind https are not reachable, and others are.
fn with_tls(http: HttpConnector) -> Connector {
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
    /// Where it is.
    root: Uri,
    /// What its requests name as their host.
    host: HeaderValue,
    /// Its own path, without a slash at the end.
    prefix: String,
}

impl Origin {
    pub(crate) fn of(server: &Url) -> Option<Self> {
        let root: Uri = server.as_str().parse().ok()?;
        let host = HeaderValue::from_str(root.authority()?.as_str()).ok()?;
        let prefix = server.path().trim_end_matches('/').to_owned();
        Some(Self { root, host, prefix })
    }

    /// Makes a request one to this server; `None`: its path or query cannot be written.
    pub(crate) fn address<T>(
        &self,
        request: &mut Request<T>,
        (path, query): (&NormalPath, Option<&str>),
    ) -> Option<()> {
        *request.uri_mut() = self.target(path, query)?;
        request.headers_mut().insert(HOST, self.host.clone());
        Some(())
    }

    /// The server's own path, then the request's in its normal form, then the query as it came.
    fn target(&self, path: &NormalPath, query: Option<&str>) -> Option<Uri> {
        let (mark, query) = query.map_or(("", ""), |query| ("?", query));
        let text = [&self.prefix, path.as_str(), mark, query].concat();
        PathAndQuery::from_maybe_shared(Bytes::from(text)).ok().map(Uri::from)
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
            ("http://one:8080", None, "/a%20b/c", "one:8080"),
            ("http://one:80/", Some("x=1"), "/a%20b/c?x=1", "one"),
            ("https://[::1]:8443/base/", Some(""), "/base/a%20b/c?", "[::1]:8443"),
            ("https://one:443/base", None, "/base/a%20b/c", "one"),
        ] {
            assert_eq!(target(server, query), (expected.to_owned(), host.to_owned()));
        }
    }
}
