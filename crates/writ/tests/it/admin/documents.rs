//! `GET` and `DELETE /v1/tenants/{tenant}/{kind}/{name}`

use serde_json::{Value, json};
use writ_oauth::Refusal;

use crate::support::call::Call;
use crate::support::catalogue::{SECRET, client, documents};
use crate::support::server::{Server, shared};

#[track_caller]
fn get(server: &Server, path: &str) -> Value {
    let answer = server.administer(Call::get(&format!("/v1/tenants/{path}"))).ok();
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer.json()
}

#[track_caller]
fn missing(server: &Server, method: &'static str, path: &str) {
    let answer = server.administer(Call::new(method, &format!("/v1/tenants/{path}")));
    assert_eq!(answer.error(404), "not_found", "{method} {path}");
    assert_eq!(answer.json()["request_id"].as_str(), answer.header("x-request-id"));
}

#[test]
fn what_is_read_can_be_applied_and_changes_nothing() {
    let mut all = Vec::new();
    for kind in ["tenant", "issuer", "network_zone", "application"] {
        let list = get(shared(), &format!("default/{kind}"));
        all.extend(list.as_array().unwrap().iter().filter(|document| document["id"] != "writ-admin").cloned());
    }
    let count = all.len();
    assert!(count > 20);
    let applied = shared().apply("default", &Value::Array(all));
    assert_eq!((&applied["changes"], &applied["unchanged"]), (&json!([]), &json!(count)));
}

#[test]
fn a_document_is_read_by_kind_and_name_without_its_secrets() {
    let document = get(shared(), "default/application/partner");
    let expected = json!({
        "kind": "application",
        "id": "partner",
        "status": "enabled",
        "clients": [{
            "status": "enabled",
            "grants": ["client_credentials"],
            "auth_methods": ["client_secret_basic", "client_secret_post"],
            "credentials": [{"kind": "secret", "name": "first", "status": "enabled"}],
            "authorizations": [{
                "audience": "api://dashboard.example",
                "permissions": ["announce:read:all", "Revenue:Read:ALL", "announce:*"],
            }],
        }],
    });
    assert_eq!(document, expected);
    assert_eq!(get(shared(), "default/network_zone/office")["cidrs"], json!(["203.0.113.0/24", "2001:db8::/32"]));
    assert_eq!(get(shared(), "default/network-zone/office")["name"], "office");
    assert_eq!(get(shared(), "default/issuer/oauth")["signing"], json!({"alg": "ES256"}));
    assert_eq!(get(shared(), "default/tenant/default")["name"], "default");
}

#[test]
fn case_50_no_document_and_no_list_holds_a_secret() {
    let server = Server::new();
    server.apply("default", &documents());
    for kind in ["tenant", "issuer", "network_zone", "application"] {
        let text = get(&server, &format!("default/{kind}")).to_string();
        assert!(!text.contains(SECRET) && !text.contains(server.bootstrap_secret()), "{kind}");
    }
}

#[test]
fn unknown_kinds_and_names_are_told_apart() {
    let answer = shared().administer(Call::get("/v1/tenants/default/applications"));
    assert_eq!(answer.error(400), "invalid_request");
    assert!(answer.description().contains("tenant, issuer, network_zone, provider, application"), "{}", answer.text);
    for path in ["default/application/nobody", "nobody/application", "nobody/application/partner", "default/issuer/x"] {
        missing(shared(), "GET", path);
    }
    missing(shared(), "GET", "default/application/%ff");
    missing(shared(), "GET", "default/application/Partner");
    missing(shared(), "GET", "default/application/part%25");
}

#[test]
fn deleting_says_what_was_deleted_and_a_second_time_there_is_nothing() {
    let server = Server::new();
    server.apply("default", &client("brief", json!({"authorizations": []})));
    let path = "default/application/brief";
    let answer = server.administer(Call::new("DELETE", &format!("/v1/tenants/{path}"))).ok();
    assert_eq!(
        answer.json(),
        json!({"changes": [{"op": "delete", "kind": "application", "name": "brief"}], "unchanged": 0})
    );
    missing(&server, "DELETE", path);
    missing(&server, "GET", path);
}

