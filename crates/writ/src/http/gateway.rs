//! The gateway's front door: which tenant, and the words for what is not let through.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ALLOW, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method, Uri};
use axum::response::Response;
use serde_json::json;
use writ_core::resource_server::ResourceServer;
use writ_core::tenant::Tenant;
use writ_gateway::{Caller, Denied};
use writ_oauth::{Class, Refusal, Refused};

use super::app::App;
use super::refusal_memory::{Place, placed};
use super::request_id::{Logged, RequestId};
use super::{caller_certificate, dialect, door, reply, request_id};

/// Where protected resources say which issuer they trust.
const METADATA: &str = "/.well-known/oauth-protected-resource";

/// Every request at the gateway's listener.
pub(crate) async fn serve(app: Arc<App>, id: RequestId, mut request: Request) -> Response {
    // One id in the logs on both sides of the gateway, whatever the caller calls its request.
    request.headers_mut().insert(request_id::HEADER, id.header());
    let caller = match caller(&app, &request) {
        Ok(caller) => caller,
        Err(refused) => return reply::refused(dialect::plain(), &refused, Some(&id)),
    };
    if let Some(resource) = resource_of(request.uri().path()) {
        return metadata(&caller, resource, request.method(), &id);
    }
    match app.gateway.serve(&app.core, &caller, request).await {
        Ok(response) => {
            let mut response = response.map(Body::new);
            response.extensions_mut().insert(Logged::upstreams());
            response
        }
        Err(denied) => {
            let place = Place { tenant: caller.tenant.name.clone(), door: None, origin: caller.origin };
            placed(deny(&app, &caller.tenant, &denied, &id), place)
        }
    }
}

fn caller(app: &App, request: &Request) -> Result<Caller, Refused> {
    let host = door::host(request.uri(), request.headers())?.to_ascii_lowercase();
    let snapshot = app.core.snapshot();
    let tenant = Arc::clone(snapshot.by_gateway_host(&host).ok_or(Refusal::HostUnknown)?);
    let (extensions, headers) = (request.extensions(), request.headers());
    let (origin, scheme) = (door::origin(app, extensions, headers), door::scheme(app, extensions, headers));
    let certificate = caller_certificate::of_request(app, extensions, headers)?;
    Ok(Caller { tenant, host, origin, scheme, certificate })
}

fn deny(app: &App, tenant: &Tenant, denied: &Denied, id: &RequestId) -> Response {
    let mut response = reply::refused(dialect::plain(), &denied.refused, Some(id));
    let headers = response.headers_mut();
    if let Ok(allow) = HeaderValue::from_str(&denied.allow.join(", "))
        && denied.refused.refusal == Refusal::MethodNotAllowed
    {
        headers.insert(ALLOW, allow);
    }
    let server = denied.audience.as_deref().and_then(|audience| tenant.resource_server(audience));
    let challenged = matches!(denied.refused.refusal.class(), Class::BadToken | Class::InsufficientToken);
    if let (Some(server), true, Some(challenge)) = (server, challenged, headers.get(WWW_AUTHENTICATE)) {
        // > resource_metadata: The URL of the protected resource metadata.
        // https://www.rfc-editor.org/rfc/rfc9728#section-5.1
        let challenge = challenge.to_str().unwrap_or("Bearer");
        let url = metadata_url(app, server);
        if let Ok(value) = HeaderValue::from_str(&format!(r#"{challenge}, resource_metadata="{url}""#)) {
            headers.insert(WWW_AUTHENTICATE, value);
        }
    }
    response
}

/// > Protected resource metadata [...] is at a URL that is formed by inserting a well-known URI string into the
/// > protected resource's resource identifier between the host component and the path
///
/// <https://www.rfc-editor.org/rfc/rfc9728#section-3>
///
/// A resource server without a URL of its own is found by its audience at the gateway's own address.
fn metadata_url(app: &App, server: &ResourceServer) -> String {
    let inserted = server.resource_urls.first().and_then(|url| {
        let url = url::Url::parse(url).ok()?;
        let origin = url.origin();
        origin
            .is_tuple()
            .then(|| format!("{}{METADATA}{}", origin.ascii_serialization(), url.path().trim_end_matches('/')))
    });
    inserted.unwrap_or_else(|| format!("{}{METADATA}/{}", app.gateway_url, escaped(&server.audience)))
}

/// An audience as one segment of a path.
fn escaped(audience: &str) -> String {
    url::form_urlencoded::byte_serialize(audience.as_bytes()).collect()
}

/// What follows the well-known path, if it is one.
fn resource_of(path: &str) -> Option<&str> {
    path.strip_prefix(METADATA).filter(|resource| resource.is_empty() || resource.starts_with('/'))
}

/// The metadata of the resource server that a path names, by its URL or its audience.
///
/// > The resource value returned MUST be identical to the protected resource's resource identifier value into which the
/// > well-known URI path suffix was inserted to create the URL used to retrieve the metadata.
///
/// <https://www.rfc-editor.org/rfc/rfc9728#section-3.3>
fn metadata(caller: &Caller, resource: &str, method: &Method, id: &RequestId) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) {
        let mut response = reply::refused(dialect::plain(), &Refusal::MethodNotAllowed.into(), Some(id));
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let is_asked_for = |url: &&String| {
        let Ok(uri) = url.parse::<Uri>() else { return false };
        let host = uri.authority().is_some_and(|authority| authority.as_str().eq_ignore_ascii_case(&caller.host));
        host && uri.path().trim_end_matches('/') == resource
    };
    let by_url = |server: &'_ Arc<ResourceServer>| {
        Some((Arc::clone(server), server.resource_urls.iter().find(is_asked_for)?.clone()))
    };
    let by_audience = |server: &&Arc<ResourceServer>| resource.strip_prefix('/') == Some(&escaped(&server.audience));
    let tenant = &caller.tenant;
    let named =
        || tenant.resource_servers().find(by_audience).map(|server| (Arc::clone(server), server.audience.clone()));
    let Some((server, identifier)) = tenant.resource_servers().find_map(by_url).or_else(named) else {
        return reply::refused(dialect::plain(), &Refusal::RouteUnknown.into(), Some(id));
    };
    let body = json!({
        "resource": identifier,
        "authorization_servers": tenant.issuers.iter().map(|issuer| &issuer.url).collect::<Vec<_>>(),
        "scopes_supported": server.permissions.scopes(),
        "bearer_methods_supported": ["header"],
    });
    reply::public_json(body.to_string(), 60)
}
