//! Requests of clients about a token: introspection and revocation ask for the same parameters.

use axum::extract::Request;
use writ_oauth::client_auth::Presented;
use writ_oauth::form::Form;
use writ_oauth::{Refusal, Refused};

use super::app::App;
use super::door::AtDoor;
use super::{body, token};

/// Reads the form and what the client presents with it.
///
/// > To prevent token scanning attacks, the endpoint MUST also require some form of authorization to access this
/// > endpoint
///
/// <https://www.rfc-editor.org/rfc/rfc7662#section-2.1>
pub(super) async fn read(app: &App, at: &AtDoor, request: Request) -> Result<(Form, Presented), Refused> {
    let (parts, body) = request.into_parts();
    let form = body::form(&parts.headers, body, &app.limits).await?;
    let presented = Presented::read(&token::authorization(&parts.headers)?, &form, at.dialect.assertions)?;
    Ok((form, presented))
}

/// The token that the request is about, whatever `token_type_hint` says it is.
///
/// > If the server is unable to locate the token using the given hint, it MUST extend its search across all of its
/// > supported token types.
///
/// <https://www.rfc-editor.org/rfc/rfc7009#section-2.1>
pub(super) fn token(form: &Form) -> Result<&str, Refused> {
    form.get("token").ok_or_else(|| Refusal::TokenParameterMissing.into())
}
