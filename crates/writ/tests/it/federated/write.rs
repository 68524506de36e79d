//! What is refused, and what is warned of, when documents are written.

use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::federation::{CI_KEY, issuer, robot, workload};
use crate::support::server::{Server, shared};

fn plan(server: &Server, documents: &Value) -> Answer {
    server.administer(Call::post("/v1/tenants/default/apply?dry_run=true").json(documents))
}

fn client(member: &str, value: Value) -> Value {
    let mut credential = robot("robot", "ci");
    credential[member] = value;
    workload("written", &json!([credential]))
}

#[track_caller]
fn refused(documents: &Value, path: &str, message: &str) {
    let answer = plan(shared(), documents);
    assert_eq!(answer.error(422), "invalid_document");
    assert_eq!(answer.json()["path"], path, "{}", answer.text);
    assert!(answer.description().contains(message), "{}", answer.text);
}

#[test]
fn a_condition_that_demands_nothing_would_let_in_the_world() {
    for condition in [
        "Equals(1, 1)",
        "true",
        "Equals(client.clientId, \"written\")",
        "IsNullOrEmpty(jwt.claims.nothing)",
        "Not(Equals(jwt.claims.sub, \"x\"))",
        "Or(Equals(jwt.claims.sub, \"x\"), Equals(client.clientId, \"written\"))",
        "Matches(jwt.claims.sub, \"*:*\")",
    ] {
        let path = "clients[0].credentials[0].condition";
        refused(&client("condition", condition.into()), path, "would let in everyone");
    }
    // With a profile it is a further one.
    let mut both = client("condition", "Not(Equals(jwt.claims.ref, \"x\"))".into());
    both["clients"][0]["credentials"][0]["profile"] =
        json!({"github": {"repository_id": "1", "repository_owner_id": "2"}});
    plan(shared(), &both).ok();
}

#[test]
fn what_is_wrong_with_an_expression_is_told_with_its_place() {
    let at = |member: &str| format!("clients[0].credentials[0].{member}");
    for (member, source, message) in [
        ("condition", "Equals(jwt.claims.sub, \"x\"", "column 27"),
        ("condition", "Equal(jwt.claims.sub, \"x\")", "column 1: there is no function"),
        ("condition", "Append(jwt.claims.sub, \"x\")", "a condition is a call that answers yes or no"),
        ("condition", "Equals(cert.subject.CN, \"x\")", "there is no model `cert` here"),
        ("subject", "Equals(jwt.claims.sub, \"x\")", "a text is needed"),
        ("subject", "pkcs7.payload.data", "there is no model `pkcs7` here"),
        ("condition", " ", "not empty"),
    ] {
        refused(&client(member, source.into()), &at(member), message);
    }
    let mut provider = issuer("written", "https://written.example", CI_KEY, "first");
    provider["trust_condition"] = "Equals(jwt.issuer)".into();
    refused(&provider, "trust_condition", "column 1");
    provider["trust_condition"] = "Equals(pkcs7.payload.data, \"x\")".into();
    refused(&provider, "trust_condition", "there is no model `pkcs7` here");
    // A trust condition need not name anybody.
    provider["trust_condition"] = "Equals(jwt.claims.email_verified, true)".into();
    plan(shared(), &provider).ok();
}

#[test]
fn a_trust_domain_is_written_in_one_way() {
    let of = |iss: &str| issuer("written", iss, CI_KEY, "first");
    plan(shared(), &of("spiffe://written.example")).ok();
    for iss in ["spiffe://written.example/", "spiffe://Written.example", "spiffe:written", "spiffe://", "spiffe://a:1"]
    {
        refused(&of(iss), "issuer", "a trust domain is written");
    }
    let mut discovered = of("spiffe://written.example");
    discovered["jwks"] = json!({"discover": true});
    refused(&discovered, "jwks", "cannot be discovered");
}

#[test]
fn a_machine_of_azure_is_named_from_the_subscription_on() {
    for (profile, path) in [
        (json!({"tenant_id": "t", "principal_id": "p", "resource_group": "g"}), "azure.resource_group"),
        (json!({"tenant_id": "t", "principal_id": "p", "vm_names": ["v"]}), "azure.vm_names"),
        (json!({"tenant_id": "t", "principal_id": "p", "subscription_id": "s", "vm_names": ["v"]}), "azure.vm_names"),
    ] {
        let document = client("profile", json!({"azure": profile}));
        refused(&document, &format!("clients[0].credentials[0].profile.{path}"), "");
    }
}

#[test]
fn case_27_what_lets_in_more_than_was_meant_is_warned_of() {
    let warned = |documents: &Value| -> Vec<(String, String)> {
        let answer = plan(shared(), documents).ok().json();
        let warnings = answer["warnings"].as_array().cloned().unwrap_or_default();
        let text = |warning: &Value, member: &str| warning[member].as_str().unwrap().to_owned();
        warnings.iter().map(|warning| (text(warning, "path"), text(warning, "message"))).collect()
    };
    let prefix = warned(&client("condition", "StartsWith(jwt.claims.sub, \"repo:acme/\")".into()));
    assert_eq!(prefix.len(), 1, "{prefix:?}");
    assert_eq!(prefix[0].0, "clients[0].credentials[0].condition");
    assert!(prefix[0].1.contains("an id that never changes"), "{prefix:?}");
    let pinned = "And(StartsWith(jwt.claims.sub, \"repo:acme/\"), Equals(jwt.claims.repository_owner_id, \"65\"))";
    assert_eq!(warned(&client("condition", pinned.into())), []);
    for (profile, path) in [
        (json!({"github": {"repository_id": "1", "repository_owner_id": "2"}}), "profile.github"),
        (json!({"gitlab": {"project_id": "1"}}), "profile.gitlab"),
        (json!({"gitlab": {"project_id": "1", "ref": "main"}}), "profile.gitlab.ref"),
        (json!({"kubernetes": {"namespace": "a", "service_account": "b"}}), "profile.kubernetes"),
    ] {
        let warnings = warned(&client("profile", profile));
        assert!(warnings.iter().any(|(known, _)| known.ends_with(path)), "{path} {warnings:?}");
    }
    let safe = json!({"github": {"repository_id": "1", "repository_owner_id": "2", "ref": "refs/heads/main"}});
    assert_eq!(warned(&client("profile", safe)), []);
    let mut unusable = client("condition", "Equals(jwt.claims.sub, \"robot\")".into());
    unusable["clients"][0]["auth_methods"] = json!(["client_secret_post"]);
    assert!(warned(&unusable)[0].1.contains("no `federated`"));
}
