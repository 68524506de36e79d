//! Why a request would be granted or refused, and what would have to change.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode, Uri};
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;
use writ_core::admin::AdminPermission;
use writ_core::explain::{CallEnquiry, RequestEnquiry};
use writ_core::grant::Grant;
use writ_core::route::Matched;
use writ_core::tenant::Tenant;
use writ_oauth::form::Form;
use writ_oauth::request::Asked;
use writ_oauth::secret::PlainSecret;
use writ_oauth::{Refusal, Refused};

use super::error::AdminError;
use super::{Caller, administrator, answer, parse, read, reply, with};
use crate::http::app::App;
use crate::http::dialect::{self, Answer, Dialect};

/// The body: one of both.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Question {
    request: Option<TokenRequest>,
    call: Option<ApiCall>,
}

/// A request for a token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    client_id: String,
    scope: Option<String>,
    resource: Option<String>,
    door: Option<String>,
    grant_type: Option<String>,
    from: Option<IpAddr>,
    at: Option<Timestamp>,
}

/// A call of the gateway.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApiCall {
    token: PlainSecret,
    method: String,
    url: String,
    from: Option<IpAddr>,
}

/// `POST /v1/tenants/{tenant}/explain`: what would be answered, by which rules. Nothing is issued, spent or noted.
pub(crate) async fn explain(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path(tenant): Path<String>,
    caller: Caller,
    body: Body,
) -> Response {
    let explained = async {
        administrator(&app, &caller, AdminPermission::ConfigRead).await?;
        match parse(&read(body).await?)? {
            Question { request: Some(request), call: None } => of_request(&app, &tenant, request).await,
            Question { request: None, call: Some(call) } => of_call(&app, &tenant, call).await,
            Question { .. } => Err(AdminError::Invalid("say what is asked: either `request` or `call`".into())),
        }
    };
    answer(StatusCode::OK, explained.await, &id)
}

async fn of_request(app: &App, tenant: &str, request: TokenRequest) -> Result<Value, AdminError> {
    let dialect = dialect_of(request.door.as_deref())?;
    let grant = match request.grant_type.as_deref() {
        None => Grant::ClientCredentials,
        Some(name) => Grant::from_name(name)
            .ok_or_else(|| AdminError::Invalid(format!("`grant_type`: this server has no grant `{name}`")))?,
    };
    let enquiry = RequestEnquiry {
        tenant,
        dialect: dialect.core.key,
        client_id: &request.client_id,
        grant,
        asked: asked(app, dialect, &request),
        origin: request.from,
        at: request.at.map(Timestamp::as_second),
    };
    let (explanation, refused) = app.core.explain_request(enquiry).await?;
    Ok(with_answer(json!(explanation), dialect, refused.as_ref()))
}

/// What is asked for, read as the door reads it from a form.
fn asked(app: &App, dialect: &Dialect, request: &TokenRequest) -> Result<Asked, Refused> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("scope", &request.scope), ("resource", &request.resource)] {
        if let Some(value) = value {
            form.append_pair(name, value);
        }
    }
    (dialect.asked)(&Form::parse(form.finish().as_bytes(), app.limits.parameters)?)
}

fn dialect_of(name: Option<&str>) -> Result<&'static Dialect, AdminError> {
    let Some(name) = name else { return Ok(dialect::plain()) };
    let unknown = || {
        let known: Vec<_> = dialect::ALL.iter().map(|dialect| dialect.core.key).collect();
        AdminError::Invalid(format!("`door`: there is no door `{name}`, only {}", known.join(", ")))
    };
    dialect::ALL.into_iter().find(|dialect| dialect.core.key == name).ok_or_else(unknown)
}

async fn of_call(app: &App, tenant: &str, call: ApiCall) -> Result<Value, AdminError> {
    let wrong = |member: &str| AdminError::Invalid(format!("`{member}` is not one that a request can have"));
    let method = Method::from_bytes(call.method.as_bytes()).map_err(|_| wrong("method"))?;
    let url: Uri = call.url.parse().map_err(|_| wrong("url"))?;
    let route = match app.core.snapshot().tenant(tenant) {
        Some(tenant) => route(app, tenant, &url, &method),
        None => Err(Refusal::HostUnknown.into()),
    };
    let enquiry = CallEnquiry { tenant, token: call.token.expose(), route, origin: call.from };
    let (explanation, refused) = app.core.explain_call(enquiry).await?;
    Ok(with_answer(json!(explanation), dialect::plain(), refused.as_ref()))
}

/// The route of a call, as the gateway finds it. A path without a host is one of the tenant's, on none in particular.
fn route(app: &App, tenant: &Tenant, url: &Uri, method: &Method) -> Result<Matched, Refused> {
    let host = url.authority().map(|authority| authority.as_str().to_ascii_lowercase());
    if let Some(host) = &host {
        let snapshot = app.core.snapshot();
        let found = snapshot.by_gateway_host(host);
        let elsewhere = match found {
            Some(found) if found.name == tenant.name => None,
            Some(_) => Some("the gateway takes this host for another tenant's"),
            None => Some("the gateway takes this host for no tenant's"),
        };
        if let Some(cause) = elsewhere {
            return Err(Refused::about(Refusal::HostUnknown, host).because(cause));
        }
    }
    let found = writ_gateway::route(tenant, &host.unwrap_or_default(), url.path(), method);
    found.map(|(_, matched)| matched).map_err(|denied| match &*denied.allow {
        [] => denied.refused,
        allow => denied.refused.because(format_args!("the path takes {}", allow.join(", "))),
    })
}

/// Adds what the caller would be told.
fn with_answer(explained: Value, dialect: &Dialect, refused: Option<&Refused>) -> Value {
    let Some(refused) = refused else { return explained };
    let Answer { status, error, description, .. } = (dialect.answer)(refused);
    let told = json!({ "status": status.as_u16(), "error": error, "error_description": description });
    with(explained, [("caller_is_told", told)])
}
