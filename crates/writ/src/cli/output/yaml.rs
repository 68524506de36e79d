//! Writes a JSON value as YAML that reads back as the same value.

use std::borrow::Cow;

use saphyr::{Mapping, Scalar, Yaml, YamlEmitter};
use serde_json::Value;

/// The value as one YAML document, without `---`, ending in a line break.
pub(crate) fn emit(value: &Value) -> String {
    let mut text = String::new();
    let mut emitter = YamlEmitter::new(&mut text);
    emitter.multiline(true);
    // The emitter fails only when its writer does, and a String does not.
    let _ = emitter.dump(&convert(value));
    let text = text.strip_prefix("---\n").unwrap_or(&text);
    if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

fn convert(value: &Value) -> Yaml<'_> {
    match value {
        Value::Null => Yaml::Value(Scalar::Null),
        Value::Bool(value) => Yaml::Value(Scalar::Boolean(*value)),
        Value::Number(number) => Yaml::Value(match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Scalar::Integer(integer),
            (None, Some(float)) => Scalar::FloatingPoint(float.into()),
            (None, None) => Scalar::String(Cow::Owned(number.to_string())),
        }),
        Value::String(text) => Yaml::Value(Scalar::String(Cow::Borrowed(text))),
        Value::Array(items) => Yaml::Sequence(items.iter().map(convert).collect()),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(key, _)| rank(key));
            let pair = |(key, value)| (Yaml::Value(Scalar::String(Cow::Borrowed(String::as_str(key)))), convert(value));
            Yaml::Mapping(members.into_iter().map(pair).collect::<Mapping<'_>>())
        }
    }
}

/// What says which object it is comes first; JSON has no order, and people do.
fn rank(key: &str) -> usize {
    const FIRST: [&str; 4] = ["kind", "id", "client_id", "name"];
    FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use saphyr::LoadableYamlNode;
    use serde_json::{Number, json};

    use super::*;
    use crate::cli::document;

    fn strings() -> impl Strategy<Value = String> {
        let odd = prop::sample::select(vec![
            "",
            " ",
            "~",
            "null",
            "Null",
            "true",
            "True",
            "yes",
            "no",
            "on",
            "0",
            "007",
            "1e3",
            "0x1F",
            "0o17",
            "+1",
            ".5",
            "-",
            "- a",
            "? a",
            "a: b",
            "a #b",
            "#a",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a",
            "{a}",
            "[a]",
            "a,b",
            "---",
            "...",
            "--- a",
            "<<",
            "=",
            "|",
            ">",
            "'",
            "\"",
            "\\",
            "\\n",
            "2027-06-30",
            "12:30:45",
            ".inf",
            "a\nb",
            "a\nb\n",
            "\na",
            "\n",
            " a\n b",
            "a\n\n",
            "\t",
            "a\tb",
            "a\r\nb",
            "\u{feff}a",
            "\u{85}",
            "\u{2028}",
            "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n",
            "大屏展示",
            "😀",
            "---\na",
            "a\n---\nb",
        ]);
        let any = prop_oneof![any::<String>(), "[ -~\n\t]{0,20}", "[a-z:#'\" \n-]{0,12}"];
        prop_oneof![odd.prop_map(str::to_owned), any]
    }

    fn values() -> impl Strategy<Value = Value> {
        let number = any::<i64>().prop_map(|number| Value::Number(Number::from(number)));
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            number,
            strings().prop_map(Value::String),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                prop::collection::vec((strings(), inner), 0..4).prop_map(|pairs| pairs.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(value in values()) {
            let list = json!([{ "value": value }]);
            let text = emit(&list);
            prop_assert_eq!(document::read_back(&text), list, "{}", text);
        }
    }

    #[test]
    fn another_reader_agrees_and_people_can_read_it() {
        let value = json!({"kind": "application", "id": "app_x", "clients": [{"token": {"lifetime": "1h"}, "n": "7"}]});
        let expected = "kind: application\nid: app_x\nclients:\n  - token:\n      lifetime: 1h\n    n: \"7\"\n";
        assert_eq!(emit(&value), expected);
        assert!(Yaml::load_from_str(expected).is_ok());
    }
}
