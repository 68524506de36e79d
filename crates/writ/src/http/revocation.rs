//! Revocation at every front door (RFC 7009): parse, authenticate, admit, revoke, render.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use writ_oauth::Refused;

use super::app::App;
use super::door::AtDoor;
use super::request_id::Logged;
use super::{reply, token_request};

/// `POST {issuer}/revoke`, wherever the door has it.
///
/// > The content of the response body is ignored by the client as all necessary information is conveyed in the response
/// > code.
///
/// <https://www.rfc-editor.org/rfc/rfc7009#section-2.2>
pub(crate) async fn revoke(State(app): State<Arc<App>>, at: AtDoor, id: reply::Id, request: Request) -> Response {
    match answer(&app, &at, request).await {
        Ok(client_id) => {
            let mut response = reply::nothing();
            response.extensions_mut().insert(Logged::success(&client_id));
            response
        }
        Err(refused) => at.refused(&refused, &id),
    }
}

async fn answer(app: &App, at: &AtDoor, request: Request) -> Result<String, Refused> {
    let (form, presented) = token_request::read(app, at, request).await?;
    let token = token_request::token(&form)?;
    let authenticated = app.core.authenticate(&at.door, &presented).await?;
    let client = app.core.admit(&at.door, authenticated)?;
    app.core.revoke_own_token(&at.door, &client, token).await?;
    Ok(client.client().client_id.to_string())
}
