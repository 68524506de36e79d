//! A change reaches tokens that rest on a federated credential.

use serde_json::{Value, json};
use writ_oauth::Refusal;

use super::signed;
use crate::support::call::Call;
use crate::support::catalogue::{DASHBOARD, READ, documents};
use crate::support::door::Door;
use crate::support::federation::{CI_KEY, ID_TOKEN, issuer, robot, token, workload};
use crate::support::server::Server;
use crate::support::upstream::Upstream;

fn changed(of: &Value, path: &str, value: impl Into<Value>) -> Value {
    let mut changed = of.clone();
    *changed.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value.into();
    changed
}

#[test]
fn what_a_live_token_rests_on_is_taken_back_at_once() {
    let upstream = Upstream::plain();
    let client = workload("agent", &json!([robot("robot", "mine")]));
    let mut provider = issuer("mine", "https://ci.example", CI_KEY, "first");
    provider["status"] = "enabled".into();
    let mut off = client.clone();
    off["clients"][0]["credentials"][0]["status"] = "disabled".into();
    let condition = changed(&client, "/clients/0/credentials/0/condition", r#"Equals(jwt.claims.sub, "another")"#);
    for (what, document) in [
        ("the credential is disabled", off),
        ("its condition is another", condition),
        ("the provider is disabled", changed(&provider, "/status", "disabled")),
        ("the provider has other audiences", changed(&provider, "/audiences", json!(["urn:other"]))),
        ("the client is disabled", {
            let mut client = client.clone();
            client["clients"][0]["status"] = "disabled".into();
            client
        }),
    ] {
        let server = Server::new();
        server.apply("default", &documents());
        let route = json!({
            "kind": "route", "name": "any", "match": {"path": "/**"}, "upstream": {"url": upstream.url()},
            "require": {"audience": DASHBOARD, "permission": READ},
        });
        server.apply("default", &json!([provider, client, route]));
        let ask = Door::Oauth.ask(&[READ]).federated("agent", ID_TOKEN, &signed(&token()));
        let issued = server.public(&ask).token();
        let call = Call::get("/x").bearer(&issued);
        server.gateway(&call).ok();
        server.apply("default", &document);
        assert_eq!(server.gateway(&call).is(Refusal::TokenRevoked).status, 401, "{what}");
        assert_ne!(server.public(&ask).status, 200, "{what}");
    }
}

/// > (Vault CVE-2025-11621: a cached mapping of one account was good for another.)
#[test]
fn case_38_a_provider_and_its_clients_are_of_one_tenant() {
    let server = Server::new();
    server.apply("default", &documents());
    server.make_tenant("acme");
    let mut servers = documents();
    servers.as_array_mut().unwrap().retain(|document| document["id"] == "dashboard" || document["id"] == "people");
    server.apply("acme", &servers);
    // The same names, another key.
    let provider = issuer("ci", "https://ci.example", 44, "first");
    server.apply("acme", &json!([provider, workload("workload", &json!([robot("robot", "ci")]))]));
    let send = |prefix: &str, key: u8| {
        let call = Door::Oauth.grant_at(prefix).and("scope", READ).and("resource", DASHBOARD);
        server.public(&call.federated("workload", ID_TOKEN, &token().by_key(key)))
    };
    for _ in 0..2 {
        send("", CI_KEY).ok();
        send("/t/acme", 44).ok();
        send("", 44).is(Refusal::FederatedSignature);
        send("/t/acme", CI_KEY).is(Refusal::FederatedSignature);
    }
}
