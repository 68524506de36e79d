//! What a token rests on is decided again: what was taken back is no longer said, and with nothing left it is inactive.

use serde_json::{Value, json};

use super::{At, SCREEN, documents, open, screen};
use crate::support::call::Call;
use crate::support::catalogue::{DASHBOARD, READ, REVENUE, client};
use crate::support::server::Server;

fn scope(at: At, server: &Server, token: &str) -> Value {
    at.introspect(server, at.called(), token).ok().json()["scope"].clone()
}

fn partner(permissions: &Value) -> Value {
    client("partner", json!({"authorizations": [{"audience": DASHBOARD, "permissions": permissions}]}))
}

#[test]
fn what_is_taken_back_is_no_longer_said() {
    for at in [At::Oauth, At::Idaas] {
        let server = open();
        let token = at.token(&server);
        server.apply("default", &partner(&json!([REVENUE])));
        assert_eq!(scope(at, &server, &token), REVENUE);
        // More than the token says is not said either.
        server.apply("default", &partner(&json!("all")));
        assert_eq!(scope(at, &server, &token), format!("{READ} {REVENUE}"));
        server.apply("default", &client("partner", json!({"authorizations": []})));
        assert!(!at.is_active(&server, &token));
        server.apply("default", &partner(&json!([READ])));
        assert_eq!(scope(at, &server, &token), READ);
    }
}

#[test]
fn rules_are_heeded_and_those_for_some_networks_are_not_taken_to_hold() {
    let (at, server) = (At::Authing, open());
    let token = at.token(&server);
    let rule = |resource: &str| json!({"resource": resource, "actions": ["read"]});
    let with = |name: &str, value: Value| {
        let mut rule = rule("announce:*");
        rule[name] = value;
        rule
    };
    let growth = || rule("user-growth:2019");
    for (rules, left) in [
        (json!([rule("announce:*")]), "announce:read"),
        (json!([growth(), rule("announce:7")]), "user-growth:2019:read"),
        (json!([growth(), rule("announce:*"), with("effect", json!("deny"))]), "user-growth:2019:read"),
        (json!([growth(), with("expires", json!("2020-01-01T00:00:00Z"))]), "user-growth:2019:read"),
        // From where the token will be used, nobody knows who is asked here; not even when it is there that is asked from.
        (json!([growth(), with("networks", json!(["192.0.2.0/24"]))]), "user-growth:2019:read"),
    ] {
        server.apply("default", &screen(&rules));
        assert_eq!(scope(at, &server, &token), left, "{rules:#}");
    }
    server.apply("default", &screen(&json!([])));
    assert!(!at.is_active(&server, &token));
}

/// As at the gateway: the client, its application, its secret, the application that is called, and all at once.
#[test]
fn a_token_ends_with_what_it_rests_on() {
    let off = |server: &Server, application: &str, pointer: &str| {
        let documents = documents();
        let mut document = documents.as_array().unwrap().iter().find(|one| one["id"] == application).unwrap().clone();
        document.pointer_mut(pointer).unwrap()["status"] = "disabled".into();
        server.apply("default", &json!([document]));
    };
    let (server, token) = (open(), |server: &Server| At::Oauth.token(server));
    for (application, pointer) in
        [("partner", ""), ("partner", "/clients/0"), ("partner", "/clients/0/credentials/0"), ("dashboard", "")]
    {
        let token = token(&server);
        off(&server, application, pointer);
        // Whichever of the two can still ask.
        let asks = if application == "partner" { "guard" } else { "partner" };
        let body = At::Oauth.introspect(&server, asks, &token).ok().json();
        assert_eq!(body, json!({"active": false}), "{application}{pointer}");
        server.apply("default", &documents());
        let body = At::Oauth.introspect(&server, asks, &token).ok().json();
        assert_eq!(body["active"], true, "{application}{pointer}");
    }
    for at in At::ALL {
        let token = at.token(&server);
        let revoke = json!({"client_id": at.holder()});
        server.administer(Call::post("/v1/tenants/default/revocations").json(&revoke)).ok();
        assert!(!at.is_active(&server, &token), "{at:?}");
        assert!(at.is_active(&server, &at.token(&server)), "{at:?}");
    }
    let account = json!({"client_id": "contractor-a", "audience": SCREEN});
    let token = At::Authing.token(&server);
    server.administer(Call::post("/v1/tenants/default/revocations").json(&account)).ok();
    assert!(!At::Authing.is_active(&server, &token));
}
