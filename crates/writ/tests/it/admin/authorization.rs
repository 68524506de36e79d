//! Who may call the admin API: the bearer of a token of the operator's own door, for it, with the permission.

use serde_json::{Value, json};
use writ_oauth::Refusal;

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::catalogue::{READ, SECRET, client};
use crate::support::door::Door;
use crate::support::server::{Server, shared};

const ADMIN: &str = "urn:writ:admin";

/// Every operation of the API, and the permission it requires.
fn operations() -> Vec<(Call, &'static str)> {
    let secrets = "/v1/tenants/default/clients/reader/secrets";
    // Not of the door that makes the administrators' tokens: those are to live.
    let keys = "/v1/tenants/default/issuers/idaas/keys";
    vec![
        (Call::get("/v1/tenants/default/application"), "config:read"),
        (Call::get("/v1/tenants/default/application/reader"), "config:read"),
        (Call::post("/v1/tenants/default/apply").json(&json!([])), "config:write"),
        (Call::new("DELETE", "/v1/tenants/default/application/nobody"), "config:write"),
        (Call::get("/v1/tenants/default/applications/reader/clients"), "config:read"),
        (Call::post("/v1/tenants/default/applications/reader/clients"), "config:write"),
        (Call::get("/v1/tenants/default/clients/reader"), "config:read"),
        (Call::new("PATCH", "/v1/tenants/default/clients/reader").body("{}"), "config:write"),
        (Call::new("DELETE", "/v1/tenants/default/clients/nobody"), "config:write"),
        (Call::post("/v1/tenants/default/clients/nobody/refresh-secret"), "secret:write"),
        (Call::get(secrets), "secret:read"),
        (Call::get(&format!("{secrets}/first")), "secret:read"),
        (Call::post(secrets), "secret:write"),
        (Call::new("PATCH", &format!("{secrets}/first")).body("{}"), "secret:write"),
        (Call::new("DELETE", &format!("{secrets}/nothing")), "secret:write"),
        (Call::get(keys), "config:read"),
        (Call::post(&format!("{keys}/rotate")).json(&json!({"now": true})), "key:write"),
        (Call::post(&format!("{keys}/nothing/revoke")), "key:write"),
        (Call::post("/v1/tenants/default/revocations").json(&json!({"client_id": "reader"})), "token:revoke"),
        (Call::post("/v1/tenants/default/introspect").json(&json!({"token": "x"})), "token:introspect"),
        (Call::get("/v1/tenants/default/revocations"), "token:feed"),
    ]
}

/// A client that may have these permissions of the admin API.
fn operator(id: &str, permissions: &Value) -> Value {
    let authorizations = json!([{"audience": ADMIN, "permissions": permissions}]);
    client(id, json!({"authorizations": authorizations, "default_scopes": permissions}))
}

/// A server with an administrator for each permission, and one for all.
fn staffed() -> Server {
    let server = Server::new();
    let applications: Vec<_> = [
        operator("reader", &json!(["config:read"])),
        operator("writer", &json!(["config:write"])),
        operator("secret-reader", &json!(["secret:read"])),
        operator("secret-writer", &json!(["secret:write"])),
        operator("key-writer", &json!(["key:write"])),
        operator("revoker", &json!(["token:revoke"])),
        operator("introspector", &json!(["token:introspect"])),
        operator("follower", &json!(["token:feed"])),
        operator("all", &json!("all")),
    ]
    .into();
    server.apply("default", &applications.into());
    server
}

fn token_of(server: &Server, door: Door, client: &str, scope: &str) -> String {
    let call = door.grant().and("scope", scope).basic(client, SECRET);
    server.public(&call).token()
}

#[track_caller]
fn unauthorized(answer: Answer, refusal: Refusal) {
    let answer = answer.is(refusal);
    let challenge = if refusal == Refusal::TokenMissing { MISSING } else { INVALID };
    assert_eq!(answer.error(401), "invalid_token");
    assert_eq!(answer.header("www-authenticate"), Some(challenge));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.json()["request_id"].as_str(), answer.header("x-request-id"));
}

const MISSING: &str =
    r#"Bearer realm="writ", resource_metadata="http://127.0.0.1:8081/.well-known/oauth-protected-resource""#;
