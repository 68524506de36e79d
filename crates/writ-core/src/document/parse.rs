//! From JSON to documents, with the place of whatever is wrong.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Document, Kind};

/// Why a document was refused, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DocumentFault {
    /// Which document of the request, from 0; `None`: the request as a whole.
    pub document: Option<usize>,
    /// Where inside the document, such as `clients[0].grants[1]`; empty: the document itself.
    pub path: String,
    /// What is wrong, for the person who wrote it.
    pub message: String,
}

impl DocumentFault {
    /// A fault at a place inside one document.
    pub fn at(document: usize, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { document: Some(document), path: path.into(), message: message.into() }
    }

    /// A fault of the request as a whole.
    pub fn whole(message: impl Into<String>) -> Self {
        Self { document: None, path: String::new(), message: message.into() }
    }
}

/// Reads one document; `index` is its place in the request, for the fault.
pub fn from_json(index: usize, value: Value) -> Result<Document, DocumentFault> {
    let Value::Object(mut members) = value else {
        return Err(DocumentFault::at(index, "", "a document is an object with a `kind`"));
    };
    let word = match members.remove("kind") {
        Some(Value::String(word)) => word,
        Some(_) => return Err(DocumentFault::at(index, "kind", "`kind` is a word")),
        None => return Err(DocumentFault::at(index, "", "missing field `kind`")),
    };
    let rest = Value::Object(members);
    match Kind::ALL.into_iter().find(|kind| kind.name() == word) {
        Some(Kind::Tenant) => typed(index, rest).map(Document::Tenant),
        Some(Kind::Issuer) => typed(index, rest).map(Document::Issuer),
        Some(Kind::NetworkZone) => typed(index, rest).map(Document::NetworkZone),
        Some(Kind::Provider) => typed(index, rest).map(Document::Provider),
        Some(Kind::Application) => typed(index, rest).map(Document::Application),
        Some(Kind::Route) => typed(index, rest).map(Document::Route),
        None => Err(DocumentFault::at(index, "kind", unknown_kind(&word))),
    }
}

/// Reads a list of documents, or one document alone.
pub fn list_from_json(value: Value) -> Result<Vec<Document>, DocumentFault> {
    let list = match value {
        Value::Array(list) => list,
        one @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => vec![one],
    };
    list.into_iter().enumerate().map(|(index, value)| from_json(index, value)).collect()
}

fn unknown_kind(word: &str) -> String {
    let known: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    format!("unknown kind `{word}`; the kinds are {}", known.join(", "))
}

fn typed<T: DeserializeOwned>(index: usize, value: Value) -> Result<T, DocumentFault> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = match error.path().to_string() {
            dot if dot == "." => String::new(),
            path => path,
        };
        DocumentFault::at(index, path, error.inner().to_string())
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn fault(text: &str) -> DocumentFault {
        list_from_json(serde_json::from_str(text).unwrap()).err().unwrap()
    }

    #[test]
    fn a_fault_says_where_it_is() {
        let fault = fault(
            r#"[{"kind":"network_zone","name":"a","cidrs":[]},{"kind":"application","id":"x","clients":[{"grant":[]}]}]"#,
        );
        assert_eq!((fault.document, fault.path.as_str()), (Some(1), "clients[0].grant"));
        assert!(fault.message.contains("unknown field `grant`"), "{fault}");
    }

    #[test]
    fn an_unknown_kind_lists_the_known_ones() {
        assert!(fault(r#"{"kind":"rout"}"#).message.contains("unknown kind `rout`; the kinds are tenant"));
    }

    #[test]
    fn host_bits_in_a_range_are_refused() {
        assert!(
            fault(r#"{"kind":"network_zone","name":"a","cidrs":["203.0.113.7/24"]}"#)
                .message
                .contains("203.0.113.7/24")
        );
    }
}
