//! Telling whoever asks what a live token says, at the door whose clients ask for it.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use writ_oauth::form::Form;

use super::app::App;
use super::door::AtDoor;
use super::reply;

/// `GET /api/v2/oidc/validate_token?access_token=`: the claims of a token that is good, or the vendor's sentence.
///
/// The vendor documents the body of the other answer and not its status: it is the one that stands in the body.
pub(crate) async fn validate(
    State(app): State<Arc<App>>,
    at: AtDoor,
    RawQuery(query): RawQuery,
    id: reply::Id,
) -> Response {
    let form = Form::parse(query.unwrap_or_default().as_bytes(), app.limits.parameters).ok();
    let claims = match form.as_ref().and_then(|form| form.get("access_token")) {
        Some(token) => app.core.live_claims(&at.door, token).await,
        None => Ok(None),
    };
    match claims {
        Ok(Some(claims)) => reply::json(StatusCode::OK, &Value::Object(claims)),
        Ok(None) => {
            let body = json!({ "code": StatusCode::BAD_REQUEST.as_u16(), "message": "access_token 不合法" });
            reply::json(StatusCode::BAD_REQUEST, &body)
        }
        Err(refused) => at.refused(&refused, &id),
    }
}
