//! What the admin API answers when something cannot be done.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;
use writ_core::apply::ApplyError;
use writ_core::document::DocumentFault;
use writ_core::store::StoreError;
use writ_oauth::Refused;

use crate::http::request_id::RequestId;
use crate::http::{dialect, reply};

/// Why an administrator's request was not carried out. Nothing was changed.
pub(crate) enum AdminError {
    /// The caller may not.
    Refused(Refused),
    /// The request itself is wrong.
    Invalid(String),
    /// What was asked for is not there any more; the message says how to go on.
    Gone(String),
    /// There is no such thing, with what to do about it.
    Absent(String),
    /// The documents cannot be applied, or there is no such thing.
    Apply(ApplyError),
}

impl From<ApplyError> for AdminError {
    fn from(error: ApplyError) -> Self {
        Self::Apply(error)
    }
}

impl From<DocumentFault> for AdminError {
    fn from(fault: DocumentFault) -> Self {
        Self::Apply(fault.into())
    }
}

impl From<StoreError> for AdminError {
    fn from(error: StoreError) -> Self {
        Self::Apply(error.into())
    }
}

impl AdminError {
    /// The response.
    pub(super) fn response(self, id: &RequestId) -> Response {
        match self {
            Self::Refused(refused) => reply::refused(dialect::plain(), &refused, Some(id)),
            Self::Invalid(message) => plain(StatusCode::BAD_REQUEST, "invalid_request", &message, id),
            Self::Gone(message) => plain(StatusCode::GONE, "start_over", &message, id),
            Self::Absent(message) => plain(StatusCode::NOT_FOUND, "not_found", &message, id),
            Self::Apply(ApplyError::Document(fault)) => document(&fault, id),
            Self::Apply(error @ ApplyError::NotFound(..)) => {
                plain(StatusCode::NOT_FOUND, "not_found", &error.to_string(), id)
            }
            Self::Apply(ApplyError::Conflict(message)) => plain(StatusCode::CONFLICT, "conflict", &message, id),
            Self::Apply(ApplyError::Store(error)) => store(&error, id),
        }
    }
}

fn plain(status: StatusCode, error: &str, message: &str, id: &RequestId) -> Response {
    let body = json!({ "error": error, "error_description": message, "request_id": id.as_str() });
    reply::json(status, &body)
}

fn document(fault: &DocumentFault, id: &RequestId) -> Response {
    let DocumentFault { document, path, message } = fault;
    let body = json!({
        "error": "invalid_document",
        "error_description": message,
        "document": document,
        "path": path,
        "request_id": id.as_str(),
    });
    reply::json(StatusCode::UNPROCESSABLE_ENTITY, &body)
}

/// An administrator may know what is wrong with the database.
fn store(error: &StoreError, id: &RequestId) -> Response {
    tracing::error!(%error, "the database refused");
    let (status, code) = match error {
        StoreError::Unreachable(_) | StoreError::Locked => (StatusCode::SERVICE_UNAVAILABLE, "database_unavailable"),
        StoreError::Full => (StatusCode::INSUFFICIENT_STORAGE, "database_full"),
        StoreError::ReadOnly => (StatusCode::SERVICE_UNAVAILABLE, "database_read_only"),
        StoreError::Duplicate(_) => (StatusCode::CONFLICT, "conflict"),
        StoreError::BadUrl
        | StoreError::NotADatabase
        | StoreError::NewerSchema(_)
        | StoreError::Migration(_)
        | StoreError::Unreadable(_)
        | StoreError::Keyring(_)
        | StoreError::Other(_) => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
    };
    plain(status, code, &description(error), id)
}

/// Says that nothing was changed where that is known: a connection may break after the database has committed.
fn description(error: &StoreError) -> String {
    match error {
        StoreError::Full => format!("nothing was changed: {error}; make room and try again"),
        StoreError::Locked | StoreError::ReadOnly | StoreError::Duplicate(_) => {
            format!("nothing was changed: {error}")
        }
        StoreError::Unreachable(_)
        | StoreError::BadUrl
        | StoreError::NotADatabase
        | StoreError::NewerSchema(_)
        | StoreError::Migration(_)
        | StoreError::Unreadable(_)
        | StoreError::Keyring(_)
        | StoreError::Other(_) => error.to_string(),
    }
}
