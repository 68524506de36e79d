//! HTTP requests of the command line: bounded in time and size, no redirects.

use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Identity, RequestBuilder};
use serde_json::{Map, Value};
use url::{Host, Url};

use super::failure::{Answer, Failure};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_mins(1);
/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 64 << 20;

/// What a server answered, when it did.
pub(crate) struct Response {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The whole body.
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// The body of a success, read as JSON; anything else is the server's refusal.
    pub(crate) fn json(self) -> Result<Value, Answer> {
        let value = serde_json::from_slice(&self.body).unwrap_or_default();
        let success = (200..300).contains(&self.status);
        match value {
            value if success && (self.body.is_empty() || value != Value::Null) => Ok(value),
            Value::Object(body) if !success => Err(Answer { status: self.status, body }),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                Err(Answer { status: self.status, body: Map::new() })
            }
        }
    }
}

/// Reads a URL that will be sent requests.
pub(crate) fn endpoint(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("`{text}` is not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(format!("`{text}` is not an http or https URL"));
    }
    Ok(url)
}

/// Whether what is sent there stays on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A client for requests to this URL. A proxy from the environment is not asked for this machine's own servers.
pub(crate) fn client(url: &Url) -> Result<Client, Failure> {
    client_with(url, None)
}

/// The same with a certificate of its own.
pub(crate) fn client_with(url: &Url, identity: Option<Identity>) -> Result<Client, Failure> {
    let builder = Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        .redirect(Policy::none())
        .user_agent(concat!("writ/", env!("CARGO_PKG_VERSION")));
    let builder = if is_loopback(url) { builder.no_proxy() } else { builder };
    let builder = match identity {
        Some(identity) => builder.identity(identity),
        None => builder,
    };
    // Without TLS no certificates are needed; a slim container has none, and looking for them would fail there.
    let builder = if url.scheme() == "http" { builder.tls_certs_only([]) } else { builder };
    builder.build().map_err(|error| Failure::new("failed", format!("no HTTP client can be made: {}", cause(&error))))
}

/// Sends a request to `url` and reads the whole answer.
pub(crate) async fn send(url: &Url, request: RequestBuilder) -> Result<Response, Failure> {
    let unreachable = |error: reqwest::Error| {
        let next = next_step(innermost(&error));
        Failure::new("unreachable", format!("no answer from {}: {}{next}", origin(url), cause(&error)))
    };
    let mut response = request.send().await.map_err(unreachable)?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER {
            return Err(Failure::new("unexpected_answer", format!("the answer of {} is too large", origin(url))));
        }
    }
    Ok(Response { status, body })
}

/// What to do about a server that cannot be reached.
fn next_step(error: &(dyn Error + 'static)) -> &'static str {
    let io = error.downcast_ref::<std::io::Error>();
    if io.is_some_and(|error| error.kind() == ErrorKind::ConnectionRefused) {
        return ". Start the server with `writ serve`, or name another with --dir or --server";
    }
    if io.is_some_and(is_about_the_certificate) {
        return ". Its certificate must name this host; if its authority is your own, trust it with SSL_CERT_FILE=ca.pem";
    }
    ""
}

/// Errors of reading and writing hold others of their kind, and that of TLS in the end.
fn is_about_the_certificate(error: &std::io::Error) -> bool {
    error.get_ref().is_some_and(|inside| match inside.downcast_ref::<std::io::Error>() {
        Some(deeper) => is_about_the_certificate(deeper),
        None => matches!(inside.downcast_ref(), Some(rustls::Error::InvalidCertificate(_))),
    })
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// What happened; the outer errors repeat the URL.
fn cause(error: &(dyn Error + 'static)) -> String {
    innermost(error).to_string()
}

fn innermost<'e>(error: &'e (dyn Error + 'static)) -> &'e (dyn Error + 'static) {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost
}
