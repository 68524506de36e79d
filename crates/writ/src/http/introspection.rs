//! Introspection at every front door (RFC 7662): parse, authenticate, admit, look, render.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use writ_core::let_others_catch_up;
use writ_oauth::Refused;

use super::app::App;
use super::door::AtDoor;
use super::request_id::Logged;
use super::{dialect, reply, token_request};

/// `POST {issuer}/introspect`, wherever the door has it.
pub(crate) async fn introspect(State(app): State<Arc<App>>, at: AtDoor, id: reply::Id, request: Request) -> Response {
    match answer(&app, &at, request).await {
        Ok((client_id, body)) => {
            let_others_catch_up().await;
            let mut response = reply::json(StatusCode::OK, &body);
            response.extensions_mut().insert(Logged::success(&client_id));
            response
        }
        Err(refused) => at.refused(&refused, &id),
    }
}

async fn answer(app: &App, at: &AtDoor, request: Request) -> Result<(String, Value), Refused> {
    let (form, presented) = token_request::read(app, at, request).await?;
    let token = token_request::token(&form)?;
    let authenticated = app.core.authenticate(&at.door, &presented).await?;
    let client = app.core.admit(&at.door, authenticated)?;
    let active = app.core.introspect(&at.door, &client, token).await?;
    let body = active.as_ref().map_or_else(dialect::inactive, at.dialect.introspected);
    Ok((client.client().client_id.to_string(), body))
}