#[test]
fn what_is_in_use_is_not_deleted() {
    let server = Server::new();
    server.apply("default", &documents());
    for (path, user) in
        [("application/dashboard", "dashboard"), ("network_zone/office", "office"), ("issuer/idaas", "idaas")]
    {
        let answer = server.administer(Call::new("DELETE", &format!("/v1/tenants/default/{path}")));
        assert_eq!(answer.error(409), "conflict", "{path}");
        assert!(answer.description().contains(user), "{}", answer.text);
        get(&server, &format!("default/{path}"));
    }
    let answer = server.administer(Call::new("DELETE", "/v1/tenants/default/tenant/default"));
    assert_eq!(answer.error(409), "conflict");
}

#[test]
fn case_107_one_tenants_documents_are_not_seen_or_touched_through_another() {
    let server = Server::new();
    server.make_tenant("acme");
    server.make_tenant("beta");
    server.apply(
        "acme",
        &json!([
            {"kind": "network_zone", "name": "hq", "cidrs": ["203.0.113.0/24"]},
            client("agent", json!({"authorizations": []})),
        ]),
    );
    for tenant in ["beta", "default"] {
        for path in ["application/agent", "network_zone/hq"] {
            missing(&server, "GET", &format!("{tenant}/{path}"));
            missing(&server, "DELETE", &format!("{tenant}/{path}"));
        }
        assert_eq!(get(&server, &format!("{tenant}/network_zone")), json!([]));
        for (method, path) in [("GET", ""), ("POST", ""), ("GET", "/first"), ("PATCH", "/first"), ("DELETE", "/first")]
        {
            missing(&server, method, &format!("{tenant}/clients/agent/secrets{path}"));
        }
    }
    // A tenant sees itself among the tenants, the operator all of them.
    assert_eq!(get(&server, "acme/tenant"), json!([{"kind": "tenant", "name": "acme"}]));
    missing(&server, "GET", "acme/tenant/beta");
    missing(&server, "DELETE", "acme/tenant/beta");
    assert_eq!(get(&server, "default/tenant").as_array().unwrap().len(), 3);
    // And what it may have is still there.
    get(&server, "acme/application/agent");
}

#[test]
fn wrong_methods_and_paths_are_answered_in_json() {
    let answer = shared().admin(&Call::new("PUT", "/v1/tenants/default/application/x")).is(Refusal::MethodNotAllowed);
    assert_eq!(answer.error(405), "invalid_request");
    assert_eq!(answer.header("allow"), Some("GET,HEAD,DELETE"));
    for path in ["/", "/v1", "/v1/tenants", "/v1/tenants/default/clients/x/secrets/y/z", "/oauth2/token", "/metrics"] {
        let answer = shared().admin(&Call::get(path)).is(Refusal::PathUnknown);
        assert_eq!(answer.error(404), "not_found", "{path}");
    }
}

/// PostgreSQL has no place for a NUL in a text; what SQLite would make of one does not matter then.
#[test]
fn a_nul_names_nothing() {
    for path in ["application/a%00b", "%00", "clients/a%00b/secrets", "clients/partner/secrets/%00", "issuers/%00/keys"]
    {
        let answer = shared().administer(Call::get(&format!("/v1/tenants/default/{path}")));
        assert_eq!((answer.status, &answer.json()["error"]), (404, &json!("not_found")), "{path}: {}", answer.text);
    }
    let tenant = shared().administer(Call::post("/v1/tenants/a%00b/apply").json(&json!([])));
    assert_eq!(tenant.status, 404, "{}", tenant.text);
    let zone = json!({"kind": "network_zone", "name": "a\0b", "cidrs": []});
    for (path, body) in [("revocations", json!({"client_id": "a\0b"})), ("apply", zone)] {
        let answer = shared().administer(Call::post(&format!("/v1/tenants/default/{path}")).json(&body));
        assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("invalid_request")), "{}", answer.text);
    }
}
