//! Applying documents.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use writ_core::admin::AdminPermission;
use writ_core::apply::{Applied, Generated, Options};
use writ_core::document;

use super::error::AdminError;
use super::{Caller, administrator, check_text, read, reply};
use crate::http::app::App;

/// The query of `apply`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    prune: bool,
}

/// The query, or what is wrong with it: said to administrators only.
type AnyQuery = Result<Query<Parameters>, QueryRejection>;

/// `POST /v1/tenants/{tenant}/apply`: one document or a list of them, applied whole or not at all.
pub(crate) async fn apply(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path(tenant): Path<String>,
    (query, caller): (AnyQuery, Caller),
    body: Body,
) -> Response {
    match run(&app, &tenant, query, &caller, body).await {
        Ok(applied) => reply::json(StatusCode::OK, &plan(&applied)),
        Err(error) => error.response(&id),
    }
}

async fn run(app: &App, tenant: &str, query: AnyQuery, caller: &Caller, body: Body) -> Result<Applied, AdminError> {
    let by = administrator(app, caller, AdminPermission::ConfigWrite).await?;
    let Query(query) = query.map_err(|rejection| AdminError::Invalid(rejection.body_text()))?;
    let body = serde_json::from_slice(&read(body).await?)
        .map_err(|error| AdminError::Invalid(format!("the body is not JSON: {error}")))?;
    check_text(&body)?;
    let documents = document::list_from_json(body)?;
    let options = Options { dry_run: query.dry_run, prune: query.prune };
    Ok(app.core.apply(&by, tenant, documents, options).await?)
}

/// What was changed; secrets that were generated stand here, and never again.
pub(super) fn plan(applied: &Applied) -> Value {
    let mut body = json!({ "changes": applied.changes, "unchanged": applied.unchanged });
    if let (Some(members), false) = (body.as_object_mut(), applied.generated.is_empty()) {
        let generated = |made: &Generated| json!({ "client_id": made.client_id, "name": made.name, "secret": made.secret.expose() });
        members.insert("generated".into(), applied.generated.iter().map(generated).collect());
    }
    if let (Some(members), false) = (body.as_object_mut(), applied.warnings.is_empty()) {
        members.insert("warnings".into(), json!(applied.warnings));
    }
    body
}
