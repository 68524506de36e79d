//! Reading documents back, and deleting what they describe.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use writ_core::admin::AdminPermission;
use writ_core::apply::{Applied, ApplyError};
use writ_core::document::{Document, Kind};
use writ_core::store::StoreError;
use writ_core::tenant::OPERATOR;

use super::apply::plan;
use super::error::AdminError;
use super::{Caller, administrator, reply};
use crate::http::app::App;

/// `GET /v1/tenants/{tenant}/{kind}`: every document of a kind.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, kind)): Path<(String, String)>,
    caller: Caller,
) -> Response {
    answer(read(&app, &caller, &tenant, (&kind, None)).await, &id)
}

/// `GET /v1/tenants/{tenant}/{kind}/{name}`: one document.
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, kind, name)): Path<(String, String, String)>,
    caller: Caller,
) -> Response {
    answer(read(&app, &caller, &tenant, (&kind, Some(&name))).await, &id)
}

/// `DELETE /v1/tenants/{tenant}/{kind}/{name}`
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, kind, name)): Path<(String, String, String)>,
    caller: Caller,
) -> Response {
    let deleted = remove(&app, &caller, &tenant, (&kind, &name)).await;
    answer(deleted.map(|applied| plan(&applied)), &id)
}

fn answer(outcome: Result<Value, AdminError>, id: &reply::Id) -> Response {
    match outcome {
        Ok(body) => reply::json(StatusCode::OK, &body),
        Err(error) => error.response(id),
    }
}

async fn remove(app: &App, caller: &Caller, tenant: &str, (kind, name): (&str, &str)) -> Result<Applied, AdminError> {
    let by = administrator(app, caller, AdminPermission::ConfigWrite).await?;
    Ok(app.core.delete(&by, tenant, known_kind(kind)?, name).await?)
}

async fn read(
    app: &App,
    caller: &Caller,
    tenant: &str,
    (kind, name): (&str, Option<&str>),
) -> Result<Value, AdminError> {
    administrator(app, caller, AdminPermission::ConfigRead).await?;
    let kind = known_kind(kind)?;
    app.core.snapshot().known_tenant(tenant)?;
    let documents = documents(app, tenant, kind, name).await?;
    let mut bodies = documents.iter().filter(|document| name.is_none_or(|name| document.name() == name)).map(to_json);
    match name {
        None => bodies.collect(),
        Some(name) => bodies.next().unwrap_or_else(|| Err(ApplyError::NotFound(kind.name(), name.to_owned()).into())),
    }
}

async fn documents(app: &App, tenant: &str, kind: Kind, name: Option<&str>) -> Result<Vec<Document>, StoreError> {
    let store = app.core.store();
    Ok(match kind {
        Kind::Tenant => {
            let tenants = store.tenants().await?.into_iter();
            tenants.filter(|known| tenant == OPERATOR || known.name == tenant).map(Document::Tenant).collect()
        }
        Kind::Issuer => store.issuers(tenant).await?.into_iter().map(|(_, issuer)| Document::Issuer(issuer)).collect(),
        Kind::NetworkZone => {
            store.network_zones(tenant).await?.into_iter().map(|(_, zone)| Document::NetworkZone(zone)).collect()
        }
        Kind::Provider => {
            store.providers(tenant).await?.into_iter().map(|(_, provider)| Document::Provider(provider)).collect()
        }
        Kind::Route => store.routes(tenant).await?.into_iter().map(|(_, route)| Document::Route(route)).collect(),
        Kind::Application => {
            let stored = store.applications(tenant, name).await?;
            stored.into_iter().map(|stored| Document::Application(stored.document)).collect()
        }
    })
}

fn known_kind(word: &str) -> Result<Kind, AdminError> {
    Kind::from_name(word).ok_or_else(|| {
        let known: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        AdminError::Invalid(format!("unknown kind `{word}`; the kinds are {}", known.join(", ")))
    })
}

fn to_json(document: &Document) -> Result<Value, AdminError> {
    serde_json::to_value(document).map_err(|error| StoreError::Other(error.to_string()).into())
}
