//! What holds for every input.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};
use writ_oauth::expression::{Expression, Facts, Outcome, key, lint, quote};

/// Letters of which sources are made, so that some of what is generated can be parsed.
fn any_source() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "Equals",
        "Not",
        "And",
        "Or",
        "In",
        "Append",
        "Matches",
        "IsNullOrEmpty",
        "(",
        ")",
        "(",
        ")",
        ",",
        ",",
        ".",
        "'",
        "\"",
        "\\",
        "jwt",
        "jwt.a",
        "jwt.b",
        "\"a\"",
        "true",
        "1",
        "-",
        " ",
        "\n",
        "é",
        "u{41}",
        "*",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn any_key() -> impl Strategy<Value = String> {
    prop_oneof![prop::sample::select(vec!["a", "b", "0", "1", "x-y"]).prop_map(str::to_owned), any::<String>()]
}

fn any_path() -> impl Strategy<Value = String> {
    (prop::sample::select(vec!["jwt", "cert"]), prop::collection::vec(any_key(), 1..3))
        .prop_map(|(root, keys)| keys.iter().fold(root.to_owned(), |path, name| format!("{path}.{}", key(name))))
}

/// Literals, paths, and calls that make texts.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![2 => ".{1,6}".prop_map(|text| quote(&text)), 3 => any_path()].prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(|texts| call("Append", &texts)),
            (prop::sample::select(vec!["Lower", "Upper"]), inner).prop_map(|(name, text)| call(name, &[text])),
        ]
    })
}

fn any_condition() -> impl Strategy<Value = String> {
    let number = || prop_oneof![(-3..3_i64).prop_map(|number| number.to_string()), any_path()];
    let value = || prop_oneof![4 => any_text(), 1 => number(), 1 => any::<bool>().prop_map(|value| value.to_string())];
    let of_values = prop::sample::select(vec!["Equals", "NotEquals", "In"]);
    let of_texts = prop::sample::select(vec!["Equals", "Contains", "StartsWith", "EndsWith"]);
    let of_numbers = prop::sample::select(vec!["GreaterThan", "LessThan"]);
    let leaf = prop_oneof![
        any_path(),
        any::<bool>().prop_map(|value| value.to_string()),
        any_path().prop_map(|path| call("IsNullOrEmpty", &[path])),
        (of_values, value(), value()).prop_map(|(name, left, right)| call(name, &[left, right])),
        (of_texts, any_text(), any_text()).prop_map(|(name, left, right)| call(name, &[left, right])),
        (of_numbers, number(), number()).prop_map(|(name, left, right)| call(name, &[left, right])),
        (any_text(), "[a*/]{1,4}").prop_map(|(text, pattern)| call("Matches", &[text, quote(&pattern)])),
        prop::collection::vec(value(), 2..5).prop_map(|values| call("In", &values)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|condition| call("Not", &[condition])),
            (prop::sample::select(vec!["And", "Or"]), prop::collection::vec(inner, 1..4))
                .prop_map(|(name, conditions)| call(name, &conditions)),
        ]
    })
}

fn call(name: &str, arguments: &[String]) -> String {
    format!("{name}({})", arguments.join(", "))
}