const INVALID: &str = r#"Bearer realm="writ", error="invalid_token", resource_metadata="http://127.0.0.1:8081/.well-known/oauth-protected-resource""#;

/// > If the request lacks any authentication information [...], the resource server SHOULD NOT include an error code or
/// > other error information.
///
/// <https://www.rfc-editor.org/rfc/rfc6750#section-3.1>
#[test]
fn without_a_bearer_token_every_operation_is_401() {
    let token = shared().admin_token();
    for (call, _) in operations() {
        unauthorized(shared().admin(&call), Refusal::TokenMissing);
        unauthorized(
            shared().admin(&call.clone().basic("writ-admin", shared().bootstrap_secret())),
            Refusal::TokenMissing,
        );
        unauthorized(shared().admin(&call.clone().header("authorization", token.clone())), Refusal::TokenMissing);
        unauthorized(
            shared().admin(&call.clone().header("authorization", format!("DPoP {token}"))),
            Refusal::TokenMissing,
        );
        unauthorized(shared().admin(&call.clone().header("authorization", "Bearer")), Refusal::TokenMissing);
        unauthorized(
            shared().admin(&call.clone().header("x-authorization", format!("Bearer {token}"))),
            Refusal::TokenMissing,
        );
    }
}

#[test]
fn case_104_a_token_is_sent_once_and_in_the_header() {
    let token = shared().admin_token();
    let list = || Call::get("/v1/tenants/default/tenant");
    shared().admin(&list().header("authorization", format!("bearer {token}"))).ok();
    let twice = shared().admin(&list().bearer(&token).bearer(&token)).is(Refusal::AuthorizationRepeated);
    assert_eq!(twice.error(400), "invalid_request");
    let query = Call::get(&format!("/v1/tenants/default/tenant?access_token={token}"));
    unauthorized(shared().admin(&query), Refusal::TokenMissing);
    let form = Call::post("/v1/tenants/default/apply").form(&[("access_token", &token)]);
    unauthorized(shared().admin(&form), Refusal::TokenMissing);
}

#[test]
fn what_is_no_token_of_the_operators_door_for_this_audience_is_401() {
    let server = staffed();
    server.apply(
        "default",
        &json!([
            {"kind": "application", "id": "dashboard", "resource_server": {
                "audience": "api://dashboard.example", "permissions": [{"id": READ}, {"id": "config:read"}]}},
            client("partner", json!({"authorizations": [
                {"audience": "api://dashboard.example", "permissions": ["config:read"]}]})),
        ]),
    );
    let good = token_of(&server, Door::Oauth, "all", "");
    let mut forged = good.clone();
    let other = if forged.pop() == Some('A') { 'Q' } else { 'A' };
    forged.push(other);
    let tokens = [
        ("nonsense", "abc".to_owned()),
        ("another signature", forged),
        ("no signature", good[..=good.rfind('.').unwrap()].to_owned()),
        ("two parts", good[..good.rfind('.').unwrap()].to_owned()),
        ("another audience", token_of(&server, Door::Oauth, "partner", "config:read")),
        ("the other door", token_of(&server, Door::Idaas, "all", "urn:writ:admin|.all")),
        ("too long", format!("{good}{}", "A".repeat(100_000))),
    ];
    for (call, _) in operations() {
        for (what, token) in &tokens {
            let answer = server.admin(&call.clone().bearer(token));
            assert_eq!(answer.refusal, Some(Refusal::TokenInvalid), "{what}");
            unauthorized(answer, Refusal::TokenInvalid);
        }
    }
    server.admin(&Call::get("/v1/tenants/default/tenant").bearer(&good)).ok();
}

/// Another tenant can register the audience and even the client's name; its tokens have another issuer.
#[test]
fn case_107_a_tenants_own_token_for_the_same_audience_is_401() {
    let server = Server::new();
    server.make_tenant("acme");
    server.apply(
        "acme",
        &json!([
            {"kind": "application", "id": "imitation", "resource_server": {
                "audience": ADMIN, "permissions": [{"id": "config:read"}, {"id": "config:write"}]}},
            operator("writ-admin", &json!("all")),
        ]),
    );
    let call = Door::Oauth.grant_at("/t/acme").basic("writ-admin", SECRET);
    let token = server.public(&call).token();
    for tenant in ["default", "acme"] {
        unauthorized(
            server.admin(&Call::get(&format!("/v1/tenants/{tenant}/application")).bearer(&token)),
            Refusal::TokenInvalid,
        );
    }
}

