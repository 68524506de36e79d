//! The requests that this process refused lately.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use writ_core::admin::AdminPermission;

use super::error::AdminError;
use super::{AnyQuery, Caller, administrator, answer, limit, query, reply, with};
use crate::http::app::App;

/// How many are listed unless the question says otherwise.
const LISTED: u16 = 50;

/// Which are listed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    client_id: Option<String>,
    limit: Option<u16>,
}

/// `GET /v1/tenants/{tenant}/refusals?client_id=&limit=`: the latest first.
pub(crate) async fn latest(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path(tenant): Path<String>,
    which: AnyQuery<Which>,
    caller: Caller,
) -> Response {
    let listed = async {
        administrator(&app, &caller, AdminPermission::ConfigRead).await?;
        app.core.snapshot().known_tenant(&tenant)?;
        let Which { client_id, limit: asked } = query(which)?;
        let most = limit(asked, LISTED)?.into();
        let refusals = app.core.refused_requests().latest(&tenant, client_id.as_deref(), most);
        Ok(json!({ "server": app.admin_url, "refusals": refusals }))
    };
    answer(StatusCode::OK, listed.await, &id)
}

/// `GET /v1/tenants/{tenant}/refusals/{request_id}`
pub(crate) async fn one(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, request_id)): Path<(String, String)>,
    caller: Caller,
) -> Response {
    let found = async {
        administrator(&app, &caller, AdminPermission::ConfigRead).await?;
        app.core.snapshot().known_tenant(&tenant)?;
        let found = app.core.refused_requests().find(&tenant, &request_id);
        let found = found.ok_or_else(|| absent(&app, &request_id))?;
        Ok(with(json!(found), [("server", Value::from(&*app.admin_url))]))
    };
    answer(StatusCode::OK, found.await, &id)
}

/// Each process knows the requests that it refused itself, since it was started, as long as there is room.
fn absent(app: &App, request_id: &str) -> AdminError {
    AdminError::Absent(format!(
        "the server at {} remembers no refused request `{request_id}` of this tenant: it knows its own since its start, \
         and forgets the oldest; ask each process of the installation, and look the id up in their logs",
        app.admin_url
    ))
}
