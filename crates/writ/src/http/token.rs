//! The token endpoint of every dialect: parse, authenticate, permit, issue, render.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use writ_core::grant::Grant;
use writ_core::{Issued, let_others_catch_up};
use writ_oauth::client_auth::Presented;
use writ_oauth::form::Form;
use writ_oauth::{Refusal, Refused};

use super::app::App;
use super::door::AtDoor;
use super::request_id::Logged;
use super::{body, dialect, door, reply};

/// `POST {issuer}/token`
pub(crate) async fn issue(State(app): State<Arc<App>>, at: AtDoor, id: reply::Id, request: Request) -> Response {
    render(&app, &at, &id, request).await
}

/// `POST /v1/token` of the admin listener: the operator's own front door, whatever Host its callers know it by.
pub(crate) async fn issue_to_operator(State(app): State<Arc<App>>, id: reply::Id, request: Request) -> Response {
    match door::of_operator(&app, &request) {
        Ok(at) => render(&app, &at, &id, request).await,
        Err(refused) => reply::refused(dialect::plain(), &refused, Some(&id)),
    }
}

async fn render(app: &App, at: &AtDoor, id: &reply::Id, request: Request) -> Response {
    match answer(app, at, request).await {
        Ok(issued) => {
            // An RSA signature takes longer than all the rest; nobody should wait for those of others.
            if !at.door.issuer.alg.is_rsa() {
                let_others_catch_up().await;
            }
            let mut response = reply::json_text(StatusCode::OK, (at.dialect.token)(&issued));
            response.extensions_mut().insert(Logged::success(&issued.client_id));
            response
        }
        Err(refused) => at.refused(&refused, id),
    }
}

async fn answer(app: &App, at: &AtDoor, request: Request) -> Result<Issued, Refused> {
    let (parts, body) = request.into_parts();
    let form = body::form(&parts.headers, body, &app.limits).await?;
    let grant = grant(&form)?;
    let presented = Presented::read(&authorization(&parts.headers)?, &form, at.dialect.assertions)?;
    let authenticated = app.core.authenticate(&at.door, &presented).await?;
    let asked = (at.dialect.asked)(&form).map_err(|refused| refused.of_client(&authenticated.client().client_id))?;
    match grant {
        Grant::ClientCredentials => app.core.client_credentials(&at.door, authenticated, asked).await,
    }
}

fn grant(form: &Form) -> Result<Grant, Refused> {
    let name = form.get("grant_type").ok_or(Refusal::GrantTypeMissing)?;
    Grant::from_name(name).ok_or_else(|| Refused::about(Refusal::GrantUnknown, name))
}

/// The `Authorization` headers of a request.
pub(super) fn authorization(headers: &HeaderMap) -> Result<Vec<&str>, Refused> {
    let lines = headers.get_all(AUTHORIZATION).iter();
    lines.map(|line| std::str::from_utf8(line.as_bytes()).map_err(|_| Refusal::BasicMalformed.into())).collect()
}
