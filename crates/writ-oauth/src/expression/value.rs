//! What a part of an expression can be while it is evaluated.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use super::fault::Cause;

/// A value. There is no null and nothing missing among them: those are faults.
pub(super) enum Value<'a> {
    Text(Cow<'a, str>),
    Integer(i64),
    Boolean(bool),
    List(&'a [Json]),
    Object(&'a Map<String, Json>),
}

impl<'a> Value<'a> {
    pub(super) fn of(json: &'a Json) -> Result<Self, Cause> {
        match json {
            Json::Null => Err(Cause::Null),
            Json::Bool(value) => Ok(Self::Boolean(*value)),
            // A fraction, and a number that was rounded when it was read, would compare as something it is not.
            Json::Number(number) => number.as_i64().map(Self::Integer).ok_or(Cause::Number),
            Json::String(text) => Ok(Self::Text(Cow::Borrowed(text))),
            Json::Array(list) => Ok(Self::List(list)),
            Json::Object(members) => Ok(Self::Object(members)),
        }
    }

    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Integer(_) => "a number",
            Self::Boolean(_) => "a boolean",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// What it costs to read it.
    pub(super) fn cost(&self) -> usize {
        match self {
            Self::Text(text) => text.len().saturating_add(1),
            Self::List(list) => list.len().saturating_add(1),
            Self::Integer(_) | Self::Boolean(_) | Self::Object(_) => 1,
        }
    }

    /// Whether both are the same text, number or boolean. Anything else is not compared, and nothing is converted.
    pub(super) fn equals(&self, other: &Self) -> Result<bool, Cause> {
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => Ok(left == right),
            (Self::Integer(left), Self::Integer(right)) => Ok(left == right),
            (Self::Boolean(left), Self::Boolean(right)) => Ok(left == right),
            _ => Err(Cause::Incomparable { left: self.type_name(), right: other.type_name() }),
        }
    }
}