#[test]
fn each_operation_requires_its_permission() {
    let server = staffed();
    let holders = [
        ("reader", "config:read"),
        ("writer", "config:write"),
        ("secret-reader", "secret:read"),
        ("secret-writer", "secret:write"),
        ("key-writer", "key:write"),
        ("revoker", "token:revoke"),
        ("introspector", "token:introspect"),
        ("follower", "token:feed"),
    ];
    for (holder, held) in holders {
        let token = token_of(&server, Door::Oauth, holder, "");
        for (call, required) in operations() {
            let answer = server.admin(&call.bearer(&token));
            if held == required {
                assert!(matches!(answer.status, 200 | 201 | 404), "{holder} {required}: {}", answer.text);
                continue;
            }
            let answer = answer.is(Refusal::TokenInsufficient);
            assert_eq!(answer.error(403), "insufficient_scope");
            let challenge = format!(
                r#"Bearer realm="writ", error="insufficient_scope", scope="{required}", resource_metadata="http://127.0.0.1:8081/.well-known/oauth-protected-resource""#
            );
            assert_eq!(answer.header("www-authenticate"), Some(challenge.as_str()));
        }
    }
}

#[test]
fn a_token_may_less_than_its_client() {
    let server = staffed();
    let token = token_of(&server, Door::Oauth, "all", "config:read");
    server.admin(&Call::get("/v1/tenants/default/tenant").bearer(&token)).ok();
    let apply = Call::post("/v1/tenants/default/apply").json(&json!([]));
    server.admin(&apply.bearer(&token)).is(Refusal::TokenInsufficient);
}

#[test]
fn case_113_a_change_reaches_a_live_token() {
    let server = staffed();
    let list = |token: &str| server.admin(&Call::get("/v1/tenants/default/tenant").bearer(token));
    let token = token_of(&server, Door::Oauth, "reader", "");
    list(&token).ok();

    // The permission is taken away and given back.
    let without = client("reader", json!({"authorizations": [{"audience": ADMIN, "permissions": ["config:write"]}]}));
    server.apply("default", &without);
    list(&token).is(Refusal::TokenInsufficient);
    server.apply("default", &client("reader", json!({"authorizations": []})));
    list(&token).is(Refusal::TokenInsufficient);
    server.apply("default", &operator("reader", &json!(["config:read"])));
    list(&token).ok();

    // The client is disabled, its application is, it is deleted.
    for place in ["/clients/0", ""] {
        let mut document = operator("reader", &json!(["config:read"]));
        document.pointer_mut(place).unwrap()["status"] = "disabled".into();
        server.apply("default", &document);
        unauthorized(list(&token), Refusal::TokenRevoked);
        server.apply("default", &operator("reader", &json!(["config:read"])));
        list(&token).ok();
    }
    server.administer(Call::new("DELETE", "/v1/tenants/default/application/reader")).ok();
    unauthorized(list(&token), Refusal::TokenRevoked);
}

#[test]
fn a_token_ends_at_its_expiry_to_the_second() {
    let server = staffed();
    let token = token_of(&server, Door::Oauth, "reader", "");
    let list = || server.admin(&Call::get("/v1/tenants/default/tenant").bearer(&token));
    server.advance(3599);
    list().ok();
    server.advance(1);
    unauthorized(list(), Refusal::TokenInvalid);
}

#[test]
fn the_administrator_that_writ_made_cannot_be_changed_or_deleted() {
    let server = Server::new();
    let answer = server.administer(Call::new("DELETE", "/v1/tenants/default/application/writ-admin"));
    assert_eq!(answer.error(409), "conflict");
    let stolen = client("writ-admin", json!({"authorizations": []}));
    let answer = server.administer(Call::post("/v1/tenants/default/apply").json(&stolen));
    assert_eq!(answer.error(422), "invalid_document");
    let pruned = Call::post("/v1/tenants/default/apply?prune=true").json(&json!([]));
    server.administer(pruned).ok();
    server.administer(Call::get("/v1/tenants/default/application/writ-admin")).ok();
}
