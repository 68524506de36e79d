//! Providers, and the credentials that rest on them, through the admin API.

use serde_json::{Value, json};

use crate::support::call::Call;
use crate::support::catalogue::{client, documents};
use crate::support::server::Server;

const CERTIFICATE: &str = include_str!("../../../../writ-core/tests/it/pem/first.crt.pem");

fn ca() -> Value {
    json!({"kind": "provider", "name": "corp", "status": "enabled", "type": "private_ca", "anchors": [CERTIFICATE]})
}

fn resting_on(provider: &str) -> Value {
    let certificate = json!({"kind": "certificate", "name": "mtls", "provider": provider, "san_dns": "a.example"});
    client("agent", json!({"credentials": [certificate], "authorizations": []}))
}

fn apply(server: &Server, query: &str, body: &Value) -> crate::support::answer::Answer {
    server.administer(Call::post(&format!("/v1/tenants/default/apply{query}")).json(body))
}

#[test]
fn a_provider_is_made_read_listed_and_deleted() {
    let server = Server::new();
    let created = json!({"changes": [{"op": "create", "kind": "provider", "name": "corp"}], "unchanged": 0});
    assert_eq!(apply(&server, "?dry_run=true", &ca()).ok().json(), created);
    assert_eq!(server.administer(Call::get("/v1/tenants/default/provider")).ok().json(), json!([]));
    assert_eq!(apply(&server, "", &ca()).ok().json(), created);
    assert_eq!(apply(&server, "", &ca()).ok().json(), json!({"changes": [], "unchanged": 1}));
    assert_eq!(server.administer(Call::get("/v1/tenants/default/provider")).ok().json(), json!([ca()]));
    assert_eq!(server.administer(Call::get("/v1/tenants/default/provider/corp")).ok().json(), ca());
    let deleted = server.administer(Call::new("DELETE", "/v1/tenants/default/provider/corp")).ok();
    assert_eq!(deleted.json()["changes"], json!([{"op": "delete", "kind": "provider", "name": "corp"}]));
    let gone = server.administer(Call::get("/v1/tenants/default/provider/corp"));
    assert_eq!(gone.error(404), "not_found");
}

#[test]
fn what_rests_on_a_provider_keeps_it() {
    let server = Server::new();
    server.apply("default", &documents());
    server.apply("default", &json!([resting_on("corp"), ca()]));
    let refused = server.administer(Call::new("DELETE", "/v1/tenants/default/provider/corp"));
    assert_eq!(refused.error(409), "conflict");
    let expected = "the provider `corp` is in use by the credential `mtls` of the client `agent`";
    assert!(refused.description().contains(expected), "{}", refused.text);
    let refused = apply(&server, "", &resting_on("none"));
    assert_eq!(refused.error(422), "invalid_document");
    assert_eq!(refused.json()["path"], "clients[0].credentials[0].provider");
    assert!(refused.description().contains("the provider `none` does not exist"), "{}", refused.text);
    let read = server.administer(Call::get("/v1/tenants/default/application/agent")).ok().json();
    let expected = json!([{
        "kind": "certificate", "name": "mtls", "status": "enabled", "provider": "corp", "san_dns": "a.example",
    }]);
    assert_eq!(read["clients"][0]["credentials"], expected);
}

#[test]
fn case_107_a_tenants_providers_are_its_own() {
    let server = Server::new();
    server.make_tenant("acme");
    server.apply("acme", &ca());
    assert_eq!(server.administer(Call::get("/v1/tenants/default/provider/corp")).error(404), "not_found");
    assert_eq!(server.administer(Call::get("/v1/tenants/default/provider")).ok().json(), json!([]));
    assert_eq!(server.administer(Call::new("DELETE", "/v1/tenants/default/provider/corp")).error(404), "not_found");
    let refused = apply(&server, "", &resting_on("corp"));
    assert!(refused.description().contains("does not exist"), "{}", refused.text);
    assert_eq!(server.administer(Call::get("/v1/tenants/acme/provider/corp")).ok().json(), ca());
}
