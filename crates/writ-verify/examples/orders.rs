//! A resource server of two operations, behind Writ's tokens.
//!
//! ```sh
//! cargo run -p writ-verify --example orders -- http://127.0.0.1:8080/oauth2 https://orders.example
//! curl -i -H "Authorization: Bearer $TOKEN" http://127.0.0.1:9000/orders
//! ```

use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde_json::json;
use writ_verify::{VerifiedToken, Verifier, VerifyError};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let issuer = arguments.next().ok_or("the issuer, please")?;
    let audience = arguments.next().ok_or("the audience, please")?;
    let verifier = Verifier::builder(&issuer).jwks_uri(format!("{issuer}/jwks")).audience(audience).build()?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:9000").await?;
    axum::serve(listener, application(verifier)).await?;
    Ok(())
}

fn application(verifier: Verifier) -> Router {
    Router::new().route("/orders", get(list).post(create)).layer(from_fn_with_state(verifier, authenticated))
}

async fn list(Extension(token): Extension<VerifiedToken>) -> Response {
    if !token.allows("order:read") {
        return insufficient("order:read");
    }
    Json(json!({ "for": token.client_id(), "orders": [] })).into_response()
}

async fn create(Extension(token): Extension<VerifiedToken>) -> Response {
    if !token.allows("order:write") {
        return insufficient("order:write");
    }
    StatusCode::CREATED.into_response()
}

/// Lets in requests with a token, and leaves it where handlers find it.
async fn authenticated(State(verifier): State<Verifier>, mut request: Request, next: Next) -> Response {
    let Some(token) = bearer(request.headers()) else {
        // > If the request lacks any authentication information [...], the resource server SHOULD NOT include an error
        // > code or other error information.
        //
        // https://www.rfc-editor.org/rfc/rfc6750#section-3.1
        return challenge(StatusCode::UNAUTHORIZED, "Bearer");
    };
    match verifier.verify(token, now()).await {
        Ok(token) => {
            request.extensions_mut().insert(token);
            next.run(request).await
        }
        Err(error) => refused(&error),
    }
}

/// The token of a request that has one in one header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let (scheme, token) = lines.next()?.to_str().ok()?.split_once(' ')?;
    (lines.next().is_none() && scheme.eq_ignore_ascii_case("bearer")).then(|| token.trim())
}

fn refused(error: &VerifyError) -> Response {
    // The caller hears no more than that; the cause is for the log.
    tracing_of_your_own(error);
    match StatusCode::from_u16(error.status()) {
        Ok(StatusCode::UNAUTHORIZED) => challenge(StatusCode::UNAUTHORIZED, r#"Bearer error="invalid_token""#),
        Ok(_) | Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// > insufficient_scope: The request requires higher privileges than provided by the access token. The resource server
/// > SHOULD respond with the HTTP 403 (Forbidden) status code and MAY include the "scope" attribute with the scope necessary
/// > to access the protected resource.
///
/// <https://www.rfc-editor.org/rfc/rfc6750#section-3.1>
fn insufficient(permission: &str) -> Response {
    challenge(StatusCode::FORBIDDEN, &format!(r#"Bearer error="insufficient_scope", scope="{permission}""#))
}

fn challenge(status: StatusCode, words: &str) -> Response {
    (status, [(WWW_AUTHENTICATE, words.to_owned())]).into_response()
}

fn tracing_of_your_own(error: &VerifyError) {
    eprintln!("a token was refused: {error}");
}

#[expect(clippy::disallowed_methods, reason = "a program asks its clock; the crate does not")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
