//! Health and readiness.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::http::app::App;
use crate::http::reply;

/// `GET /healthz`: the process answers.
pub(crate) async fn alive() -> Response {
    reply::json(StatusCode::OK, &json!({ "status": "ok" }))
}

/// `GET /readyz`: the database answers, and the configuration is current.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Response {
    match app.core.is_ready().await {
        Ok(()) => reply::json(StatusCode::OK, &json!({ "status": "ready" })),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            reply::json(StatusCode::SERVICE_UNAVAILABLE, &json!({ "status": "not ready" }))
        }
    }
}
