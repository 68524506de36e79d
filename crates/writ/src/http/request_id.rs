//! Request ids, and the one log line that a request leaves.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use writ_core::random;
use writ_oauth::{Refusal, Refused};

/// Where the id stands in a response, and in a request to an upstream.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request: in its response, in error bodies, and in the log.
#[derive(Clone)]
pub(crate) struct RequestId(pub(crate) Arc<str>);

/// What the log says about a response, beside its status; an extension of the response.
#[derive(Clone)]
pub struct Logged {
    refusal: Option<Refusal>,
    client_id: Option<String>,
    /// Whether an upstream made the response.
    upstreams: bool,
}

impl From<&Refused> for Logged {
    fn from(refused: &Refused) -> Self {
        Self { refusal: Some(refused.refusal), client_id: refused.client_id.clone(), upstreams: false }
    }
}

impl Logged {
    /// The rule that was not met, if the response is a refusal.
    pub fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }

    /// A success of this client.
    pub(crate) fn success(client_id: &str) -> Self {
        Self { refusal: None, client_id: Some(client_id.to_owned()), upstreams: false }
    }
}

impl Logged {
    /// Whether an upstream made the response.
    pub(crate) fn is_an_upstreams(&self) -> bool {
        self.upstreams
    }

    /// Whatever an upstream answered; its errors are its own.
    pub(crate) fn upstreams() -> Self {
        Self { refusal: None, client_id: None, upstreams: true }
    }
}

/// Gives each request its id, and logs it when it is answered: the path without its query, no header, no body.
pub(crate) async fn layer(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id: Arc<str> = random::id("req_").map_or_else(|_| "req_unknown".into(), Into::into);
    request.extensions_mut().insert(RequestId(Arc::clone(&id)));
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    let logged = response.extensions().get::<Logged>();
    let (client_id, refusal) = (logged.and_then(|l| l.client_id.as_deref()), logged.and_then(|l| l.refusal));
    let (status, micros) =
        (response.status().as_u16(), u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX));
    let refusal = refusal.map(tracing::field::debug);
    let upstreams = logged.is_some_and(|logged| logged.upstreams);
    match status {
        _ if upstreams => tracing::debug!(request_id = %id, %method, path, status, micros, "forwarded"),
        500.. => tracing::error!(request_id = %id, %method, path, status, client_id, refusal, micros, "failed"),
        400.. => tracing::info!(request_id = %id, %method, path, status, client_id, refusal, micros, "refused"),
        _ => tracing::debug!(request_id = %id, %method, path, status, client_id, micros, "answered"),
    }
    response
}
