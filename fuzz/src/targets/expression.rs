//! Expressions: a source, and behind a line of three dashes the claims that it reads, if others than the usual.

use serde_json::{Value, json};
use writ_oauth::expression::{
    EvaluationFault, Expression, Facts, MAX_SOURCE_BYTES, MAX_TEXT_BYTES, Outcome, Problem, lint,
};

pub(super) fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (source, claims) = text.split_once("\n---\n").unwrap_or((text, ""));
    match Expression::parse(source) {
        Ok(expression) => {
            let claims = serde_json::from_str(claims).unwrap_or_else(|_| usual_claims());
            check_expression(&expression, &facts(&claims));
            check_demands(&expression, claims);
        }
        Err(fault) => {
            assert!(source.is_char_boundary(fault.offset), "{fault} stands nowhere");
            assert!(fault.to_string().len() < 1024);
        }
    }
}

fn usual_claims() -> Value {
    json!({
        "sub": "repo:acme/web:ref:refs/heads/main", "n": 7, "half": 0.5, "yes": true, "null": null, "empty": "",
        "groups": ["a", "b", 1], "kubernetes.io": { "namespace": "build" }, "0": "zero",
    })
}

fn facts(claims: &Value) -> Facts {
    let jwt = json!({ "issuer": "https://ci.example", "claims": claims });
    Facts::new().with("jwt", jwt).with("client", json!({ "clientId": "app_one" }))
}

fn check_expression(expression: &Expression, facts: &Facts) {
    let source = expression.source();
    assert!(source.len() <= MAX_SOURCE_BYTES);
    let answer = expression.condition(facts);
    check_explained(expression, facts, &answer);
    check_normal_form(expression, facts);
    assert!(lint(expression).iter().all(|warning| source.is_char_boundary(warning.offset)));
    if let Ok(text) = expression.text(facts) {
        assert!(!text.is_empty() && text.len() <= MAX_TEXT_BYTES && !text.chars().any(char::is_control));
    }
    if let Err(fault) = &answer {
        assert!(source.is_char_boundary(fault.offset));
    }
    // A condition never answers what it does not answer when it is asked again.
    assert_eq!(expression.condition(facts), answer);
    assert!(expression.is_condition() || answer.is_err());
    assert!(expression.is_integer() || expression.integer(facts).is_err());
}

/// A condition that demands something of an assertion holds neither without one nor for a stranger's, whose every text
/// and number is one that stands nowhere else.
fn check_demands(expression: &Expression, claims: Value) {
    if !expression.depends_on("jwt") {
        return;
    }
    assert!(expression.models().contains(&"jwt"));
    let nothing = Facts::new().with("jwt", json!({})).with("client", json!({ "clientId": "app_one" }));
    assert_ne!(expression.condition(&nothing), Ok(true));
    let written = expression.to_string();
    let is_named = [STRANGE_TEXT, &STRANGE_NUMBER.to_string()].iter().any(|word| written.contains(word));
    if !is_named {
        let facts = Facts::new().with("jwt", json!({ "issuer": STRANGE_TEXT, "claims": estranged(claims) }));
        let facts = facts.with("client", json!({ "clientId": "app_one" }));
        assert_ne!(expression.condition(&facts), Ok(true), "it demands nothing");
    }
}

const STRANGE_TEXT: &str = "~";
const STRANGE_NUMBER: i64 = 3_141_592_653;

fn estranged(value: Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value,
        Value::Number(_) => STRANGE_NUMBER.into(),
        Value::String(_) => STRANGE_TEXT.into(),
        Value::Array(list) => list.into_iter().map(estranged).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, estranged(value))).collect(),
    }
}

fn check_explained(expression: &Expression, facts: &Facts, answer: &Result<bool, EvaluationFault>) {
    let explained = expression.explain(facts);
    let same = match &explained.outcome {
        Outcome::Held => *answer == Ok(true),
        Outcome::DidNotHold => *answer == Ok(false),
        Outcome::Fault { .. } => answer.is_err(),
        Outcome::Value { .. } => true,
    };
    assert!(same, "explained as {:?}, answered {answer:?}", explained.outcome);
    assert!(explained.to_string().len() < 1 << 20);
}

/// The normal form is the same expression, unless its escapes make it longer than a source may be.
fn check_normal_form(expression: &Expression, facts: &Facts) {
    let normal = expression.to_string();
    let again = match Expression::parse(&normal) {
        Ok(again) => again,
        Err(fault) => return assert_eq!(fault.problem, Problem::SourceTooLong, "{normal}"),
    };
    assert_eq!(again.to_string(), normal);
    let cause = |fault: EvaluationFault| fault.cause;
    assert_eq!(again.condition(facts).map_err(cause), expression.condition(facts).map_err(cause));
    assert_eq!(again.text(facts).map_err(cause), expression.text(facts).map_err(cause));
    assert_eq!(again.depends_on("jwt"), expression.depends_on("jwt"));
    assert_eq!(again.models(), expression.models());
    let hazards = |expression| lint(expression).into_iter().map(|warning| warning.hazard).collect::<Vec<_>>();
    assert_eq!(hazards(&again), hazards(expression));
}
