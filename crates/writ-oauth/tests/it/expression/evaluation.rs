use serde_json::json;
use writ_oauth::expression::{Cause, Facts, MAX_TEXT_BYTES, quote};

use super::{facts, fault, held, parsed, text};

/// Sources that hold, and sources that do not.
fn table(holding: &[&str], failing: &[&str]) {
    for source in holding {
        assert!(held(source), "{source}");
    }
    for source in failing {
        assert!(!held(source), "{source}");
    }
}

#[test]
fn equals_compares_texts_numbers_and_booleans_exactly() {
    table(
        &[
            r#"Equals(jwt.issuer, "https://ci.example")"#,
            "Equals(jwt.claims.n, 7)",
            "Equals(jwt.claims.yes, true)",
            r#"Equals(jwt.claims.empty, "")"#,
            r#"Equals(jwt.claims.'straße', "GRÜN")"#,
            r#"Equals(jwt.claims.'it\'s', "quoted")"#,
            r#"NotEquals(jwt.claims.'kubernetes.io'.namespace, "Build")"#,
        ],
        &[
            r#"Equals(jwt.issuer, "https://ci.example/")"#,
            r#"Equals(jwt.issuer, "HTTPS://ci.example")"#,
            "Equals(jwt.claims.n, -7)",
            "Equals(jwt.claims.yes, false)",
            // The same letters in another normal form are another text.
            "Equals(jwt.claims.'straße', \"GRU\u{308}N\")",
            "NotEquals(jwt.claims.n, 7)",
        ],
    );
}

#[test]
fn a_path_goes_into_objects_and_lists() {
    table(
        &[
            r#"Equals(jwt.claims.objects.1.CN, "second")"#,
            r#"Equals(jwt.claims.groups.0, "a")"#,
            // On an object, digits are a key.
            r#"Equals(jwt.claims.0, "zero")"#,
            r#"Equals(jwt.claims.'0', "zero")"#,
        ],
        &[],
    );
    for source in ["jwt.claims.groups.2", "jwt.claims.groups.00", "jwt.claims.groups.'0'", "jwt.claims.sub.x", "jwt.a"]
    {
        let (blamed, cause) = fault(&format!("Equals({source}, \"a\")"));
        assert_eq!((blamed.as_str(), cause), (source, Cause::Missing));
    }
    assert_eq!(fault("Equals(cert.a, 1)"), ("cert.a".into(), Cause::ModelUnknown));
}

