//! The revocation feed, for those who verify tokens elsewhere.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use writ_core::admin::AdminPermission;
use writ_core::feed::{FeedRequest, MAX_LIMIT, MAX_WAIT};

use super::error::AdminError;
use super::{AnyQuery, Caller, administrator, answer, limit, query, reply};
use crate::http::app::App;

/// The query.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct From {
    after: Option<String>,
    limit: Option<u16>,
    wait: Option<String>,
}

/// `GET /v1/tenants/{tenant}/revocations?after=&limit=&wait=`: what was taken back after a place, in order; 410 when there
/// is no such place.
pub(crate) async fn follow(
    State(app): State<Arc<App>>,
    id: reply::Id,
    Path(tenant): Path<String>,
    from: AnyQuery<From>,
    caller: Caller,
) -> Response {
    let page = async {
        administrator(&app, &caller, AdminPermission::TokenFeed).await?;
        let page = app.core.revocation_feed(&tenant, request(&query(from)?)?).await?.ok_or_else(unknown_place)?;
        Ok::<Value, AdminError>(json!(page))
    };
    answer(StatusCode::OK, page.await, &id)
}

fn request(From { after, limit: asked, wait }: &From) -> Result<FeedRequest, AdminError> {
    let wrong = |name: &str, expected: &str| AdminError::Invalid(format!("`{name}` is not right: expected {expected}"));
    let after = after.as_deref().unwrap_or("0").parse();
    let after = after.map_err(|()| wrong("after", "0, or `next` of an earlier answer"))?;
    let seconds = |wait: &String| wait.strip_suffix('s').unwrap_or(wait).parse::<u32>().ok();
    let wait = match wait {
        None => Some(Duration::ZERO),
        Some(wait) => seconds(wait).map(|seconds| Duration::from_secs(seconds.into())).filter(|wait| *wait <= MAX_WAIT),
    };
    let wait = wait.ok_or_else(|| wrong("wait", "seconds, at most 30"))?;
    Ok(FeedRequest { after, limit: limit(*asked, MAX_LIMIT)?, wait })
}

fn unknown_place() -> AdminError {
    AdminError::Gone(
        "`after` is no place of this feed: the database is an older one than it came from; keep what you know, and start \
         over with after=0"
            .into(),
    )
}
