//! The environment as a value, so that only one place reads the process's own.

use std::collections::BTreeMap;
use std::ffi::OsString;

/// Environment variables by name. No `Debug`: some of them are secrets.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

/// A variable whose value is not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value is not UTF-8")]
pub struct NotUtf8;

impl Environment {
    /// The variables of this process.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn of_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// The value of a variable; one that is set to nothing counts as not set, as container tools write it so.
    pub fn get(&self, name: &str) -> Result<Option<&str>, NotUtf8> {
        match self.0.get(std::ffi::OsStr::new(name)) {
            None => Ok(None),
            Some(value) => match value.to_str() {
                Some("") => Ok(None),
                Some(text) => Ok(Some(text)),
                None => Err(NotUtf8),
            },
        }
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}
