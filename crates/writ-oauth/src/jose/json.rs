//! Strict JSON objects: headers, claims sets and JWK sets.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::fault::JsonFault;

/// How many arrays and objects may stand inside each other, the outermost included.
///
/// A JWK set needs four, and the deepest claims seen from real issuers (Kubernetes: a pod inside a
/// claim) need three. Eight leaves room and keeps the recursion, here and in whatever reads a claim
/// later, trivially bounded.
pub const MAX_DEPTH: usize = 8;

/// Room for the members that an object usually has.
const USUAL_MEMBERS: usize = 12;

/// Reads one JSON object that takes up all of `bytes`.
///
/// > JWS parsers MUST either reject JWSs with duplicate Header Parameter names or use a JSON parser
/// > that returns only the lexically last duplicate member name
///
/// Writ rejects, at every level: "the last one wins" is only safe when everyone does it.
///
/// The caller bounds the length of `bytes`.
///
/// <https://www.rfc-editor.org/rfc/rfc7515#section-4>
pub fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, JsonFault> {
    // serde's error type carries only text, so the cause is put aside on the way out.
    let fault = Cell::new(JsonFault::Syntax);
    let strict = Strict { room: MAX_DEPTH, fault: &fault };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = strict.deserialize(&mut json).map_err(|_| fault.get())?;
    json.end().map_err(|_| JsonFault::Syntax)?;
    match value {
        Value::Object(members) => Ok(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(JsonFault::NotAnObject)
        }
    }
}

/// Builds a [`Value`], with `room` levels left to nest.
#[derive(Clone, Copy)]
struct Strict<'f> {
    room: usize,
    fault: &'f Cell<JsonFault>,
}

impl Strict<'_> {
    fn refuse<E: serde::de::Error>(self, fault: JsonFault) -> E {
        self.fault.set(fault);
        E::custom(fault)
    }

    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.room.checked_sub(1) {
            Some(room) => Ok(Self { room, ..self }),
            None => Err(self.refuse(JsonFault::TooDeep)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let number = serde_json::Number::from_f64(value).ok_or_else(|| E::custom("not finite"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut values = Vec::new();
        while let Some(value) = array.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut members = Map::with_capacity(USUAL_MEMBERS);
        while let Some(name) = object.next_key::<String>()? {
            let value = object.next_value_seed(inner)?;
            if members.insert(name, value).is_some() {
                return Err(self.refuse(JsonFault::DuplicateMember));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn fault(text: &str) -> JsonFault {
        parse_object(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn an_object_is_read_as_serde_json_reads_it() {
        let text = r#" {"a":[1,-2,3.5,1e3,true,null],"b":{"c":"\u00e9\ud83d\ude00"}} "#;
        let strict = parse_object(text.as_bytes()).unwrap();
        assert_eq!(Value::Object(strict), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn case_80_duplicate_members_are_refused_at_every_level() {
        assert_eq!(fault(r#"{"a":1,"a":1}"#), JsonFault::DuplicateMember);
        assert_eq!(fault(r#"{"a":[{"b":1,"b":2}]}"#), JsonFault::DuplicateMember);
        // The same name, written in two ways.
        assert_eq!(fault(r#"{"a":1,"\u0061":2}"#), JsonFault::DuplicateMember);
    }

    #[test]
    fn case_80_nesting_is_bounded() {
        let nested = |levels: usize| {
            let inner = levels - 1;
            format!("{{\"a\":{}{}}}", "[".repeat(inner), "]".repeat(inner))
        };
        parse_object(nested(MAX_DEPTH).as_bytes()).unwrap();
        assert_eq!(fault(&nested(MAX_DEPTH + 1)), JsonFault::TooDeep);
        assert_eq!(fault(&nested(100_000)), JsonFault::TooDeep);
        assert_eq!(fault(&"[".repeat(100_000)), JsonFault::TooDeep);
    }

    #[test]
    fn only_one_object_and_nothing_else() {
        for text in ["", "{", "{} {}", "{}x", "\u{feff}{}", r#"{"a":1,}"#, "{'a':1}", "{\"a\":1e999}"] {
            assert_eq!(fault(text), JsonFault::Syntax, "{text:?}");
        }
        assert_eq!(parse_object(b"{\"a\":\"\xff\"}"), Err(JsonFault::Syntax));
        for text in ["[]", "1", "null", "\"a\"", "true"] {
            assert_eq!(fault(text), JsonFault::NotAnObject, "{text:?}");
        }
    }
}
