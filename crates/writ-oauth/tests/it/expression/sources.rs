use writ_oauth::expression::{Expression, MAX_DEPTH, MAX_NODES, MAX_SOURCE_BYTES, Problem, key, quote};

use super::{parsed, text};

/// Where it is wrong, and how.
fn problem(source: &str) -> (usize, Problem) {
    let fault = Expression::parse(source).unwrap_err();
    (fault.offset, fault.problem)
}

fn nested(depth: usize) -> String {
    format!("{}true{}", "Not(".repeat(depth), ")".repeat(depth))
}

#[test]
fn what_is_no_expression_is_refused_where_it_goes_wrong() {
    for (source, offset, wrong) in [
        ("", 0, Problem::ValueMissing),
        (" \t\r\n ", 5, Problem::ValueMissing),
        ("Equals(jwt.a, ", 14, Problem::ValueMissing),
        ("Equals(jwt.a,)", 13, Problem::ValueUnexpected(')')),
        ("Equals(,jwt.a)", 7, Problem::ValueUnexpected(',')),
        ("'jwt'.a", 0, Problem::ValueUnexpected('\'')),
        ("_a.b", 0, Problem::ValueUnexpected('_')),
        ("(true)", 0, Problem::ValueUnexpected('(')),
        ("é.a", 0, Problem::ValueUnexpected('é')),
        ("\u{a0}true", 0, Problem::ValueUnexpected('\u{a0}')),
        ("true true", 5, Problem::Trailing),
        ("jwt.a == \"x\"", 6, Problem::Trailing),
        ("Not(true))", 9, Problem::Trailing),
        ("jwt.a-b", 5, Problem::Trailing),
        ("And(true false)", 9, Problem::ArgumentsUnended),
        ("Not(true", 8, Problem::ArgumentsUnended),
        ("Equals(jwt.a[0], 1)", 12, Problem::ArgumentsUnended),
        ("\"abc", 0, Problem::QuoteUnended),
        ("\"abc\\\"", 0, Problem::QuoteUnended),
        ("jwt.'abc", 4, Problem::QuoteUnended),
        (r#""a\x""#, 2, Problem::Escape),
        (r#""\u0041""#, 1, Problem::Escape),
        (r#""\u{}""#, 1, Problem::Escape),
        (r#""\u{d800}""#, 1, Problem::Escape),
        (r#""\u{0000041}""#, 1, Problem::Escape),
        (r#""\u{41""#, 1, Problem::Escape),
        ("\"a\nb\"", 2, Problem::Control),
        ("\"\u{85}\"", 1, Problem::Control),
        ("1.5", 0, Problem::Number),
        ("1e3", 0, Problem::Number),
        ("0x10", 0, Problem::Number),
        ("-", 0, Problem::Number),
        ("1-1", 0, Problem::Number),
        ("--1", 0, Problem::Number),
        ("9223372036854775808", 0, Problem::Number),
        ("jwt", 3, Problem::PathShort),
        ("Not(jwt)", 7, Problem::PathShort),
        ("jwt .a", 3, Problem::PathShort),
        ("True", 4, Problem::PathShort),
        ("jwt.", 4, Problem::KeyMissing),
        ("jwt..a", 4, Problem::KeyMissing),
        ("jwt. a", 4, Problem::KeyMissing),
        ("jwt.é", 4, Problem::KeyMissing),
        (r#"Matches(jwt.a, "***")"#, 15, Problem::PatternStars),
        (r#"Matches(jwt.a, "**")"#, 15, Problem::PatternAny),
        (r#"Matches(jwt.a, "*")"#, 15, Problem::PatternAny),
        (r#"Matches(jwt.a, "")"#, 15, Problem::PartEmpty),
        (r#"Contains(jwt.a, "")"#, 16, Problem::PartEmpty),
        (r#"StartsWith(jwt.a, "")"#, 18, Problem::PartEmpty),
        (r#"EndsWith(jwt.a, "")"#, 16, Problem::PartEmpty),
        ("Equals(jwt.a, jwt.'a')", 0, Problem::SelfComparison),
        ("Not(In(jwt.a, 1, jwt.a))", 4, Problem::SelfComparison),
        ("Equals(Lower(jwt.a), Lower( jwt.a ))", 0, Problem::SelfComparison),
    ] {
        assert_eq!(problem(source), (offset, wrong), "{source:?}");
    }
}

#[test]
fn a_function_that_is_not_there_is_told_with_the_one_that_is_meant() {
    let unknown = |name: &str, nearest| Problem::FunctionUnknown { name: name.into(), nearest };
    assert_eq!(problem("Not(equals(jwt.a, 1))"), (4, unknown("equals", Some("Equals"))));
    assert_eq!(problem("Regex(jwt.a, 1)"), (0, unknown("Regex", None)));
    assert_eq!(problem(&format!("{}()", "A".repeat(4000))), (0, unknown(&"A".repeat(40), None)));
}

#[test]
fn arguments_are_of_a_possible_number_and_type() {
    for source in [
        "Equals()",
        "Equals(jwt.a)",
        "Equals(jwt.a, 1, 2)",
        "And()",
        "Or()",
        "Not()",
        "Not(true, false)",
        "In(jwt.a)",
        "Matches(jwt.a)",
        r#"Matches(jwt.a, "b", "c")"#,
        "IsNullOrEmpty()",
        "Append()",
        "Lower()",
        "Upper(jwt.a, jwt.b)",
    ] {
        let (offset, wrong) = problem(source);
        assert!(offset == 0 && matches!(wrong, Problem::Arity { .. }), "{source}: {wrong}");
    }
    for (source, at, wanted, found) in [
        (r#"IsNullOrEmpty("jwt.issuer")"#, 14, "a path without quotes", "a text"),
        ("IsNullOrEmpty(Lower(jwt.a))", 14, "a path without quotes", "a text"),
        (r#"And("true")"#, 4, "a condition", "a text"),
        ("Or(true, 1)", 9, "a condition", "a number"),
        ("Not(Append(jwt.a))", 4, "a condition", "a text"),
        ("Equals(Equals(jwt.a, 1), false)", 7, "a value", "a condition"),
        ("In(jwt.a, Not(jwt.b))", 10, "a value", "a condition"),
        ("Contains(Not(jwt.b), 1)", 9, "a text", "a condition"),
        ("Append(jwt.a, 1)", 14, "a text", "a number"),
        ("Lower(true)", 6, "a text", "a boolean"),
        ("StartsWith(jwt.a, 1)", 18, "a text", "a number"),
        ("GreaterThan(jwt.a, \"1\")", 19, "a number", "a text"),
        // An assertion must not bring the pattern that it is checked with.
        ("Matches(jwt.a, jwt.b)", 15, "a pattern in double quotes", "a path"),
        (r#"Matches(jwt.a, Append("a"))"#, 15, "a pattern in double quotes", "a text"),
    ] {
        let (offset, wrong) = problem(source);
        // A call of Append is a text too, but not one that is written out.
        let as_told = matches!(&wrong, Problem::Argument { wanted: a, found: b, .. } if (*a, *b) == (wanted, found));
        assert!(offset == at && as_told, "{source}: {offset} {wrong}");
    }
}

#[test]
fn case_29_a_source_that_is_too_large_is_refused() {
    let text = |bytes: usize| quote(&"a".repeat(bytes - 2));
    parsed(&text(MAX_SOURCE_BYTES));
    assert_eq!(problem(&text(MAX_SOURCE_BYTES + 1)), (MAX_SOURCE_BYTES, Problem::SourceTooLong));
    assert_eq!(problem(&"é".repeat(5000)), (MAX_SOURCE_BYTES, Problem::SourceTooLong));
    // The limit falls into a character: the place is before it.
    assert_eq!(problem(&format!("a{}", "é".repeat(5000))), (MAX_SOURCE_BYTES - 1, Problem::SourceTooLong));

    parsed(&nested(MAX_DEPTH));
    assert_eq!(problem(&nested(MAX_DEPTH + 1)), (4 * MAX_DEPTH, Problem::TooDeep));
    assert_eq!(problem(&nested(800)), (4 * MAX_DEPTH, Problem::TooDeep));
    assert_eq!(problem(&"(".repeat(1000)), (0, Problem::ValueUnexpected('(')));

    let wide = |nodes: usize| format!("And({})", vec!["true"; nodes - 1].join(","));
    parsed(&wide(MAX_NODES));
    assert_eq!(problem(&wide(MAX_NODES + 1)), (4 + 5 * (MAX_NODES - 1), Problem::TooManyNodes));
}

#[test]
fn messages_say_where() {
    let message = |source: &str| Expression::parse(source).unwrap_err().to_string();
    assert_eq!(message("Equals(\"é\", jwt)"), "column 16: a path goes from a model to a field, as in `jwt.issuer`");
    assert_eq!(message("Equals(\n  jwt.a b)"), "line 2, column 9: a comma or a closing parenthesis is missing");
    assert_eq!(message("equals(1)"), "column 1: there is no function \"equals\"; is Equals meant?");
    assert_eq!(message("Not(1)"), "column 5: here is a number, but a condition is expected: Not(condition)",);
}

#[test]
fn the_normal_form_has_quotes_only_where_they_must_be() {
    for (source, normal) in [
        ("And( true,Or(false ,jwt.a) )", "And(true, Or(false, jwt.a))"),
        ("jwt.'a_1'.'b-c'.'0'.0.''", "jwt.a_1.'b-c'.'0'.0.''"),
        (r#"Append ( "\u{41}\'\"", -007 )"#, ""),
        (r#"Append ( "\u{41}\'\"\u{202e}" )"#, r#"Append("A'\"\u{202e}")"#),
        ("-007", "-7"),
        (r#"Matches(jwt.a,"x*")"#, r#"Matches(jwt.a, "x*")"#),
        ("In(1,2,jwt.a)", "In(1, 2, jwt.a)"),
    ] {
        match Expression::parse(source) {
            Ok(expression) => assert_eq!(expression.to_string(), normal),
            Err(_) => assert_eq!(normal, "", "{source}"),
        }
    }
    assert_eq!(parsed(" jwt.a ").source(), " jwt.a ");
}

#[test]
fn what_was_quoted_is_read_back() {
    for value in ["", "a", "\"", "'", "\\", "\\\"", "a\nb\r\t\0", "\u{202e}", "é日本\u{1f600}", "\") , Or(true, \""]
    {
        let literal = quote(value);
        assert_eq!(parsed(&format!("Equals({literal}, {literal})")).models(), Vec::<&str>::new());
        assert!(!literal.chars().any(|letter| letter.is_control() || letter == '\u{202e}'), "{literal}");
        if !value.is_empty() && !value.chars().any(char::is_control) {
            assert_eq!(text(&literal), value);
        }
    }
    assert_eq!(key("sub"), "sub");
    assert_eq!(key("kubernetes.io"), "'kubernetes.io'");
    assert_eq!(key("it's"), r"'it\'s'");
    assert_eq!(key(""), "''");
}

#[test]
fn what_an_expression_can_be_used_for_is_known_early() {
    let uses = |source: &str| {
        let expression = parsed(source);
        (expression.is_condition(), expression.is_text(), expression.is_integer())
    };
    assert_eq!(uses("jwt.a"), (true, true, true));
    assert_eq!(uses("Equals(jwt.a, 1)"), (true, false, false));
    assert_eq!(uses("false"), (true, false, false));
    assert_eq!(uses("Append(jwt.a)"), (false, true, false));
    assert_eq!(uses(r#""a""#), (false, true, false));
    assert_eq!(uses("5"), (false, false, true));
}
