use writ_oauth::expression::{Hazard, lint};

use super::parsed;

fn hazards(source: &str) -> Vec<Hazard> {
    lint(&parsed(source)).into_iter().map(|warning| warning.hazard).collect()
}

#[test]
fn case_27_a_subject_in_part_is_warned_of_unless_an_immutable_id_is_compared_too() {
    let pattern = r#"Matches(jwt.claims.sub, "repo:acme/*")"#;
    let prefix = r#"StartsWith(jwt.claims.sub, "repo:acme/")"#;
    for partial in [pattern, prefix] {
        assert_eq!(hazards(partial), [Hazard::SubjectInPart]);
        for beside in [
            r#"Equals(jwt.claims.repository_owner_id, "4711")"#,
            r#"In(jwt.claims.repository_id, "1", "2")"#,
            r#"Equals(jwt.claims.'kubernetes.io'.serviceaccount.uid, "b1")"#,
            r#"Or(Equals(jwt.claims.oid, "1"), Equals(jwt.claims.oid, "2"))"#,
        ] {
            assert_eq!(hazards(&format!("And({partial}, {beside})")), []);
            assert_eq!(hazards(&format!("And({beside}, Or({partial}, {partial}))")), []);
            assert_eq!(hazards(&format!("And({beside}, Not({partial}))")), []);
            assert_eq!(hazards(&format!("Not(And({partial}, {beside}))")), [Hazard::SubjectInPart]);
            assert_eq!(hazards(&format!("Or({beside}, {partial})")), [Hazard::SubjectInPart]);
            assert_eq!(hazards(&format!("And({partial}, Not({beside}))")), [Hazard::SubjectInPart]);
        }
        for beside in [
            r#"Equals(jwt.claims.repository, "acme/web")"#,
            r#"NotEquals(jwt.claims.repository_owner_id, "4711")"#,
            "Equals(jwt.claims.repository_owner_id, jwt.claims.actor_id)",
            r#"Or(Equals(jwt.claims.oid, "1"), Equals(jwt.claims.name, "2"))"#,
        ] {
            assert_eq!(hazards(&format!("And({partial}, {beside})")), [Hazard::SubjectInPart], "{beside}");
        }
    }
}

#[test]
fn case_28_a_prefix_that_ends_within_a_name_is_warned_of() {
    assert_eq!(hazards(r#"StartsWith(jwt.claims.repository, "acme")"#), [Hazard::OpenEnd]);
    assert_eq!(hazards(r#"StartsWith(jwt.claims.repository, "acme/")"#), []);
}

#[test]
fn what_is_open_is_warned_of() {
    assert_eq!(hazards(r#"Matches(jwt.claims.ref, "*/main")"#), [Hazard::OpenStart]);
    assert_eq!(hazards(r#"EndsWith(jwt.claims.email, "@acme.example")"#), [Hazard::OnlyTheEnd]);
    assert_eq!(hazards(r#"Contains(jwt.claims.sub, "acme")"#), [Hazard::Anywhere, Hazard::SubjectInPart]);
    assert_eq!(hazards(r#"Contains(Lower(jwt.claims.sub), "acme")"#), [Hazard::Anywhere, Hazard::SubjectInPart]);
    assert_eq!(hazards("Append(cert.subject.CN, cert.serialNumber)"), [Hazard::NoSeparator]);
}

#[test]
fn what_is_exact_is_not() {
    for source in [
        r#"Equals(jwt.claims.sub, "repo:acme/web:ref:refs/heads/main")"#,
        r#"Matches(jwt.claims.sub, "repo:acme/web:ref:refs/heads/main")"#,
        r#"Contains(jwt.claims.groups, "deployers")"#,
        r#"Append(cert.subject.CN, ":", cert.serialNumber)"#,
        "jwt.claims.sub",
    ] {
        assert_eq!(hazards(source), [], "{source}");
    }
}

#[test]
fn a_warning_says_where() {
    let source = r#"And(Equals(jwt.iss, "a"), StartsWith(jwt.iss, "b"))"#;
    let warnings = lint(&parsed(source));
    assert_eq!(warnings.len(), 1);
    assert_eq!(source.get(warnings[0].offset..), Some(r#"StartsWith(jwt.iss, "b"))"#));
    assert!(warnings[0].to_string().starts_with(r#"StartsWith(jwt.iss, "b"): the beginning ends within a name"#));
}
