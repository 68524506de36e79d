//! The signing keys of an issuer.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use writ_core::admin::AdminPermission;
use writ_core::store::StoredKey;

use super::error::AdminError;
use super::{Caller, administrator, answer, parse, read, reply};
use crate::http::app::App;

/// The body that rotates.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Rotation {
    /// Also when verifiers that cache keys may not know the next one yet.
    now: bool,
}

type OfIssuer = Path<(String, String)>;
type OneKey = Path<(String, String, String)>;

/// `GET /v1/tenants/{tenant}/issuers/{issuer}/keys`
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, issuer)): OfIssuer,
    caller: Caller,
) -> Response {
    let listed = async {
        administrator(&app, &caller, AdminPermission::ConfigRead).await?;
        describe(&app, &tenant, &issuer).await
    };
    answer(StatusCode::OK, listed.await, &id)
}

/// `POST .../keys/rotate`: answers the keys as they are then.
pub(crate) async fn rotate(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, issuer)): OfIssuer,
    caller: Caller,
    body: Body,
) -> Response {
    let rotated = async {
        let by = administrator(&app, &caller, AdminPermission::KeyWrite).await?;
        let Rotation { now } = parse(&read(body).await?)?;
        app.core.rotate_key(&by, &tenant, &issuer, now).await?;
        describe(&app, &tenant, &issuer).await
    };
    answer(StatusCode::OK, rotated.await, &id)
}

/// `POST .../keys/{kid}/revoke`: answers the keys as they are then.
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path((tenant, issuer, kid)): OneKey,
    caller: Caller,
) -> Response {
    let revoked = async {
        let by = administrator(&app, &caller, AdminPermission::KeyWrite).await?;
        app.core.revoke_key(&by, &tenant, &issuer, &kid).await?;
        describe(&app, &tenant, &issuer).await
    };
    answer(StatusCode::OK, revoked.await, &id)
}

async fn describe(app: &App, tenant: &str, issuer: &str) -> Result<Value, AdminError> {
    let time = |seconds: i64| Timestamp::from_second(seconds).ok();
    let one = |key: &StoredKey| {
        json!({
            "kid": key.kid,
            "alg": key.alg.name(),
            "state": key.state,
            "created": time(key.created),
            "changed": time(key.changed),
            "forget_at": key.forget_at.and_then(time),
        })
    };
    Ok(app.core.list_keys(tenant, issuer).await?.iter().map(one).collect())
}
