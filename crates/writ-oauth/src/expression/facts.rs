//! What an expression can read.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::ast::{Path, Segment};
use super::fault::Cause;

/// Models by name (`client`, `jwt`, `pkcs7`, `cert`), each a JSON value. Only read. Not `Debug`: it holds what was
/// presented.
#[derive(Clone, Default)]
pub struct Facts(BTreeMap<Box<str>, Json>);

impl Facts {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With this model; one of the same name is replaced.
    #[must_use]
    pub fn with(mut self, model: &str, value: Json) -> Self {
        self.0.insert(model.into(), value);
        self
    }

    /// What stands at `path`. A path through something that has no such member leads to nothing.
    pub(super) fn find(&self, path: &Path) -> Result<&Json, Cause> {
        let model = self.0.get(&path.root).ok_or(Cause::ModelUnknown)?;
        path.segments.iter().try_fold(model, |value, segment| segment.of(value)).ok_or(Cause::Missing)
    }
}

impl Segment {
    fn of<'a>(&self, value: &'a Json) -> Option<&'a Json> {
        match value {
            Json::Object(members) => members.get(&*self.name),
            Json::Array(list) if self.bare => list.get(self.place()?),
            Json::Array(_) | Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
        }
    }

    /// The place in a list, from 0, in its one spelling.
    fn place(&self) -> Option<usize> {
        self.name.parse().ok().filter(|place: &usize| place.to_string() == *self.name)
    }
}
