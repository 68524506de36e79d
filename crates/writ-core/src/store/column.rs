//! Columns that several tables have, and rows by their owners.

use std::collections::HashMap;

use jiff::Timestamp;

use super::StoreError;
use crate::document::Status;

/// Reads a status column.
pub(super) fn status(word: &str) -> Result<Status, StoreError> {
    match word {
        "enabled" => Ok(Status::Enabled),
        "disabled" => Ok(Status::Disabled),
        other => Err(StoreError::Unreadable(format!("status {other}"))),
    }
}

/// The word of a status column.
pub(super) const fn status_word(status: Status) -> &'static str {
    match status {
        Status::Enabled => "enabled",
        Status::Disabled => "disabled",
    }
}

/// Reads a time column, in seconds since the epoch.
pub(super) fn time(seconds: Option<i64>) -> Result<Option<Timestamp>, StoreError> {
    seconds.map(Timestamp::from_second).transpose().map_err(|error| StoreError::Unreadable(error.to_string()))
}

/// Groups values by their key, each group in the order of the rows.
pub(super) fn group<T>(pairs: impl IntoIterator<Item = (String, T)>) -> HashMap<String, Vec<T>> {
    let mut groups: HashMap<String, Vec<T>> = HashMap::new();
    for (key, value) in pairs {
        groups.entry(key).or_default().push(value);
    }
    groups
}
