//! Which front door a request came to: its dialect by the route, its tenant by Host or path, never anything else.

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{Extensions, HeaderMap, HeaderValue, Uri};
use axum::response::Response;
use writ_core::tenant::{OPERATOR, Snapshot, Tenant};
use writ_core::{Door, network};
use writ_oauth::{Refusal, Refused};

use super::app::App;
use super::dialect::{self, Dialect};
use super::listener::{OverTls, Peer};
use super::request_id::RequestId;
use super::{caller_certificate, refusal_memory, reply};

/// A request's front door.
pub(crate) struct AtDoor {
    /// How it speaks.
    pub(crate) dialect: &'static Dialect,
    /// Where it is.
    pub(crate) door: Door,
}

impl AtDoor {
    /// A refusal in the words of the door.
    pub(crate) fn refused(&self, refused: &Refused, id: &RequestId) -> Response {
        refusal_memory::placed(reply::refused(self.dialect, refused, Some(id)), self)
    }
}

impl FromRequestParts<Arc<App>> for AtDoor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let dialect = dialect_of(parts);
        let found = match RawPathParams::from_request_parts(parts, app).await {
            Ok(params) => door(app, dialect, tenant_in(&params), parts),
            // A name that is not UTF-8 once decoded is no tenant's.
            Err(_) => Err(Refusal::PathUnknown.into()),
        };
        found
            .map(|door| Self { dialect, door })
            .map_err(|refused| reply::refused(dialect, &refused, parts.extensions.get::<RequestId>()))
    }
}

fn tenant_in(params: &RawPathParams) -> Option<&str> {
    params.iter().find(|(name, _)| *name == "tenant").map(|(_, value)| value)
}

/// The dialect that the route belongs to.
fn dialect_of(parts: &Parts) -> &'static Dialect {
    parts.extensions.get::<&'static Dialect>().copied().unwrap_or_else(dialect::plain)
}

fn door(app: &App, dialect: &'static Dialect, named: Option<&str>, parts: &Parts) -> Result<Door, Refused> {
    let snapshot = app.core.snapshot();
    let tenant = tenant(&snapshot, named, &parts.uri, &parts.headers)?;
    let issuer = Arc::clone(tenant.issuer(dialect.core.key).ok_or(Refusal::PathUnknown)?);
    let (extensions, headers) = (&parts.extensions, &parts.headers);
    let certificate = caller_certificate::of_request(app, extensions, headers)?;
    Ok(Door { tenant, issuer, origin: origin(app, extensions, headers), certificate })
}

/// The front door of the operator's tenant that issues the tokens of administrators.
pub(crate) fn of_operator(app: &App, request: &Request) -> Result<AtDoor, Refused> {
    let dialect = dialect::plain();
    let tenant = Arc::clone(app.core.snapshot().tenant(OPERATOR).ok_or(Refusal::Internal)?);
    let issuer = Arc::clone(tenant.issuer(dialect.core.key).ok_or(Refusal::Internal)?);
    let origin = origin(app, request.extensions(), request.headers());
    let certificate = caller_certificate::of_request(app, request.extensions(), request.headers())?;
    Ok(AtDoor { dialect, door: Door { tenant, issuer, origin, certificate } })
}

/// The tenant that the Host chooses, or the one that the path names on the operator's host.
fn tenant(snapshot: &Snapshot, named: Option<&str>, uri: &Uri, headers: &HeaderMap) -> Result<Arc<Tenant>, Refused> {
    let by_host = snapshot.by_host(host(uri, headers)?).ok_or(Refusal::HostUnknown)?;
    let tenant = match named {
        None => by_host,
        Some(name) if by_host.name == OPERATOR => snapshot.tenant(name).ok_or(Refusal::PathUnknown)?,
        Some(_) => return Err(Refusal::PathUnknown.into()),
    };
    Ok(Arc::clone(tenant))
}

/// The one host that a request names.
///
/// > A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request message that lacks a Host header
/// > field and to any request message that contains more than one Host header field line or a Host header field with an
/// > invalid field value.
///
/// <https://www.rfc-editor.org/rfc/rfc9112#section-3.2>
///
/// A target that names another host than the header is refused as well: whoever forwarded the request may have gone by
/// either.
pub(super) fn host<'r>(uri: &'r Uri, headers: &'r HeaderMap) -> Result<&'r str, Refusal> {
    let mut lines = headers.get_all(HOST).iter();
    let header = match (lines.next(), lines.next()) {
        (None, _) => None,
        (Some(only), None) => Some(only.to_str().map_err(|_| Refusal::HostMalformed)?),
        (Some(_), Some(_)) => return Err(Refusal::HostMalformed),
    };
    let host = match (uri.authority().map(Authority::as_str), header) {
        (Some(authority), Some(header)) if !authority.eq_ignore_ascii_case(header) => None,
        (Some(authority), _) => Some(authority),
        (None, header) => header,
    };
    host.filter(|host| is_host(host)).ok_or(Refusal::HostMalformed)
}

/// Whether a text is a host with or without a port, and nothing before or behind it.
fn is_host(text: &str) -> bool {
    // Most are a name and no more, which the parser of authorities would copy to say so.
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')) {
        return true;
    }
    !text.contains('@') && Authority::from_str(text).is_ok_and(|authority| !authority.host().is_empty())
}

/// The caller's address, as far as it can be trusted.
pub(super) fn origin(app: &App, extensions: &Extensions, headers: &HeaderMap) -> IpAddr {
    // A request without a peer was not made over a socket; it comes from nowhere.
    let peer = extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Peer(address)| address.ip());
    if app.trusted_proxies.is_empty() {
        return network::origin(peer, &[], &[]);
    }
    // What a caller wrote in front of an address, legible or not, does not take that address away.
    let lines = headers.get_all("x-forwarded-for").iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
    let lines: Vec<_> = lines.collect();
    let forwarded: Vec<_> = lines.iter().flat_map(|line| line.split(',')).collect();
    network::origin(peer, &forwarded, &app.trusted_proxies)
}

/// How the caller speaks to this server, or to the trusted proxy before it, as far as that says so in one word.
pub(super) fn scheme(app: &App, extensions: &Extensions, headers: &HeaderMap) -> &'static str {
    let own = if extensions.get::<OverTls>().is_some() { "https" } else { "http" };
    let peer = extensions.get::<Peer>().map(|Peer(address)| address.ip());
    if !peer.is_some_and(|peer| network::contains(&app.trusted_proxies, peer)) {
        return own;
    }
    let mut lines = headers.get_all("x-forwarded-proto").iter();
    match (lines.next().map(HeaderValue::as_bytes), lines.next()) {
        (Some(b"https"), None) => "https",
        (Some(b"http"), None) => "http",
        (_, _) => own,
    }
}

/// A path of a front door, by a method it does not take.
pub(crate) async fn wrong_method(id: reply::Id, dialect: Option<Extension<&'static Dialect>>) -> Response {
    let dialect = dialect.map_or_else(dialect::plain, |Extension(dialect)| dialect);
    reply::refused(dialect, &Refusal::MethodNotAllowed.into(), Some(&id))
}

/// A path of nothing.
pub(crate) async fn unknown_path(id: reply::Id) -> Response {
    reply::refused(dialect::plain(), &Refusal::PathUnknown.into(), Some(&id))
}
