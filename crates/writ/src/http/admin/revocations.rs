//! Revoking tokens that are alive.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use writ_core::admin::AdminPermission;
use writ_core::revoke::Revocation;
use writ_oauth::secret::PlainSecret;

use super::error::AdminError;
use super::{Caller, administrator, answer, parse, read, reply};
use crate::http::app::App;

/// The body: which tokens.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Which {
    client_id: Option<String>,
    audience: Option<String>,
    credential: Option<String>,
    application: Option<String>,
    token: Option<PlainSecret>,
}

/// `POST /v1/tenants/{tenant}/revocations`: answers what was revoked; `null` for a token that is none, or has expired.
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path(tenant): Path<String>,
    caller: Caller,
    body: Body,
) -> Response {
    let revoked = async {
        let by = administrator(&app, &caller, AdminPermission::TokenRevoke).await?;
        let which: Which = parse(&read(body).await?)?;
        let revoked = if let Some(token) = which.one_token()? {
            app.core.revoke_token(&by, &tenant, token).await?
        } else {
            Some(app.core.revoke(&by, &tenant, which.revocation()?).await?)
        };
        Ok(json!({ "revoked": revoked }))
    };
    answer(StatusCode::OK, revoked.await, &id)
}

impl Which {
    /// The token, when it is one that is to be revoked.
    fn one_token(&self) -> Result<Option<&str>, AdminError> {
        match self {
            Self { client_id: None, audience: None, credential: None, application: None, token: Some(token) } => {
                Ok(Some(token.expose()))
            }
            Self { token: None, .. } => Ok(None),
            Self { token: Some(_), .. } => Err(unclear()),
        }
    }

    fn revocation(&self) -> Result<Revocation<'_>, AdminError> {
        let Self { client_id, audience, credential, application, token: _ } = self;
        match (client_id.as_deref(), audience.as_deref(), credential.as_deref(), application.as_deref()) {
            (Some(client_id), None, None, None) => Ok(Revocation::Client(client_id)),
            (Some(client_id), Some(audience), None, None) => Ok(Revocation::Authorization { client_id, audience }),
            (Some(client_id), None, Some(credential), None) => Ok(Revocation::Credential { client_id, credential }),
            (None, None, None, Some(application)) => Ok(Revocation::Application(application)),
            _ => Err(unclear()),
        }
    }
}

fn unclear() -> AdminError {
    AdminError::Invalid(
        "say which tokens: `client_id`, `client_id` with `audience`, `client_id` with `credential`, `application`, or \
         `token`"
            .into(),
    )
}