fn any_facts() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(any_key(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn evaluated(expression: &Expression, facts: &Facts) {
    let explained = expression.explain(facts);
    let outcome = match expression.condition(facts) {
        Ok(true) => Outcome::Held,
        Ok(false) => Outcome::DidNotHold,
        Err(fault) => Outcome::Fault { fault: fault.to_string() },
    };
    // Of what is no condition, the explanation shows the value instead.
    if !matches!(explained.outcome, Outcome::Value { .. }) {
        assert_eq!(explained.outcome, outcome, "{}", expression.source());
    }
    assert!(explained.to_string().lines().count() < 2000);
    drop((expression.text(facts), expression.integer(facts), lint(expression)));
    // What demands something of an assertion does not hold without one.
    if expression.depends_on("jwt") {
        assert!(!expression.condition(&Facts::new().with("jwt", json!({})).with("cert", json!({}))).unwrap_or(false));
    }
}

/// The definition of a pattern, as plain as it can be.
fn naive(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['*', '*', rest @ ..] => (0..=text.len()).any(|taken| naive(rest, &text[taken..])),
        ['*', rest @ ..] => (0..=text.len())
            .take_while(|taken| !text[..*taken].iter().any(|letter| matches!(letter, '/' | ':')))
            .any(|taken| naive(rest, &text[taken..])),
        [letter, rest @ ..] => text.first() == Some(letter) && naive(rest, &text[1..]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parsing_anything_does_not_panic(text in any::<String>(), source in any_source(), facts in any_facts()) {
        for source in [text, source] {
            match Expression::parse(&source) {
                Ok(expression) => evaluated(&expression, &Facts::new().with("jwt", facts.clone())),
                Err(fault) => prop_assert!(fault.offset <= source.len() && source.is_char_boundary(fault.offset)),
            }
        }
    }

    #[test]
    fn evaluating_does_not_panic_and_is_explained_as_it_is_answered(
        source in any_condition(),
        jwt in any_facts(),
        cert in any_facts(),
    ) {
        if let Ok(expression) = Expression::parse(&source) {
            evaluated(&expression, &Facts::new().with("jwt", jwt).with("cert", cert));
        }
    }

    #[test]
    fn the_normal_form_is_the_same_expression(source in any_condition(), jwt in any_facts()) {
        if let Ok(expression) = Expression::parse(&source) {
            let normal = expression.to_string();
            let again = Expression::parse(&normal);
            // Escapes can make it longer than a source may be.
            let Ok(again) = again else { return Ok(()) };
            prop_assert_eq!(again.to_string(), normal);
            let facts = Facts::new().with("jwt", jwt);
            let cause = |fault: writ_oauth::expression::EvaluationFault| fault.cause;
            prop_assert_eq!(again.condition(&facts).map_err(cause), expression.condition(&facts).map_err(cause));
            prop_assert_eq!(again.depends_on("jwt"), expression.depends_on("jwt"));
        }
    }

    #[test]
    fn any_text_and_any_key_can_be_quoted(text in any::<String>(), name in any::<String>()) {
        let facts = Facts::new().with("jwt", json!({ "a": { name.clone(): text.clone() } }));
        let source = format!("Equals(jwt.a.{}, {})", key(&name), quote(&text));
        prop_assert_eq!(Expression::parse(&source).unwrap().condition(&facts), Ok(true));
    }

    #[test]
    fn patterns_do_what_they_are_defined_to_do(pattern in "[ab/:é*]{1,8}", text in "[ab/:é]{0,10}") {
        let source = format!("Matches({}, {})", quote(&text), quote(&pattern));
        if let Ok(expression) = Expression::parse(&source) {
            let (pattern, text): (Vec<_>, Vec<_>) = (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(expression.condition(&Facts::new()), Ok(naive(&pattern, &text)));
        }
    }
}

/// The generators above would be of no use if nothing they make could be parsed.
#[test]
fn most_of_what_is_generated_is_an_expression() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let sources = any_condition();
    let made = (0..500).filter(|_| {
        let tree = proptest::strategy::ValueTree::current(&sources.new_tree(&mut runner).unwrap());
        Expression::parse(&tree).is_ok()
    });
    let made = made.count();
    assert!(made > 250, "{made}");
}

/// The worst that fits into the limits ends at its steps, in no time that anyone would notice.
#[test]
fn case_29_the_worst_expression_ends_soon() {
    let pattern = format!("{}b", "**a".repeat(12));
    let clause = format!("Not(Matches(jwt.a, \"{pattern}\"))");
    let source = format!("And({})", vec![clause; 60].join(","));
    let expression = Expression::parse(&source).unwrap();
    let facts = Facts::new().with("jwt", json!({ "a": "a".repeat(16_384) }));
    let start = Instant::now();
    assert!(expression.condition(&facts).is_err());
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}
