//! The clients of an application, one at a time, without its document.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use writ_core::admin::AdminPermission;
use writ_core::clients::{ClientChange, NewClient, Optional, SecretRefresh};
use writ_core::document::{Authorization, Client, Lifetime, Status};
use writ_core::store::{ListedClient, StoredClient};
use writ_oauth::secret::PlainSecret;

use super::secrets::{describe as describe_secret, with_value};
use super::{AnyQuery, Caller, administrator, answer, limit, parse, query, read, reply, with};
use crate::http::app::App;

/// How many clients a page has unless it is said.
const PAGE: u16 = 100;

/// The query of a list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    limit: Option<u16>,
    after: Option<String>,
}

/// The body that creates a client.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct New {
    client_id: Option<String>,
    name: Option<String>,
    token_lifetime: Option<Lifetime>,
    authorizations: Vec<Authorization>,
    secret: Option<PlainSecret>,
}

/// The body that changes one; `null` takes a name or a lifetime away.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Changes {
    status: Option<Status>,
    name: Optional<String>,
    token_lifetime: Optional<Lifetime>,
    authorizations: Option<Vec<Authorization>>,
}

/// The body that refreshes its secret.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Refresh {
    grace: Option<Lifetime>,
    value: Option<PlainSecret>,
}

type OfTenant = Path<(String, String)>;

/// `GET /v1/tenants/{tenant}/applications/{application}/clients?limit=&after=`
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, application)): OfTenant,
    (page, caller): (AnyQuery<Page>, Caller),
) -> Response {
    let listed = async {
        administrator(&app, &caller, AdminPermission::ConfigRead).await?;
        let Page { limit: asked, after } = query(page)?;
        let page = app.core.list_clients(&tenant, &application, after.as_deref(), limit(asked, PAGE)?).await?;
        let clients: Value = page.clients.iter().map(|listed| describe_listed(&application, listed)).collect();
        Ok(json!({ "clients": clients, "total": page.total, "next": page.next }))
    };
    answer(StatusCode::OK, listed.await, &id)
}

/// `POST /v1/tenants/{tenant}/applications/{application}/clients`: answers the client with its secret.
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, application)): OfTenant,
    caller: Caller,
    body: Body,
) -> Response {
    let created = async {
        let by = administrator(&app, &caller, AdminPermission::ConfigWrite).await?;
        let New { client_id, name, token_lifetime, authorizations, secret } = parse(&read(body).await?)?;
        let new = NewClient { client_id, name, lifetime: token_lifetime, authorizations, secret };
        let created = app.core.create_client(&by, &tenant, &application, new).await?;
        let members = [
            ("authorizations", json!(created.client.authorizations)),
            ("created", json!(time(created.credential.created))),
        ];
        Ok(with_value(with(describe(&application, &created.client), members), &created.secret))
    };
    answer(StatusCode::CREATED, created.await, &id)
}

/// `GET /v1/tenants/{tenant}/clients/{client_id}`
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, client_id)): OfTenant,
    caller: Caller,
) -> Response {
    let found = async {
        administrator(&app, &caller, AdminPermission::ConfigRead).await?;
        Ok(describe_stored(&app.core.stored_client(&tenant, &client_id).await?))
    };
    answer(StatusCode::OK, found.await, &id)
}

/// `PATCH /v1/tenants/{tenant}/clients/{client_id}`: its status, its name, the lifetime of its tokens, what it may have.
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, client_id)): OfTenant,
    caller: Caller,
    body: Body,
) -> Response {
    let changed = async {
        let by = administrator(&app, &caller, AdminPermission::ConfigWrite).await?;
        let Changes { status, name, token_lifetime, authorizations } = parse(&read(body).await?)?;
        let change = ClientChange { status, name, lifetime: token_lifetime, authorizations };
        Ok(describe_stored(&app.core.change_client(&by, &tenant, &client_id, change).await?))
    };
    answer(StatusCode::OK, changed.await, &id)
}

/// `DELETE /v1/tenants/{tenant}/clients/{client_id}`
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, client_id)): OfTenant,
    caller: Caller,
) -> Response {
    let deleted = async {
        let by = administrator(&app, &caller, AdminPermission::ConfigWrite).await?;
        app.core.delete_client(&by, &tenant, &client_id).await?;
        Ok(json!({ "deleted": client_id }))
    };
    answer(StatusCode::OK, deleted.await, &id)
}

/// `POST /v1/tenants/{tenant}/clients/{client_id}/refresh-secret`: answers the new secret.
pub(crate) async fn refresh_secret(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, client_id)): OfTenant,
    caller: Caller,
    body: Body,
) -> Response {
    let refreshed = async {
        let by = administrator(&app, &caller, AdminPermission::SecretWrite).await?;
        let Refresh { grace, value } = parse(&read(body).await?)?;
        let refresh = SecretRefresh { value, grace };
        let (secret, value) = app.core.refresh_secret(&by, &tenant, &client_id, refresh).await?;
        let described = with(describe_secret(&secret, app.core.now()), [("client_id", client_id.into())]);
        Ok(with_value(described, &value))
    };
    answer(StatusCode::OK, refreshed.await, &id)
}

fn describe(application: &str, client: &Client) -> Value {
    json!({
        "client_id": client.client_id,
        "application": application,
        "name": client.name,
        "status": client.status,
        "token_lifetime": client.token.lifetime,
    })
}

fn describe_listed(application: &str, listed: &ListedClient) -> Value {
    let members = [
        ("credentials", listed.credentials.into()),
        ("created", json!(listed.created.and_then(time))),
        ("last_used", json!(listed.last_used.and_then(time))),
    ];
    with(describe(application, &listed.client), members)
}

fn describe_stored(stored: &StoredClient) -> Value {
    let members = [("authorizations", json!(stored.client.authorizations))];
    with(describe(&stored.application, &stored.client), members)
}

fn time(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok()
}
