//! The admin API: documents, clients, secrets, signing keys, tokens and revocations of one tenant, behind Writ's own tokens.

pub(crate) mod apply;
pub(crate) mod clients;
pub(crate) mod credentials;
pub(crate) mod documents;
mod error;
pub(crate) mod explain;
pub(crate) mod feed;
pub(crate) mod health;
pub(crate) mod introspection;
pub(crate) mod keys;
pub(crate) mod refusals;
pub(crate) mod revocations;
pub(crate) mod secrets;

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query, Request, State};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use writ_core::BearerToken;
use writ_core::admin::{AdminPermission, Administrator};
use writ_core::tenant::OPERATOR;
use writ_oauth::Refusal;
use writ_oauth::x509::CallerCertificate;

use self::error::AdminError;
use super::app::App;
use super::request_id::RequestId;
use super::{body, caller_certificate, dialect, reply};

/// Who calls: what the request says, and the certificate of its connection.
pub(crate) struct Caller {
    headers: HeaderMap,
    certificate: Result<Option<Arc<CallerCertificate>>, Refusal>,
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Self::Rejection> {
        let certificate = caller_certificate::of_request(app, &parts.extensions, &parts.headers);
        Ok(Self { headers: parts.headers.clone(), certificate })
    }
}

/// Where the API says how to get a token for it.
pub(crate) const METADATA: &str = "/.well-known/oauth-protected-resource";

/// The caller as an administrator with a permission.
async fn administrator(app: &App, caller: &Caller, needs: AdminPermission) -> Result<Administrator, AdminError> {
    let mut lines = caller.headers.get_all(AUTHORIZATION).iter();
    let line = match (lines.next(), lines.next()) {
        (Some(line), None) => line,
        (None, _) => return Err(AdminError::Refused(Refusal::TokenMissing.into())),
        (Some(_), Some(_)) => return Err(AdminError::Refused(Refusal::AuthorizationRepeated.into())),
    };
    let text = line.to_str().map_err(|_| AdminError::Refused(Refusal::TokenInvalid.into()))?;
    let token = match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        Some(_) | None => return Err(AdminError::Refused(Refusal::TokenMissing.into())),
    };
    let certificate = caller.certificate.as_ref().map_err(|refusal| AdminError::Refused((*refusal).into()))?;
    let bearer = BearerToken { token, certificate: certificate.as_deref() };
    app.core.administrator(bearer, needs).await.map_err(AdminError::Refused)
}

/// Reads the body of a request that an administrator makes; nobody else makes the server read one.
async fn read(body: Body) -> Result<Bytes, AdminError> {
    /// Enough for tens of thousands of documents in one request.
    const LIMIT: usize = 64 * 1024 * 1024;
    body::bytes(body, LIMIT).await.map_err(|refusal| AdminError::Refused(refusal.into()))
}

/// Answers with what was done, or says why it was not.
fn answer(status: StatusCode, outcome: Result<Value, AdminError>, id: &reply::Id) -> Response {
    match outcome {
        Ok(body) => reply::json(status, &body),
        Err(error) => error.response(id),
    }
}

/// Reads the body of a request that has one. An empty body is an empty object; a list is none, although serde would take its items for the fields.
fn parse<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, AdminError> {
    if body.is_empty() {
        return Ok(T::default());
    }
    let wrong = |what: String| AdminError::Invalid(format!("the body is not right: {what}"));
    let members = serde_json::from_slice::<Map<String, Value>>(body).map_err(|error| wrong(error.to_string()))?;
    let members = Value::Object(members);
    check_text(&members)?;
    serde_path_to_error::deserialize(members).map_err(|error| match error.path().to_string() {
        whole if whole == "." => wrong(error.inner().to_string()),
        member => wrong(format!("`{member}`: {}", error.inner())),
    })
}

/// The query of a request, or what is wrong with it: said to administrators only.
type AnyQuery<T> = Result<Query<T>, QueryRejection>;

fn query<T>(query: AnyQuery<T>) -> Result<T, AdminError> {
    query.map(|Query(query)| query).map_err(|rejection| AdminError::Invalid(rejection.body_text()))
}

/// How many a list has at most: as many as are asked for, within what is sensible.
fn limit(asked: Option<u16>, default: u16) -> Result<u16, AdminError> {
    /// Enough for a page, and little enough to be made at once.
    const MOST: u16 = 1000;
    let limit = asked.unwrap_or(default);
    if (1..=MOST).contains(&limit) { Ok(limit) } else { Err(AdminError::Invalid(format!("`limit` is 1 to {MOST}"))) }
}

/// An object with more members.
fn with<const N: usize>(mut object: Value, members: [(&str, Value); N]) -> Value {
    if let Some(object) = object.as_object_mut() {
        object.extend(members.map(|(name, value)| (name.to_owned(), value)));
    }
    object
}

/// No text holds a NUL: PostgreSQL has no place for one, so nothing that is stored has one in its name.
fn check_text(value: &Value) -> Result<(), AdminError> {
    match value {
        Value::String(text) if text.contains('\0') => {
            Err(AdminError::Invalid("the body has a text with a NUL in it".into()))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        Value::Array(items) => items.iter().try_for_each(check_text),
        Value::Object(members) => members.values().try_for_each(check_text),
    }
}

/// What holds for every request: a path with a NUL names nothing, and a challenge says where to find out how to get a
/// token.
///
/// > resource_metadata: The URL of the protected resource metadata.
///
/// <https://www.rfc-editor.org/rfc/rfc9728#section-5.1>
pub(crate) async fn frame(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if request.uri().path().contains("%00") {
        let id = request.extensions().get::<RequestId>();
        return reply::refused(dialect::plain(), &Refusal::PathUnknown.into(), id);
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let challenge = headers.get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
    if let Some(bearer) = challenge.filter(|value| value.starts_with("Bearer")) {
        let named = format!(r#"{bearer}, resource_metadata="{}{METADATA}""#, app.admin_url);
        if let Ok(value) = HeaderValue::from_str(&named) {
            headers.insert(WWW_AUTHENTICATE, value);
        }
    }
    response
}

/// Where to get a token for this API.
///
/// <https://www.rfc-editor.org/rfc/rfc9728#section-2>
pub(crate) async fn metadata(State(app): State<Arc<App>>, id: reply::Id) -> Response {
    let snapshot = app.core.snapshot();
    let issuer = snapshot.tenant(OPERATOR).and_then(|tenant| tenant.issuer(dialect::plain().core.key));
    let Some(issuer) = issuer else {
        return reply::refused(dialect::plain(), &Refusal::Internal.into(), Some(&id));
    };
    let body = json!({
        "resource": app.admin_url,
        "authorization_servers": [issuer.url],
        "scopes_supported": AdminPermission::ALL.map(AdminPermission::id),
        "bearer_methods_supported": ["header"],
    });
    reply::public_json(body.to_string(), 60)
}
