//! `POST /v1/tenants/{tenant}/apply`

use serde_json::{Value, json};
use writ_oauth::Refusal;

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::catalogue::{READ, SECRET, client, documents};
use crate::support::door::Door;
use crate::support::server::{Server, shared};

fn apply(server: &Server, query: &str, body: &Value) -> Answer {
    server.administer(Call::post(&format!("/v1/tenants/default/apply{query}")).json(body))
}

/// The place and the sentence of a refused document.
#[track_caller]
fn fault(body: &Value) -> (Value, String, String) {
    let answer = apply(shared(), "", body);
    assert_eq!(answer.error(422), "invalid_document", "{body}");
    let fault = answer.json();
    assert_eq!(fault["request_id"].as_str(), answer.header("x-request-id"));
    (fault["document"].clone(), fault["path"].as_str().unwrap().to_owned(), answer.description())
}

#[test]
fn the_answer_lists_the_changes_and_the_second_time_there_are_none() {
    let server = Server::new();
    let body = json!([
        {"kind": "network_zone", "name": "office", "cidrs": ["203.0.113.0/24"]},
        {"kind": "application", "id": "api", "resource_server": {"audience": "urn:api", "permissions": [{"id": "a"}]}},
    ]);
    let answer = apply(&server, "", &body).ok();
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let expected = json!({"changes": [
        {"op": "create", "kind": "network_zone", "name": "office"},
        {"op": "create", "kind": "application", "name": "api"},
    ], "unchanged": 0});
    assert_eq!(answer.json(), expected);
    assert_eq!(apply(&server, "", &body).ok().json(), json!({"changes": [], "unchanged": 2}));
}

#[test]
fn one_document_needs_no_list() {
    let server = Server::new();
    let answer = apply(&server, "", &json!({"kind": "tenant", "name": "acme"})).ok();
    assert_eq!(answer.json()["changes"][0], json!({"op": "create", "kind": "tenant", "name": "acme"}));
}

#[test]
fn a_change_is_live_when_the_answer_is_there() {
    let server = Server::new();
    server.apply("default", &documents());
    let call = Door::Oauth.ask(&[READ]).basic("partner", SECRET);
    for round in 0..5 {
        server.public(&call).ok();
        server.apply("default", &client("partner", json!({"authorizations": []})));
        assert!(server.public(&call).status == 400, "round {round}");
        server.apply("default", &client("partner", json!({})));
    }
}

#[test]
fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let server = Server::new();
    let body = json!({"kind": "network_zone", "name": "office", "cidrs": ["203.0.113.0/24"]});
    let planned = apply(&server, "?dry_run=true", &body).ok().json();
    assert_eq!(planned["changes"][0]["op"], "create");
    assert_eq!(server.administer(Call::get("/v1/tenants/default/network_zone")).ok().json(), json!([]));
    assert_eq!(apply(&server, "?dry_run=false", &body).ok().json()["changes"], planned["changes"]);
}

#[test]
fn prune_removes_what_is_not_named() {
    let server = Server::new();
    server.apply("default", &documents());
    let answer = apply(&server, "?prune=true", &client("lonely", json!({"authorizations": []}))).ok().json();
    let deleted = answer["changes"].as_array().unwrap().iter().filter(|change| change["op"] == "delete").count();
    assert_eq!(deleted, documents().as_array().unwrap().len());
    server.public(&Door::Oauth.ask(&[READ]).basic("partner", SECRET)).is(Refusal::ClientUnknown);
}

#[test]
fn a_generated_secret_is_answered_once_and_works() {
    let server = Server::new();
    server.apply("default", &documents());
    let body =
        client("made", json!({"credentials": [{"kind": "secret", "name": "first", "value": {"generate": true}}]}));
    let answer = apply(&server, "", &body).ok().json();
    let [made] = answer["generated"].as_array().unwrap().as_slice() else { panic!("one: {answer}") };
    assert_eq!((&made["client_id"], &made["name"]), (&json!("made"), &json!("first")));
    let secret = made["secret"].as_str().unwrap();
    assert_eq!(secret.len(), 40);
    server.public(&Door::Oauth.ask(&[READ]).basic("made", secret)).ok();
    let again = apply(&server, "", &body).ok().json();
    assert_eq!(again, json!({"changes": [], "unchanged": 1}));
}

