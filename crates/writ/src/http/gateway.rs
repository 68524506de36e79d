//! The gateway's front door: which tenant, and the words for what is not let through.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use writ_core::resource_server::ResourceServer;
use writ_core::tenant::Tenant;
use writ_gateway::{Caller, Denied};
use writ_oauth::{Class, Refusal, Refused};

use super::app::App;
use super::request_id::{Logged, RequestId};
use super::{dialect, door, reply};

/// Where protected resources say which issuer they trust.
const METADATA: &str = "/.well-known/oauth-protected-resource";

/// Every request at the gateway's listener.
pub(crate) async fn serve(State(app): State<Arc<App>>, id: reply::Id, request: Request) -> Response {
    let caller = match caller(&app, &request) {
        Ok(caller) => caller,
        Err(refused) => return reply::refused(dialect::plain(), &refused, Some(&id)),
    };
    if let Some(resource) = request.uri().path().strip_prefix(METADATA) {
        return metadata(&caller, resource, &id);
    }
    match app.gateway.serve(&app.core, &caller, request).await {
        Ok(response) => {
            let mut response = response.map(Body::new).into_response();
            response.extensions_mut().insert(Logged::upstreams());
            response
        }
        Err(denied) => deny(&app, &caller.tenant, &denied, &id),
    }
}

fn caller(app: &App, request: &Request) -> Result<Caller, Refused> {
    let host = door::host(request.uri(), request.headers())?.to_ascii_lowercase();
    let snapshot = app.core.snapshot();
    let tenant = Arc::clone(snapshot.by_gateway_host(&host).ok_or(Refusal::HostUnknown)?);
    Ok(Caller { tenant, host, origin: door::origin(app, request.extensions(), request.headers()) })
}

fn deny(app: &App, tenant: &Tenant, denied: &Denied, id: &RequestId) -> Response {
    let mut response = reply::refused(dialect::plain(), &denied.refused, Some(id));
    let headers = response.headers_mut();
    if let Ok(allow) = HeaderValue::from_str(&denied.allow.join(", "))
        && !denied.allow.is_empty()
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

/// The metadata of the resource server that a path names, by its URL or its audience.
fn metadata(caller: &Caller, resource: &str, id: &RequestId) -> Response {
    let by_url = |server: &&Arc<ResourceServer>| {
        server.resource_urls.iter().any(|url| {
            let Ok(uri) = url.parse::<Uri>() else { return false };
            let host = uri.authority().is_some_and(|authority| authority.as_str().eq_ignore_ascii_case(&caller.host));
            host && uri.path().trim_end_matches('/') == resource
        })
    };
    let by_audience = |server: &&Arc<ResourceServer>| resource.strip_prefix('/') == Some(&escaped(&server.audience));
    let tenant = &caller.tenant;
    let found = tenant.resource_servers().find(by_url).or_else(|| tenant.resource_servers().find(by_audience));
    let Some(server) = found else {
        return reply::refused(dialect::plain(), &Refusal::RouteUnknown.into(), Some(id));
    };
    let body = json!({
        "resource": server.resource_urls.first().unwrap_or(&server.audience),
        "authorization_servers": tenant.issuers.iter().map(|issuer| &issuer.url).collect::<Vec<_>>(),
        "scopes_supported": server.permissions.iter().map(|permission| &permission.id).collect::<Vec<_>>(),
        "bearer_methods_supported": ["header"],
    });
    let response = reply::public_json(body.to_string(), 60);
    debug_assert_eq!(response.status(), StatusCode::OK);
    response
}
