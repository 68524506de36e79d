//! The admin API: documents, secrets, signing keys and revocations of one tenant, behind Writ's own tokens.

pub(crate) mod apply;
pub(crate) mod documents;
mod error;
pub(crate) mod health;
pub(crate) mod keys;
pub(crate) mod revocations;
pub(crate) mod secrets;

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
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
    let members = serde_json::from_slice::<Map<String, Value>>(body);
    members
        .and_then(|members| serde_json::from_value(Value::Object(members)))
        .map_err(|error| AdminError::Invalid(format!("the body is not right: {error}")))
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