#[test]
fn a_fault_says_in_which_document_and_where() {
    let (document, path, message) = fault(&json!([
        {"kind": "tenant", "name": "x"},
        {"kind": "application", "id": "x", "clients": [{}, {"grant": ["client_credentials"]}]},
    ]));
    assert_eq!((document, path.as_str()), (json!(1), "clients[1].grant"));
    assert!(message.contains("unknown field `grant`"), "{message}");

    let of = |body: Value| {
        let (_, path, message) = fault(&body);
        (path, message)
    };
    let application = |client: Value| json!({"kind": "application", "id": "x", "clients": [client]});
    for (body, place, word) in [
        (json!({"kind": "aplication", "id": "x"}), "kind", "aplication"),
        (json!({"id": "x"}), "", "kind"),
        (json!("text"), "", "object"),
        (json!({"kind": "application", "id": "a b"}), "id", "a b"),
        (json!({"kind": "application", "id": "x", "status": "off"}), "status", "off"),
        (json!({"kind": "network_zone", "name": "z", "cidrs": ["203.0.113.7/24"]}), "cidrs", "203.0.113.7/24"),
        (application(json!({"grants": ["password"]})), "clients[0].grants[0]", "password"),
        (application(json!({"auth_methods": ["none"]})), "clients[0].auth_methods[0]", "none"),
        (application(json!({"issuers": ["nowhere"]})), "", "nowhere"),
        (application(json!({"token": {"lifetime": "0s"}})), "clients[0].token.lifetime", "1s"),
        (application(json!({"token": {"format": "opaque"}})), "clients[0].token.format", "opaque"),
        (
            application(json!({"credentials": [{"kind": "secret", "value": "short"}]})),
            "clients[0].credentials[0].value",
            "16",
        ),
        (
            application(json!({"authorizations": [{"audience": "urn:nothing", "permissions": "all"}]})),
            "",
            "urn:nothing",
        ),
    ] {
        let (path, message) = of(body.clone());
        assert!(path.contains(place) && message.contains(word), "{body}: {path}: {message}");
    }
}

/// What a document says of its secrets comes back to nobody.
#[test]
fn case_50_a_fault_never_repeats_a_secret() {
    let value = "a-value-that-must-not-come-back";
    for credential in [
        json!({"kind": "secret", "name": "a b", "value": value}),
        json!({"kind": "secret", "value": [value]}),
        json!({"kind": "secret", "value": {"from_env": value}}),
        json!({"kind": "secret", "value": format!("{value}\n")}),
        json!({"kind": "secret", "valu": value}),
        json!({"kind": value}),
    ] {
        let body = json!({"kind": "application", "id": "x", "clients": [{"credentials": [credential]}]});
        let answer = apply(shared(), "", &body);
        assert_eq!(answer.error(422), "invalid_document");
        let is_kind = body["clients"][0]["credentials"][0]["kind"] == value;
        assert!(is_kind || !answer.text.contains(value), "{}", answer.text);
    }
}

#[test]
fn documents_are_applied_whole_or_not_at_all() {
    let server = Server::new();
    let body = json!([
        {"kind": "network_zone", "name": "office", "cidrs": ["203.0.113.0/24"]},
        client("lost", json!({"authorizations": [{"audience": "urn:nothing", "permissions": "all"}]})),
    ]);
    assert_eq!(apply(&server, "", &body).error(422), "invalid_document");
    assert_eq!(server.administer(Call::get("/v1/tenants/default/network_zone")).ok().json(), json!([]));
}

#[test]
fn a_body_that_is_not_json_is_refused() {
    for body in ["", "kind: tenant", "{", "[1,]", "\u{feff}[]"] {
        let call = Call::post("/v1/tenants/default/apply").header("content-type", "application/json").body(body);
        let answer = shared().administer(call);
        assert_eq!(answer.error(400), "invalid_request", "{body:?}");
        assert!(answer.description().contains("JSON"), "{}", answer.text);
    }
    let binary = Call::post("/v1/tenants/default/apply").body(b"\xff\xfe".to_vec());
    assert_eq!(shared().administer(binary).error(400), "invalid_request");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let answer = shared().administer(Call::post("/v1/tenants/default/apply").body(deep));
    assert_eq!(answer.error(400), "invalid_request");
}

#[test]
fn a_wrong_query_is_refused_by_name() {
    for (query, word) in [
        ("?dryrun=true", "dryrun"),
        ("?dry_run=yes", "dry_run"),
        ("?prune", "prune"),
        ("?prune=true&prune=false", "prune"),
    ] {
        let answer = apply(shared(), query, &json!([]));
        assert_eq!(answer.error(400), "invalid_request", "{query}");
        assert!(answer.description().contains(word), "{query}: {}", answer.text);
        assert_eq!(answer.json()["request_id"].as_str(), answer.header("x-request-id"));
    }
}

#[test]
fn an_unknown_tenant_is_404() {
    for tenant in ["nobody", "Default", "%ff"] {
        let answer = shared().administer(Call::post(&format!("/v1/tenants/{tenant}/apply")).json(&json!([])));
        assert_eq!(answer.error(404), "not_found", "{tenant}");
    }
}

#[test]
fn tenants_are_made_from_the_operators_path_only() {
    let server = Server::new();
    server.make_tenant("acme");
    let call = Call::post("/v1/tenants/acme/apply").json(&json!({"kind": "tenant", "name": "mine"}));
    let answer = server.administer(call);
    assert_eq!(answer.error(422), "invalid_document");
    assert_eq!(answer.json()["path"], "kind");
}
