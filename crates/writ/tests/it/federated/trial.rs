//! Trying a credential through the admin API.

use serde_json::{Value, json};

use super::signed;
use crate::support::call::Call;
use crate::support::federation::token;
use crate::support::server::shared;

fn path(client: &str) -> String {
    format!("/v1/tenants/default/clients/{client}/credentials/test")
}

fn tried(client: &str, body: &Value) -> Value {
    shared().administer(Call::post(&path(client)).json(body)).ok().json()
}

/// The outcomes of a credential's steps, in words.
fn outcomes(tried: &Value, name: &str) -> Vec<String> {
    let credentials = tried["credentials"].as_array().unwrap();
    let of = credentials.iter().find(|known| known["name"] == name).unwrap_or_else(|| panic!("{name}: {tried:#}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    of["steps"].as_array().unwrap().iter().map(|step| text(&step["step"]) + ": " + &text(&step["outcome"])).collect()
}

#[test]
fn every_step_is_told() {
    let test = tried("mapped", &json!({"assertion": signed(&token().claim("run", "7"))}));
    assert_eq!(
        (&test["accepted"], &test["credential"], &test["subject"]),
        (&json!(true), &json!("robot"), &json!("run:7"))
    );
    let held = [
        "assertion",
        "time",
        "provider",
        "issuer",
        "keys",
        "signature",
        "lifetime",
        "audience",
        "trust_condition",
        "condition",
        "credential",
        "client",
        "subject",
    ];
    assert_eq!(outcomes(&test, "robot"), held.map(|step| format!("{step}: held")));
    let steps = test["credentials"][0]["steps"].as_array().unwrap();
    let condition = &steps.iter().find(|step| step["step"] == "condition").unwrap()["clauses"][0];
    assert_eq!(condition["clause"], r#"Equals(jwt.claims.sub, "robot")"#);
    assert_eq!((&condition["outcome"], &condition["values"][0]["value"]), (&json!("held"), &json!("\"robot\"")));
}

#[test]
fn the_step_at_which_it_ends_says_why() {
    for (change, step, rule) in [
        (token().claim("sub", "another"), "condition", "FederatedCondition"),
        (token().claim("event_name", "pull_request"), "trust_condition", "FederatedTrustCondition"),
        (token().claim("aud", "urn:other"), "audience", "FederatedAudience"),
        (token().claim("iss", "https://evil.example"), "issuer", "FederatedIssuer"),
        (token().at("iat", -9).at("exp", 90_000), "lifetime", "FederatedLifetime"),
        (token().at("iat", -900).at("exp", -300), "time", "AssertionExpired"),
        (token().header("kid", "second"), "signature", "FederatedSignature"),
    ] {
        let test = tried("workload", &json!({"name": "robot", "type": "id-token", "assertion": signed(&change)}));
        assert_eq!((&test["accepted"], &test["refusal"]["rule"]), (&json!(false), &json!(rule)), "{test:#}");
        assert_eq!(test["refusal"]["step"], step);
        let outcomes = outcomes(&test, "robot");
        let place = outcomes.iter().position(|known| *known == format!("{step}: did_not_hold")).unwrap();
        assert!(outcomes[..place].iter().all(|known| known.ends_with(": held")), "{outcomes:?}");
        assert!(outcomes[place + 1..].iter().all(|known| known.ends_with(": not_reached")), "{outcomes:?}");
    }
    let other = tried(
        "workload",
        &json!({"name": "robot", "assertion": signed(&token().claim("iss", "https://evil.example"))}),
    );
    let cause = other["refusal"]["cause"].as_str().unwrap();
    assert!(cause.contains("https://evil.example") && cause.contains("https://ci.example"), "{cause}");
}

#[test]
fn every_candidate_is_tried_and_nothing_is_noted() {
    let test = tried("twins", &json!({"assertion": signed(&token())}));
    assert_eq!(test["refusal"]["rule"], "FederatedAmbiguous");
    for name in ["one", "two"] {
        assert!(outcomes(&test, name).iter().all(|known| known.ends_with(": held")));
    }
    let test = tried("credential-off", &json!({"assertion": signed(&token())}));
    assert_eq!(
        (&test["refusal"]["rule"], &test["refusal"]["step"]),
        (&json!("CredentialDisabled"), &json!("credential"))
    );
    let test = tried("not-federated", &json!({"assertion": signed(&token())}));
    assert_eq!((&test["refusal"]["rule"], &test["refusal"]["step"]), (&json!("MethodNotRegistered"), &json!("client")));
    assert_eq!(tried("partner", &json!({"assertion": "x.y.z"}))["refusal"]["rule"], "FederatedCredentialMissing");
}

#[test]
fn it_is_for_administrators_and_bounded() {
    let server = shared();
    let body = json!({"assertion": signed(&token())});
    assert_eq!(server.admin(&Call::post(&path("workload")).json(&body)).status, 401);
    assert_eq!(server.administer(Call::post(&path("nobody")).json(&body)).error(404), "not_found");
    for wrong in [json!({}), json!({"assertion": "x".repeat(300_000)}), json!({"assertion": "x", "more": 1})] {
        assert_eq!(server.administer(Call::post(&path("workload")).json(&wrong)).error(400), "invalid_request");
    }
    let answer = server.administer(Call::post(&path("workload")).json(&json!({"type": "saml", "assertion": "x"})));
    assert_eq!(answer.error(400), "invalid_request");
}
