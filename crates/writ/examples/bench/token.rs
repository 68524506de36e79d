//! The floor of the token endpoint: the same listener, the same router, a form that is read and an answer that is
//! always the same. What a real token costs beyond this is the server's own work.

use axum::Router;
use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::routing::post;

use crate::work::Work;

/// As long as a token response with an RS256 token is.
const ANSWER: usize = 900;

/// With the work that is done for each request, if any.
pub(crate) fn floor(work: Work) -> Router {
    let body = format!("{{\"access_token\":\"{}\"}}", "x".repeat(ANSWER - 19));
    let answer = move |form: Bytes| {
        let body = if form.is_empty() || !work.is_done() { String::new() } else { body.clone() };
        async move { ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], body) }
    };
    Router::new().route("/oauth2/token", post(answer))
}
