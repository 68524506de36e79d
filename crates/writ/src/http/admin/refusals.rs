//! The requests that this process refused lately.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use writ_core::admin::AdminPermission;
use writ_core::apply::ApplyError;
use writ_core::document::Kind;

use super::error::AdminError;
use super::{Caller, administrator, answer, reply};
use crate::http::app::App;

/// How many are listed unless the question says otherwise, and at most.
const LISTED: usize = 50;
const MOST: usize = 1000;

/// Which are listed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    client_id: Option<String>,
    limit: Option<usize>,
}

/// `GET /v1/tenants/{tenant}/refusals?client_id=&limit=`: the latest first.
pub(crate) async fn latest(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path(tenant): Path<String>,
    which: Result<Query<Which>, QueryRejection>,
    caller: Caller,
) -> Response {
    let listed = async {
        administrator(&app, &caller, AdminPermission::ConfigRead).await?;
        is_there(&app, &tenant)?;
        let wrong = |rejection: QueryRejection| AdminError::Invalid(rejection.body_text());
        let Query(Which { client_id, limit }) = which.map_err(wrong)?;
        let limit = limit.unwrap_or(LISTED).min(MOST);
        let refusals = app.core.refused_requests().latest(&tenant, client_id.as_deref(), limit);
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
        is_there(&app, &tenant)?;
        let found = app.core.refused_requests().find(&tenant, &request_id).map(|refusal| json!(refusal));
        let mut found = found.ok_or_else(|| absent(&app, &request_id))?;
        if let Some(members) = found.as_object_mut() {
            members.insert("server".to_owned(), Value::from(&*app.admin_url));
        }
        Ok(found)
    };
    answer(StatusCode::OK, found.await, &id)
}

fn is_there(app: &App, tenant: &str) -> Result<(), AdminError> {
    match app.core.snapshot().tenant(tenant) {
        Some(_) => Ok(()),
        None => Err(ApplyError::NotFound(Kind::Tenant.name(), tenant.to_owned()).into()),
    }
}

/// Each process knows the requests that it refused itself, since it was started, as long as there is room.
fn absent(app: &App, request_id: &str) -> AdminError {
    AdminError::Absent(format!(
        "the server at {} remembers no refused request `{request_id}` of this tenant: it knows its own since its start, \
         and forgets the oldest; ask each process of the installation, and look the id up in their logs",
        app.admin_url
    ))
}
