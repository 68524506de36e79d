//! Requests of pages of other origins, where a front door takes them.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, VARY,
};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

/// How long a browser may remember the answer to its question, in seconds.
const REMEMBERED: HeaderValue = HeaderValue::from_static("3600");

/// Pages of any origin may ask for tokens, with whatever headers their SDK adds: they prove themselves in the request,
/// and a browser sends nothing along by itself that would be believed.
///
/// <https://fetch.spec.whatwg.org/#http-cors-protocol>
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let asks_first = *request.method() == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let wanted = headers.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let mut response = if asks_first { allowed(wanted) } else { next.run(request).await };
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

fn allowed(headers: Option<HeaderValue>) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let answer = response.headers_mut();
    answer.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    answer.insert(ACCESS_CONTROL_MAX_AGE, REMEMBERED);
    answer.insert(VARY, HeaderValue::from(ACCESS_CONTROL_REQUEST_HEADERS));
    if let Some(headers) = headers {
        answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, headers);
    }
    response
}
