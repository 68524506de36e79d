//! What holds for every request: it has an id, leaves one line in the log, and is answered in JSON, even if a handler
//! panics. One layer, because each costs every request its share of allocations.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tower::{ServiceExt, service_fn};

use super::listener::{Answering, Peer};
use super::refusal_memory::Memory;
use super::reply;
use super::request_id::{HEADER, Logged, RequestId};

/// Gives a request its id, sees to its answer, and logs it.
///
/// No panic is reachable on purpose; should there be one, its caller still gets an answer, and the log the request's id.
pub(crate) async fn around<F>(
    memory: &Memory,
    request: Request,
    handler: impl FnOnce(Request, RequestId) -> F,
) -> Response
where
    F: Future<Output = Response>,
{
    let started = Instant::now();
    let id = RequestId::new();
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let peer = request.extensions().get::<Peer>().map(|Peer(address)| address.ip());
    let answer = AssertUnwindSafe(handler(request, id.clone())).catch_unwind().await;
    let response = answer.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response());
    let mut response = reply::json_for_bare_error(response, &id);
    log(&response, &id, (&method, uri.path()), started);
    memory.keep(&response, &id, (&method, uri.path()), peer);
    response.headers_mut().insert(HEADER, id.header());
    response
}

/// A router with that around it, whose handlers find the id among the extensions. Not as a layer of the router, which
/// would box every request's future once more, and copy every route.
pub(crate) fn service(router: Router, memory: Memory) -> impl Answering {
    service_fn(move |request: Request| {
        let (router, memory) = (router.clone(), memory.clone());
        let handler = |mut request: Request, id| {
            request.extensions_mut().insert::<RequestId>(id);
            router.oneshot(request).map(|answer| answer.unwrap_or_else(|never| match never {}))
        };
        async move { Ok(around(&memory, request, handler).await) }
    })
}

/// The one line of a request: the path without its query, no header, no body.
fn log(response: &Response, id: &RequestId, (method, path): (&Method, &str), started: Instant) {
    let logged = response.extensions().get::<Logged>();
    let (client_id, refusal) = (logged.and_then(Logged::client_id), logged.and_then(Logged::refusal));
    let status = response.status().as_u16();
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let refusal = refusal.map(tracing::field::debug);
    let (request_id, upstreams) = (id.as_str(), logged.is_some_and(Logged::is_an_upstreams));
    match status {
        _ if upstreams => tracing::debug!(request_id, %method, path, status, micros, "forwarded"),
        500.. => tracing::error!(request_id, %method, path, status, client_id, refusal, micros, "failed"),
        400.. => tracing::info!(request_id, %method, path, status, client_id, refusal, micros, "refused"),
        _ => tracing::debug!(request_id, %method, path, status, client_id, micros, "answered"),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
    use axum::routing::get;
    use http_body_util::BodyExt;
    use serde_json::{Value, json};
    use tower::ServiceExt;
    use writ_core::clock::Clock;
    use writ_core::refused_requests::RefusedRequests;
    use writ_oauth::Refusal;

    use std::sync::Arc;

    use super::*;
    use crate::config::Listener;

    async fn panics() {
        panic!("a panic with a secret in its message");
    }

    #[tokio::test]
    async fn case_75_a_panic_is_answered_in_json_and_says_nothing_of_its_message() {
        let refused = Arc::new(RefusedRequests::new(Clock::system()));
        let memory = Memory::new(Arc::clone(&refused), Listener::Public);
        let service = service(Router::new().route("/panics", get(panics)), memory);
        let response = service.oneshot(Request::get("/panics").body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        assert_eq!(parts.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(parts.headers.get(CONTENT_TYPE).unwrap(), "application/json");
        assert_eq!(parts.headers.get(CACHE_CONTROL).unwrap(), "no-store");
        assert!(!parts.headers.contains_key("www-authenticate"));
        let body: Value = serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap();
        let id = parts.headers.get("x-request-id").unwrap().to_str().unwrap();
        let description = "The server failed; the request id finds the reason in its log.";
        let expected = json!({"error": "server_error", "error_description": description, "request_id": id});
        assert_eq!(body, expected);
        let known = refused.find("default", id).unwrap();
        assert_eq!(known.refusal, Refusal::Internal.into());
        assert!(!format!("{known:?}").contains("secret"), "{known:?}");
    }
}
