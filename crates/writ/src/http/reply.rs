//! Responses: JSON, never cached.

use axum::Extension;
use axum::body::Body;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use writ_oauth::{Refusal, Refused};

use super::dialect::{self, Answer, Challenge, Dialect};
use super::request_id::{Logged, RequestId};

/// How long a caller should wait when the server cannot answer at present, in seconds.
const RETRY_SECONDS: &str = "1";

/// A JSON response that nobody keeps.
///
/// > The authorization server MUST include the HTTP "Cache-Control" response header field with a value of "no-store"
/// > in any response containing tokens, credentials, or other sensitive information, as well as the "Pragma" response
/// > header field with a value of "no-cache".
///
/// <https://www.rfc-editor.org/rfc/rfc6749#section-5.1>
pub(crate) fn json(status: StatusCode, body: &Value) -> Response {
    json_text(status, body.to_string())
}

/// The same of JSON that is written already.
pub(crate) fn json_text(status: StatusCode, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    for (name, value) in [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
    }
    response
}

/// A refusal in the words of a dialect.
pub(crate) fn refused(dialect: &Dialect, refused: &Refused, id: Option<&RequestId>) -> Response {
    let Answer { status, error, description, challenge } = (dialect.answer)(refused);
    let mut body = json!({ "error": error, "error_description": description });
    if let (Some(members), Some(id)) = (body.as_object_mut(), id) {
        members.insert("request_id".into(), Value::from(id.as_str()));
    }
    let mut response = json(status, &body);
    let headers = response.headers_mut();
    if let Some(value) = challenge.and_then(|challenge| challenge_value(challenge, error, refused)) {
        headers.insert(WWW_AUTHENTICATE, value);
    }
    response.extensions_mut().insert(Logged::from(refused));
    response
}

/// > If the request lacks any authentication information [...], the resource server SHOULD NOT include an error code or
/// > other error information.
///
/// <https://www.rfc-editor.org/rfc/rfc6750#section-3.1>
fn challenge_value(challenge: Challenge, error: &str, refused: &Refused) -> Option<HeaderValue> {
    let value = match (challenge, refused.refusal, refused.subject.as_deref()) {
        (Challenge::Basic, ..) => r#"Basic realm="writ", charset="UTF-8""#.to_owned(),
        (Challenge::Bearer, Refusal::TokenMissing, _) => r#"Bearer realm="writ""#.to_owned(),
        (Challenge::Bearer, Refusal::TokenInsufficient, Some(scope)) => {
            format!(r#"Bearer realm="writ", error="{error}", scope="{scope}""#)
        }
        (Challenge::Bearer, ..) => format!(r#"Bearer realm="writ", error="{error}""#),
    };
    HeaderValue::from_str(&value).ok()
}

/// Whatever answers an error without a JSON body (a library's own refusal of a path, query or body) gets one.
pub(crate) fn json_for_bare_error(response: Response, id: &RequestId) -> Response {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let is_an_upstreams = response.extensions().get::<Logged>().is_some_and(Logged::is_an_upstreams);
    let is_json = response.headers().get(CONTENT_TYPE).is_some_and(|value| value == "application/json");
    if is_json || is_an_upstreams {
        return response;
    }
    let refusal = match status {
        StatusCode::NOT_FOUND => Refusal::PathUnknown,
        StatusCode::METHOD_NOT_ALLOWED => Refusal::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::BodyTooLarge,
        StatusCode::REQUEST_TIMEOUT => Refusal::BodyTooSlow,
        _ if status.is_server_error() => Refusal::Internal,
        // A path that is not UTF-8 once decoded; it names nothing.
        _ => Refusal::PathUnknown,
    };
    let mut answer = refused(dialect::plain(), &refusal.into(), Some(id));
    if let Some(allow) = response.headers().get(ALLOW) {
        answer.headers_mut().insert(ALLOW, allow.clone());
    }
    answer
}

/// That it is done, in no words, and nobody keeps it.
pub(crate) fn nothing() -> Response {
    let mut response = Response::new(Body::empty());
    for (name, value) in [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A JSON document that may be cached for a while: keys and metadata.
pub(crate) fn public_json(body: String, seconds: u32) -> Response {
    let cache = format!("public, max-age={seconds}");
    ([(CONTENT_TYPE, "application/json".to_owned()), (CACHE_CONTROL, cache)], Body::from(body)).into_response()
}

/// The request's id, for handlers.
pub(crate) type Id = Extension<RequestId>;
