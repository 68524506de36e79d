//! The revocation feed, for those who verify tokens elsewhere.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use writ_core::admin::AdminPermission;
use writ_core::feed::{FeedRequest, MAX_LIMIT, MAX_WAIT};
use writ_oauth::form::Form;

use super::error::AdminError;
use super::{Caller, administrator, answer, reply};
use crate::http::app::App;

/// `GET /v1/tenants/{tenant}/revocations?after=&limit=&wait=`: what was taken back after a place, in order; 410 when there
/// is no such place.
pub(crate) async fn follow(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> Response {
    let page = async {
        administrator(&app, &caller, AdminPermission::TokenFeed).await?;
        let request = read(&query.unwrap_or_default(), app.limits.parameters)?;
        let page = app.core.revocation_feed(&tenant, request).await?.ok_or_else(unknown_place)?;
        Ok::<Value, AdminError>(json!(page))
    };
    answer(StatusCode::OK, page.await, &id)
}

fn read(query: &str, parameters: usize) -> Result<FeedRequest, AdminError> {
    let form = Form::parse(query.as_bytes(), parameters).map_err(AdminError::Refused)?;
    let wrong = |name: &str, expected: &str| AdminError::Invalid(format!("`{name}` is not right: expected {expected}"));
    let after = match form.get("after") {
        None => "0",
        Some(after) => after,
    };
    let after = after.parse().map_err(|()| wrong("after", "0, or `next` of an earlier answer"))?;
    let limit = match form.get("limit") {
        None => MAX_LIMIT,
        Some(limit) => {
            let limit = limit.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
            limit.ok_or_else(|| wrong("limit", "a number from 1 to 1000"))?
        }
    };
    let wait = match form.get("wait") {
        None => Duration::ZERO,
        Some(wait) => {
            let seconds = wait.strip_suffix('s').unwrap_or(wait).parse::<u32>().ok();
            let wait = seconds.map(|seconds| Duration::from_secs(seconds.into())).filter(|wait| *wait <= MAX_WAIT);
            wait.ok_or_else(|| wrong("wait", "seconds, at most 30"))?
        }
    };
    Ok(FeedRequest { after, limit, wait })
}

fn unknown_place() -> AdminError {
    AdminError::Gone(
        "`after` is no place of this feed: the database is an older one than it came from; keep what you know, and start \
         over with after=0"
            .into(),
    )
}
