use writ_oauth::expression::Expression;

use super::parsed;

#[test]
fn a_condition_demands_something_of_the_assertion() {
    for source in [
        r#"Equals(jwt.claims.sub, "x")"#,
        r#"Equals("x", Lower(jwt.claims.sub))"#,
        "Equals(jwt.claims.sub, client.clientId)",
        r#"In(jwt.claims.sub, "x", "y")"#,
        r#"In("x", jwt.claims.groups)"#,
        r#"Contains(jwt.claims.groups, "x")"#,
        r#"StartsWith(jwt.claims.sub, "repo:acme/")"#,
        r#"Matches(jwt.claims.sub, "repo:acme/*")"#,
        r#"EndsWith(Append(jwt.claims.a, Lower(jwt.claims.b)), "x")"#,
        r#"Equals(Append(jwt.claims.a, ":", jwt.claims.b), "x:y")"#,
        r#"And(Equals(1, 1), Equals(jwt.claims.sub, "x"))"#,
        r#"And(Not(IsNullOrEmpty(jwt.claims.a)), Or(Equals(jwt.claims.sub, "x"), Equals(jwt.claims.sub, "y")))"#,
        r#"And(NotEquals(jwt.claims.event, "x"), Equals(jwt.claims.sub, "y"))"#,
        r#"Not(NotEquals(jwt.claims.sub, "x"))"#,
        r#"Not(Or(NotEquals(jwt.claims.sub, "x"), jwt.claims.flag))"#,
        r#"Or(false, Equals(jwt.claims.sub, "x"))"#,
    ] {
        assert!(parsed(source).depends_on("jwt"), "{source}");
        assert!(!parsed(source).depends_on("pkcs7"), "{source}");
    }
}

#[test]
fn a_condition_that_could_hold_for_anyone_is_seen() {
    for source in [
        "true",
        "Equals(1, 1)",
        r#"Equals("jwt.claims.sub", "jwt.claims.sub")"#,
        r#"Equals(client.clientId, "jwt.claims.sub")"#,
        // In either order.
        r#"Or(Equals(1, 1), Equals(jwt.claims.sub, "x"))"#,
        r#"Or(Equals(jwt.claims.sub, "x"), Equals(1, 1))"#,
        r#"Or(Equals(client.clientId, "app"), Equals(jwt.claims.sub, "x"))"#,
        r#"Or(Equals(jwt.claims.sub, "x"), true)"#,
        // Nobody is named.
        "jwt.claims.flag",
        "IsNullOrEmpty(jwt.claims.nothing)",
        "Not(IsNullOrEmpty(jwt.claims.sub))",
        "Or(IsNullOrEmpty(jwt.claims.sub), Not(IsNullOrEmpty(jwt.claims.sub)))",
        "Equals(jwt.claims.email_verified, true)",
        "Or(Equals(jwt.claims.flag, true), Equals(jwt.claims.flag, false))",
        "GreaterThan(jwt.claims.iat, 0)",
        "Or(LessThan(jwt.claims.iat, 5), GreaterThan(jwt.claims.iat, 4))",
        r#"Matches(jwt.claims.sub, "*:**")"#,
        // All but one are let in.
        r#"NotEquals(jwt.claims.sub, "x")"#,
        r#"Not(Equals(jwt.claims.sub, "x"))"#,
        r#"Not(And(Equals(jwt.claims.sub, "x"), Equals(jwt.claims.sub, "y")))"#,
        r#"Or(Equals(jwt.claims.sub, "x"), NotEquals(jwt.claims.sub, "x"))"#,
        r#"And(NotEquals(jwt.claims.sub, "x"), Not(IsNullOrEmpty(jwt.claims.sub)))"#,
        // Who brings the assertion brings both sides.
        "Equals(jwt.claims.sub, jwt.claims.azp)",
        r#"Equals(Append(jwt.claims.a, "x"), Append("x", jwt.claims.b))"#,
        "In(jwt.claims.sub, jwt.claims.groups)",
        r#"In(jwt.claims.sub, "x", jwt.claims.azp)"#,
        r#"In("a", "a", jwt.claims.azp)"#,
        r#"StartsWith("repo:acme/x", jwt.claims.prefix)"#,
        r#"Matches("x", "x")"#,
        // What is looked for is written there.
        r#"EndsWith(Append(jwt.claims.sub, "x"), "x")"#,
        r#"StartsWith(Append("repo:", Lower(jwt.claims.sub)), "repo:")"#,
        r#"Contains(Upper(Append(jwt.claims.a, client.clientId)), "X")"#,
        r#"Matches(Append(jwt.claims.sub, "/x"), "**/x")"#,
        // No condition at all.
        r#"Append(jwt.claims.sub, "x")"#,
    ] {
        assert!(!parsed(source).depends_on("jwt"), "{source}");
    }
    assert!(Expression::parse("Equals(jwt.claims.sub, jwt.claims.sub)").is_err());
}

#[test]
fn only_paths_read() {
    let expression = parsed(r#"Or(Equals(jwt.claims.sub, "cert.subject.CN"), IsNullOrEmpty(client.a), jwt.b)"#);
    assert!(expression.reads("jwt") && expression.reads("client"));
    assert!(!expression.reads("cert") && !expression.reads("claims") && !expression.reads("j"));
    assert_eq!(expression.models(), ["jwt", "client"]);
}
