//! Whether a token is active, for administrators.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use writ_core::Introspected;
use writ_core::admin::AdminPermission;
use writ_oauth::secret::PlainSecret;

use super::error::AdminError;
use super::{Caller, administrator, answer, parse, read, reply};
use crate::http::app::App;
use crate::http::dialect;

/// The body: the token.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Which {
    token: Option<PlainSecret>,
}

/// `POST /v1/tenants/{tenant}/introspect`: what the resource server would be told, in the words of the door that issued
/// the token.
pub(crate) async fn introspect(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path(tenant): Path<String>,
    caller: Caller,
    body: Body,
) -> Response {
    let introspected = async {
        let by = administrator(&app, &caller, AdminPermission::TokenIntrospect).await?;
        let Which { token: Some(token) } = parse(&read(body).await?)? else {
            return Err(AdminError::Invalid("say which token: `token`".into()));
        };
        let snapshot = app.core.snapshot();
        let known = snapshot.known_tenant(&tenant)?;
        let active = app.core.introspect_any(&by, &tenant, token.expose()).await.map_err(AdminError::Refused)?;
        let words = |active: &Introspected| Some((dialect::of_issuer(known, active.issuer())?.introspected)(active));
        Ok(active.as_ref().and_then(words).unwrap_or_else(dialect::inactive))
    };
    answer(StatusCode::OK, introspected.await, &id)
}