#[test]
fn nothing_is_converted() {
    let incomparable = |left, right| Cause::Incomparable { left, right };
    let wrong = |wanted, found| Cause::Type { wanted, found };
    for (source, blamed, cause) in [
        (r#"Equals(jwt.claims.n, "7")"#, None, incomparable("a number", "a text")),
        ("NotEquals(jwt.claims.yes, 1)", None, incomparable("a boolean", "a number")),
        (r#"Equals(jwt.claims.groups, "a")"#, None, incomparable("a list", "a text")),
        ("Equals(jwt.claims.groups, jwt.claims.none)", None, incomparable("a list", "a list")),
        ("Equals(jwt.claims.nothing, jwt.claims)", None, incomparable("an object", "an object")),
        ("Equals(jwt.claims.half, 0)", Some("jwt.claims.half"), Cause::Number),
        ("Equals(jwt.claims.round, 1)", Some("jwt.claims.round"), Cause::Number),
        ("GreaterThan(jwt.claims.big, 1)", Some("jwt.claims.big"), Cause::Number),
        (r#"Equals(jwt.claims.null, "")"#, Some("jwt.claims.null"), Cause::Null),
        ("Not(jwt.claims.null)", Some("jwt.claims.null"), Cause::Null),
        ("Not(jwt.claims.n)", Some("jwt.claims.n"), wrong("a boolean", "a number")),
        ("And(jwt.claims.sub)", Some("jwt.claims.sub"), wrong("a boolean", "a text")),
        (r#"StartsWith(jwt.claims.n, "7")"#, Some("jwt.claims.n"), wrong("a text", "a number")),
        ("EndsWith(jwt.claims.sub, jwt.claims.n)", Some("jwt.claims.n"), wrong("a text", "a number")),
        (r#"Matches(jwt.claims.groups, "a*")"#, Some("jwt.claims.groups"), wrong("a text", "a list")),
        ("GreaterThan(jwt.claims.sub, 1)", Some("jwt.claims.sub"), wrong("a number", "a text")),
        ("LessThan(1, jwt.claims.none)", Some("jwt.claims.none"), wrong("a number", "a list")),
        (r#"Contains(jwt.claims.n, "7")"#, Some("jwt.claims.n"), wrong("a list or a text", "a number")),
        ("Contains(jwt.claims.sub, 7)", Some("7"), wrong("a text", "a number")),
        (r#"Equals(Append("a", jwt.claims.n), "a7")"#, Some("jwt.claims.n"), wrong("a text", "a number")),
        (r#"Equals(Lower(jwt.claims.yes), "true")"#, Some("jwt.claims.yes"), wrong("a text", "a boolean")),
    ] {
        assert_eq!(fault(source), (blamed.unwrap_or(source).into(), cause), "{source}");
    }
}

#[test]
fn in_and_contains_compare_every_element() {
    table(
        &[
            "In(jwt.claims.n, 1, 7)",
            r#"In("b", jwt.claims.groups)"#,
            r#"In("c", jwt.claims.groups, "c")"#,
            "In(2, jwt.claims.numbers)",
            r#"Contains(jwt.claims.groups, "b")"#,
            "Contains(jwt.claims.numbers, 1)",
            r#"Contains(jwt.claims.sub, "acme/web")"#,
        ],
        &[
            "In(jwt.claims.n, 1)",
            r#"In("c", jwt.claims.groups)"#,
            r#"In("a", jwt.claims.none)"#,
            r#"Contains(jwt.claims.groups, "ab")"#,
            r#"Contains(jwt.claims.none, "a")"#,
            r#"Contains(jwt.claims.sub, "Acme")"#,
        ],
    );
    // Also behind the element that would have decided.
    for (source, cause) in [
        (r#"Contains(jwt.claims.mixed, "a")"#, Cause::Incomparable { left: "a text", right: "a number" }),
        (r#"In("a", jwt.claims.mixed)"#, Cause::Incomparable { left: "a text", right: "a number" }),
        (r#"In("a", jwt.claims.holes)"#, Cause::Null),
        ("In(jwt.claims.sub, jwt.claims.objects)", Cause::Incomparable { left: "a text", right: "an object" }),
    ] {
        assert_eq!(fault(source), (source.into(), cause));
    }
    assert_eq!(fault(r#"In("a", "a", jwt.claims.x)"#), ("jwt.claims.x".into(), Cause::Missing));
}

#[test]
fn parts_of_texts() {
    table(
        &[
            r#"StartsWith(jwt.claims.sub, "repo:acme/")"#,
            r#"EndsWith(jwt.claims.sub, "/main")"#,
            r#"StartsWith(jwt.claims.'straße', "GR")"#,
            "GreaterThan(jwt.claims.n, 6)",
            "LessThan(jwt.claims.n, 8)",
        ],
        &[
            r#"StartsWith(jwt.claims.sub, "acme")"#,
            r#"EndsWith(jwt.claims.sub, "/main ")"#,
            "GreaterThan(jwt.claims.n, 7)",
            "LessThan(jwt.claims.n, 7)",
        ],
    );
    for function in ["StartsWith", "EndsWith", "Contains"] {
        let source = format!("{function}(jwt.claims.sub, jwt.claims.empty)");
        assert_eq!(fault(&source), ("jwt.claims.empty".into(), Cause::PartEmpty));
    }
}

#[test]
fn case_28_a_pattern_covers_the_whole_text_and_a_star_stays_in_its_segment() {
    let matches = |text: &str, pattern: &str| held(&format!("Matches({}, {})", quote(text), quote(pattern)));
    for (text, pattern) in [
        ("repo:acme/x", "repo:acme/*"),
        ("repo:acme/", "repo:acme/*"),
        ("repo:acme/x:ref:refs/heads/main", "repo:acme/*:ref:refs/heads/main"),
        ("repo:acme/x:ref:refs/heads/main", "repo:acme/**"),
        ("repo:acme/x:ref:refs/tags/v1.2", "repo:acme/*:ref:refs/tags/v*"),
        ("system:serviceaccount:build:robot", "system:serviceaccount:*:robot"),
        ("GRÜN", "GR*N"),
        ("a?[b]\\c", "a?[b]\\*"),
        ("exact", "exact"),
    ] {
        assert!(matches(text, pattern), "{pattern} {text}");
    }
    for (text, pattern) in [
        ("repo:acme-evil/x", "repo:acme/*"),
        ("evil/repo:acme/x", "repo:acme/*"),
        ("repo:acme/x/y", "repo:acme/*"),
        ("repo:acme/x:ref:refs/heads/main", "repo:acme/*"),
        ("repo:acme/x:environment:a:ref:refs/heads/main", "repo:acme/*:ref:refs/heads/main"),
        ("repo:acme/x\nevil", "repo:acme/x"),
        ("system:serviceaccount:build:x:robot", "system:serviceaccount:*:robot"),
        // No regular expression, and no other wildcards.
        ("ci.example", "ci?example"),
        ("cixexample", "ci.example"),
        ("exactly", "exact"),
        ("", "exact"),
    ] {
        assert!(!matches(text, pattern), "{pattern} {text}");
    }
}

#[test]
fn only_is_null_or_empty_is_at_ease_with_nothing() {
    for path in ["x", "null", "empty", "none", "nothing", "x.y.z", "sub.x", "groups.9"] {
        assert!(held(&format!("IsNullOrEmpty(jwt.claims.{path})")), "{path}");
    }
    for path in ["sub", "n", "no", "half", "big", "groups", "objects", "groups.0"] {
        assert!(!held(&format!("IsNullOrEmpty(jwt.claims.{path})")), "{path}");
    }
    assert_eq!(fault("IsNullOrEmpty(saml.x)"), ("saml.x".into(), Cause::ModelUnknown));
}

#[test]
fn conditions_are_asked_from_left_to_right_until_one_decides() {
    table(
        &[
            "And(true)",
            "Or(true, jwt.claims.x)",
            "Not(And(false, jwt.claims.x))",
            r#"Or(And(Not(IsNullOrEmpty(jwt.claims.x)), Equals(jwt.claims.x, "a")), Equals(jwt.claims.n, 7))"#,
            "And(jwt.claims.yes, Not(jwt.claims.no))",
        ],
        &["Or(false)", "And(false, jwt.claims.x)", "And(jwt.claims.yes, jwt.claims.no)"],
    );
    for source in [
        "Or(jwt.claims.x, true)",
        "And(jwt.claims.x, false)",
        "And(true, jwt.claims.x)",
        "Or(false, jwt.claims.x)",
        "Not(jwt.claims.x)",
        "Not(Or(jwt.claims.x, true))",
    ] {
        assert_eq!(fault(source), ("jwt.claims.x".into(), Cause::Missing), "{source}");
    }
}

#[test]
fn mappings_make_texts() {
    let source = r#"Append(client.applicationFederatedCredentialId, ":", jwt.claims.'kubernetes.io'.namespace)"#;
    assert_eq!(text(source), "afc_one:build");
    assert_eq!(text("jwt.claims.sub"), "repo:acme/web:ref:refs/heads/main");
    // ASCII letters only.
    assert_eq!(text("Lower(jwt.claims.'straße')"), "grÜn");
    assert_eq!(text(r#"Upper("straße-ı")"#), "STRAßE-ı");
    assert_eq!(parsed("jwt.claims.n").integer(&facts()).unwrap(), 7);
    assert_eq!(parsed("jwt.claims.round").integer(&facts()).unwrap_err().cause, Cause::Number);
    assert!(parsed("client.activeSubjectUrn").text(&facts()).is_err());
}

#[test]
fn a_text_is_bounded_and_fit_for_a_name() {
    let cause = |source: &str, facts: &Facts| parsed(source).text(facts).unwrap_err().cause;
    let long = |length: usize| Facts::new().with("jwt", json!({ "sub": "a".repeat(length) }));
    let fits = parsed(r#"Append("b", jwt.sub)"#).text(&long(MAX_TEXT_BYTES - 1)).unwrap();
    assert_eq!(fits.len(), MAX_TEXT_BYTES);
    for source in [r#"Append("b", jwt.sub)"#, r#"Append("b", Append(jwt.sub, jwt.sub))"#] {
        assert_eq!(cause(source, &long(MAX_TEXT_BYTES)), Cause::TextTooLong);
    }
    for source in ["jwt.sub", "Lower(jwt.sub)", "Upper(jwt.sub)"] {
        assert_eq!(cause(source, &long(MAX_TEXT_BYTES + 1)), Cause::TextTooLong);
    }
    assert_eq!(cause("jwt.claims.empty", &facts()), Cause::TextEmpty);
    assert_eq!(cause(r#"Append("a", "\u{0}")"#, &facts()), Cause::TextControl);
    assert_eq!(cause("jwt.claims.groups", &facts()), Cause::Type { wanted: "a text", found: "a list" });
}

#[test]
fn case_29_an_evaluation_that_costs_too_much_is_refused() {
    let facts = Facts::new().with("jwt", json!({ "sub": "a".repeat(1 << 20) }));
    let expression = parsed(r#"Matches(jwt.sub, "**a**a**a**b")"#);
    assert_eq!(expression.condition(&facts).unwrap_err().cause, Cause::Steps);
}

#[test]
fn a_fault_names_the_clause_and_no_value() {
    let expression = parsed(r#"And(Equals(jwt.issuer, "https://ci.example"), Equals(jwt.claims.sub, 1))"#);
    let message = expression.condition(&facts()).unwrap_err().to_string();
    assert_eq!(message, "Equals(jwt.claims.sub, 1): a text cannot be compared with a number");
}
