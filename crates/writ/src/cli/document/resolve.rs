//! `{from_env: NAME}` and `{from_file: PATH}`: what must not stand in a file.

use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::node::{Data, Member, Node, Place};
use crate::config::Environment;

/// The largest file that a value may come from, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// Where values from outside come from.
pub(super) struct Surroundings<'a> {
    /// What relative paths are relative to: the folder of the document.
    pub(super) folder: &'a Path,
    /// The environment of the command.
    pub(super) environment: &'a Environment,
}

/// What came from outside, and what could not be had.
#[derive(Default)]
pub(super) struct Resolution {
    /// The values, which may be secrets and must not be repeated in messages.
    pub(super) values: Vec<String>,
    /// What is wrong: the place, the path and the message.
    pub(super) faults: Vec<(Place, String, String)>,
}

/// Replaces every reference below a node by its value; a missing one is a fault, never an empty value.
pub(super) fn resolve(node: &mut Node, around: &Surroundings<'_>) -> Resolution {
    let mut resolution = Resolution::default();
    walk(node, around, "", &mut resolution);
    resolution
}

fn walk(node: &mut Node, around: &Surroundings<'_>, path: &str, resolution: &mut Resolution) {
    let value = match &mut node.data {
        Data::Scalar(_) => return,
        Data::Sequence(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                walk(item, around, &format!("{path}[{index}]"), resolution);
            }
            return;
        }
        Data::Mapping(members) => match reference(members) {
            None => {
                for member in members {
                    let dot = if path.is_empty() { "" } else { "." };
                    walk(&mut member.value, around, &format!("{path}{dot}{}", member.key), resolution);
                }
                return;
            }
            Some(reference) => reference.and_then(|reference| reference.read(around)),
        },
    };
    match value {
        Ok(value) => {
            resolution.values.push(value.clone());
            node.data = Data::Scalar(Value::String(value));
        }
        Err(message) => resolution.faults.push((node.place, path.to_owned(), message)),
    }
}

enum Reference<'a> {
    Environment(&'a str),
    File(&'a str),
}

fn reference(members: &[Member]) -> Option<Result<Reference<'_>, String>> {
    let member = members.iter().find(|member| matches!(member.key.as_str(), "from_env" | "from_file"))?;
    if members.len() > 1 {
        return Some(Err(format!("`{}` stands alone; nothing can be added to it", member.key)));
    }
    Some(match (&member.value.data, member.key.as_str()) {
        (Data::Scalar(Value::String(name)), "from_env") => Ok(Reference::Environment(name)),
        (Data::Scalar(Value::String(path)), _) => Ok(Reference::File(path)),
        (Data::Scalar(_) | Data::Sequence(_) | Data::Mapping(_), key) => Err(format!("`{key}` takes one string")),
    })
}

impl Reference<'_> {
    fn read(&self, around: &Surroundings<'_>) -> Result<String, String> {
        match self {
            Self::Environment(name) => match around.environment.get(name) {
                Ok(Some(value)) => Ok(value.to_owned()),
                Ok(None) => Err(format!("the environment variable {name} is not set or empty")),
                Err(error) => Err(format!("the environment variable {name}: {error}")),
            },
            Self::File(path) => {
                let path = around.folder.join(path);
                read_file(&path).map_err(|reason| format!("{}: {reason}", path.display()))
            }
        }
    }
}

fn read_file(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_FILE {
        return Err("the file is larger than 1 MiB".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|_| "the file is not UTF-8".to_owned())?;
    let text = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    if text.is_empty() { Err("the file is empty".to_owned()) } else { Ok(text.to_owned()) }
}
