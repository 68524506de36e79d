use serde_json::json;
use writ_oauth::expression::{Facts, Outcome};

use super::{facts, parsed};

#[test]
fn each_clause_is_told_with_what_it_read() {
    let source = r#"
        And(
          Equals(jwt.issuer, "https://ci.example"),
          Or(Matches(jwt.claims.sub, "repo:acme/*"), Equals(jwt.claims.n, 8)),
          Not(Contains(jwt.claims.groups, "c")),
          Equals(jwt.claims.x, "a")
        )"#;
    let explained = parsed(source).explain(&facts());
    assert_eq!(explained.outcome, Outcome::DidNotHold);
    let lines = "\
did not hold: And( Equals(jwt.issuer, \"https://ci.example\"), Or(Matches(jwt.claims.sub, \"repo:acme/*\"), Equals(jwt…
  held: Equals(jwt.issuer, \"https://ci.example\")
      jwt.issuer is \"https://ci.example\"
  did not hold: Or(Matches(jwt.claims.sub, \"repo:acme/*\"), Equals(jwt.claims.n, 8))
    did not hold: Matches(jwt.claims.sub, \"repo:acme/*\")
        jwt.claims.sub is \"repo:acme/web:ref:refs/heads/main\"
    did not hold: Equals(jwt.claims.n, 8)
        jwt.claims.n is 7
  not reached, held: Not(Contains(jwt.claims.groups, \"c\"))
    not reached, did not hold: Contains(jwt.claims.groups, \"c\")
        jwt.claims.groups is [\"a\",\"b\"]
  not reached, fault: jwt.claims.x: there is no such value
      jwt.claims.x is missing
";
    assert_eq!(explained.to_string(), lines);
}

#[test]
fn it_is_json_too() {
    let explained = parsed("Or(jwt.claims.x, Equals(jwt.claims.n, 7))").explain(&facts());
    assert_eq!(
        serde_json::to_value(explained).unwrap(),
        json!({
            "clause": "Or(jwt.claims.x, Equals(jwt.claims.n, 7))",
            "outcome": "fault", "fault": "jwt.claims.x: there is no such value",
            "reached": true, "values": [],
            "clauses": [
                { "clause": "jwt.claims.x", "outcome": "fault", "fault": "jwt.claims.x: there is no such value",
                  "reached": true, "values": [{ "path": "jwt.claims.x", "value": null }], "clauses": [] },
                { "clause": "Equals(jwt.claims.n, 7)", "outcome": "held", "reached": false,
                  "values": [{ "path": "jwt.claims.n", "value": "7" }], "clauses": [] },
            ],
        })
    );
    let mapped = parsed(r#"Append(client.clientId, "\n")"#).explain(&facts());
    assert_eq!(mapped.outcome, Outcome::Value { value: r#""app_one\n""#.into() });
}

#[test]
fn what_is_shown_is_bounded_and_cannot_pass_for_something_else() {
    let evil = format!("x\"\nheld: Equals(jwt.sub, \"{}", "y".repeat(5000));
    let facts = Facts::new().with("jwt", json!({ "sub": evil, "list": vec!["z"; 5000] }));
    let explained = parsed(r#"And(Equals(jwt.sub, "a"), Contains(jwt.list, "b"))"#).explain(&facts);
    let lines = explained.to_string();
    assert_eq!(lines.lines().count(), 5, "{lines}");
    assert!(lines.len() < 600, "{lines}");
    assert!(lines.contains(r#"jwt.sub is "x\"\nheld: Equals(jwt.sub, \"yyy"#), "{lines}");
}

#[test]
fn an_operand_that_is_no_condition_is_a_fault_here_too() {
    let expression = parsed("And(jwt.claims.sub)");
    let fault = expression.condition(&facts()).unwrap_err().to_string();
    assert_eq!(expression.explain(&facts()).outcome, Outcome::Fault { fault });
}
