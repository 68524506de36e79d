//! The gateway's listener, as long as there are no routes to serve on it.

use axum::response::Response;
use writ_oauth::Refusal;

use super::{dialect, reply};

/// No route matches: there are none.
pub(crate) async fn no_route(id: reply::Id) -> Response {
    reply::refused(dialect::plain(), &Refusal::PathUnknown.into(), Some(&id))
}
