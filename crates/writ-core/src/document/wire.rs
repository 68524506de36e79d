//! The words and shapes that a derive cannot express.

use serde::de::{DeserializeOwned, Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use writ_oauth::secret::PlainSecret;

use super::{DefaultScopes, Permissions, SecretValue};

/// Reads a part of an object whose members depend on one another; what is wrong is told with its place there, unless the
/// message names it.
pub(super) fn read<T: DeserializeOwned>(members: Map<String, Value>) -> Result<T, String> {
    serde_path_to_error::deserialize(Value::Object(members)).map_err(|error| {
        let (path, message) = (error.path().to_string(), error.inner().to_string());
        if path == "." || message.contains(&format!("`{path}`")) { message } else { format!("{path}: {message}") }
    })
}

/// Takes the word out of an object that says how the rest of it is to be read.
pub(super) fn take_tag(members: &mut Map<String, Value>, name: &str) -> Result<String, String> {
    match members.remove(name) {
        Some(Value::String(word)) => Ok(word),
        Some(_) => Err(format!("`{name}` is a word")),
        None => Err(format!("missing field `{name}`")),
    }
}

/// `all` or a list of strings.
#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected `all` or a list of permission ids")]
enum AllOrThese {
    Word(String),
    These(Vec<String>),
}

impl AllOrThese {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
        match Self::deserialize(deserializer)? {
            Self::Word(word) if word == "all" => Ok(None),
            Self::Word(word) => {
                Err(D::Error::invalid_value(Unexpected::Str(&word), &"`all` or a list of permission ids"))
            }
            Self::These(list) => Ok(Some(list)),
        }
    }
}

impl<'de> Deserialize<'de> for Permissions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(AllOrThese::read(deserializer)?.map_or(Self::All, Self::These))
    }
}

impl Serialize for Permissions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str("all"),
            Self::These(list) => list.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for DefaultScopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match AllOrThese::read(deserializer)? {
            None => Self::All,
            Some(list) if list.is_empty() => Self::None,
            Some(list) => Self::These(list),
        })
    }
}

impl Serialize for DefaultScopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.collect_seq(std::iter::empty::<&str>()),
            Self::All => serializer.serialize_str("all"),
            Self::These(list) => list.serialize(serializer),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a string, {from_env: NAME}, {from_file: PATH} or {generate: true}")]
enum SecretValueWire {
    Literal(PlainSecret),
    Generate(Generate),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Generate {
    generate: bool,
}

impl<'de> Deserialize<'de> for SecretValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match SecretValueWire::deserialize(deserializer)? {
            SecretValueWire::Literal(secret) => Ok(Self::Literal(secret)),
            SecretValueWire::Generate(Generate { generate: true }) => Ok(Self::Generate),
            SecretValueWire::Generate(Generate { generate: false }) => {
                Err(D::Error::custom("`generate` can only be `true`; leave `value` out to keep the stored secret"))
            }
        }
    }
}
