//! The secrets of a client, one at a time.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use writ_core::admin::AdminPermission;
use writ_core::document::Status;
use writ_core::secrets::{SecretChange, SecretRequest};
use writ_core::store::StoredCredential;
use writ_oauth::secret::PlainSecret;

use super::{Caller, administrator, answer, parse, read, reply, with};
use crate::http::app::App;

/// The body that issues a secret.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct New {
    name: Option<String>,
    not_before: Option<Timestamp>,
    expires: Option<Timestamp>,
    value: Option<PlainSecret>,
}

/// The body that changes one.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Changes {
    status: Option<Status>,
    expires: Option<Timestamp>,
}

type OfClient = Path<(String, String)>;
type OneSecret = Path<(String, String, String)>;

/// `GET /v1/tenants/{tenant}/clients/{client_id}/secrets`
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, client_id)): OfClient,
    caller: Caller,
) -> Response {
    let listed = async {
        administrator(&app, &caller, AdminPermission::SecretRead).await?;
        let secrets = app.core.list_secrets(&tenant, &client_id).await?;
        Ok(secrets.iter().map(|secret| describe(secret, app.core.now())).collect::<Value>())
    };
    answer(StatusCode::OK, listed.await, &id)
}

/// `POST /v1/tenants/{tenant}/clients/{client_id}/secrets`: answers the secret.
pub(crate) async fn issue(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, client_id)): OfClient,
    caller: Caller,
    body: Body,
) -> Response {
    let issued = async {
        let by = administrator(&app, &caller, AdminPermission::SecretWrite).await?;
        let New { name, not_before, expires, value } = parse(&read(body).await?)?;
        let secret = SecretRequest { name, not_before, expires, value };
        let (secret, value) = app.core.issue_secret(&by, &tenant, &client_id, secret).await?;
        Ok(with_value(describe(&secret, app.core.now()), &value))
    };
    answer(StatusCode::CREATED, issued.await, &id)
}

/// `GET .../secrets/{secret}`: the secret with its value, by id or name.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, client_id, secret)): OneSecret,
    caller: Caller,
) -> Response {
    let shown = async {
        let by = administrator(&app, &caller, AdminPermission::SecretRead).await?;
        let (secret, value) = app.core.show_secret(&by, &tenant, &client_id, &secret).await?;
        Ok(with_value(describe(&secret, app.core.now()), &value))
    };
    answer(StatusCode::OK, shown.await, &id)
}

/// `PATCH .../secrets/{secret}`: its status, its expiry.
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, client_id, secret)): OneSecret,
    caller: Caller,
    body: Body,
) -> Response {
    let changed = async {
        let by = administrator(&app, &caller, AdminPermission::SecretWrite).await?;
        let Changes { status, expires } = parse(&read(body).await?)?;
        let change = SecretChange { status, expires };
        let secret = app.core.change_secret(&by, &tenant, (&client_id, &secret), change).await?;
        Ok(describe(&secret, app.core.now()))
    };
    answer(StatusCode::OK, changed.await, &id)
}

/// `DELETE .../secrets/{secret}`: revoked at once.
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, client_id, secret)): OneSecret,
    caller: Caller,
) -> Response {
    let revoked = async {
        let by = administrator(&app, &caller, AdminPermission::SecretWrite).await?;
        app.core.revoke_secret(&by, &tenant, &client_id, &secret).await?;
        Ok(json!({ "revoked": secret }))
    };
    answer(StatusCode::OK, revoked.await, &id)
}

pub(super) fn describe(secret: &StoredCredential, now: i64) -> Value {
    let second = |time: &Option<Timestamp>| time.map(Timestamp::as_second);
    let state = match secret.status {
        Status::Disabled => "disabled",
        Status::Enabled if second(&secret.expires).is_some_and(|at| at <= now) => "expired",
        Status::Enabled if second(&secret.not_before).is_some_and(|at| at > now) => "not_yet_valid",
        Status::Enabled => "usable",
    };
    let time = |seconds: i64| Timestamp::from_second(seconds).ok();
    json!({
        "id": secret.id,
        "name": secret.name,
        "status": secret.status,
        "state": state,
        "not_before": secret.not_before,
        "expires": secret.expires,
        "created": time(secret.created),
        "last_used": secret.last_used.and_then(time),
    })
}

pub(super) fn with_value(description: Value, value: &PlainSecret) -> Value {
    with(description, [("secret", value.expose().into())])
}
