//! Refusals by the ids that their callers saw.

use serde_json::{Value, json};

use crate::gateway::documents;
use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::catalogue::SECRET;
use crate::support::server::Server;

const REFUSALS: &str = "/v1/tenants/default/refusals";
/// What must not be kept.
const MARKER: &str = "MARKER-of-a-secret-0123456789";

fn server() -> Server {
    let server = Server::new();
    server.apply("default", &documents("http://127.0.0.1:9"));
    server
}

fn ask(client: &str, secret: &str, scope: &str) -> Call {
    Call::post("/oauth2/token").basic(client, secret).form(&[("grant_type", "client_credentials"), ("scope", scope)])
}

/// What is known of a refused answer.
#[track_caller]
fn known(server: &Server, answer: &Answer) -> Value {
    let id = answer.header("x-request-id").unwrap();
    let known = server.administer(Call::get(&format!("{REFUSALS}/{id}"))).ok().json();
    assert_eq!(known["request_id"], id);
    assert_eq!(known["status"], answer.status, "{known:#}");
    assert_eq!(known["refusal"]["rule"], format!("{:?}", answer.refusal.unwrap()), "{known:#}");
    known
}

#[test]
fn a_refused_scope_is_told_item_by_item() {
    let server = server();
    let answer = server.public(&ask("partner", SECRET, "announce:read announce:write nothing"));
    assert_eq!(answer.error(400), "invalid_scope");
    let mut known = known(&server, &answer);
    known.as_object_mut().unwrap().remove("request_id");
    let rule = |rule: &str, meaning: &str| json!({ "rule": rule, "meaning": meaning });
    let not_granted = rule("PermissionNotGranted", "The permission is not granted to the client.");
    let unknown = rule("PermissionUnknown", "No such permission on the resource server.");
    let mut refusal = not_granted.clone();
    refusal["about"] = "announce:write".into();
    let expected = json!({
        "time": "2027-01-15T08:00:00Z", "listener": "public", "door": "oauth", "method": "POST",
        "path": "/oauth2/token", "origin": "192.0.2.1", "client_id": "partner", "status": 400,
        "refusal": refusal, "server": "http://127.0.0.1:8081",
        "items": [
            { "item": "announce:read", "granted": true },
            { "item": "announce:write", "granted": false, "refusal": not_granted },
            { "item": "nothing", "granted": false, "refusal": unknown },
        ],
    });
    assert_eq!(known, expected, "{known:#}");
}

#[test]
fn a_refusal_at_every_listener_is_found() {
    let server = server();
    let wrong = server.public(&ask("partner", "not the secret of it", "announce:read"));
    assert_eq!(known(&server, &wrong)["client_id"], "partner");
    let at_idaas = Call::post("/api/v2/iauths_system/oauth2/token").from("198.51.100.7").form(&[("grant_type", "x")]);
    let unknown_grant = known(&server, &server.public(&at_idaas));
    assert_eq!((&unknown_grant["door"], &unknown_grant["origin"]), (&json!("idaas"), &json!("198.51.100.7")));
    let nowhere = known(&server, &server.public(&Call::get("/nowhere?token=x").from("198.51.100.8")));
    assert_eq!((&nowhere["path"], &nowhere["origin"]), (&json!("/nowhere"), &json!("198.51.100.8")));
    let admin = known(&server, &server.admin(&Call::get("/v1/tenants/default/tenant")));
    assert_eq!((&admin["listener"], &admin["refusal"]["rule"]), (&json!("admin"), &json!("TokenMissing")));
    let bad_token = known(&server, &server.gateway(&Call::get("/announcements").bearer("x")));
    assert_eq!(bad_token["refusal"]["cause"], "the JWT is not a compact JWS of three parts", "{bad_token:#}");
    let token = server.public(&ask("partner", SECRET, "announce:read")).token();
    let forbidden = server.gateway(&Call::post("/announcements").bearer(&token));
    assert_eq!(forbidden.status, 403);
    let known = known(&server, &forbidden);
    assert_eq!(known["refusal"]["about"], "announce:write");
    assert_eq!(known["refusal"]["cause"], "the token does not hold it");
    assert_eq!((&known["client_id"], &known["listener"]), (&json!("partner"), &json!("gateway")));
}

#[test]
fn the_latest_are_listed_and_can_be_those_of_one_client() {
    let server = server();
    server.public(&ask("partner", SECRET, "announce:write"));
    server.advance(1);
    server.public(&ask("writer", SECRET, "nothing"));
    server.public(&ask("partner", "not the secret of it", "announce:read"));
    let listed = |query: &str| {
        let listed = server.administer(Call::get(&format!("{REFUSALS}{query}"))).ok().json();
        assert_eq!(listed["server"], "http://127.0.0.1:8081");
        let rules = listed["refusals"].as_array().unwrap().iter();
        rules.map(|one| one["refusal"]["rule"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed(""), ["SecretWrong", "PermissionUnknown", "PermissionNotGranted"]);
    assert_eq!(listed("?client_id=partner"), ["SecretWrong", "PermissionNotGranted"]);
    assert_eq!(listed("?client_id=partner&limit=1"), ["SecretWrong"]);
    assert!(listed("?client_id=nobody").is_empty());
    for query in ["?limit=x", "?limit=0", "?limit=1001", "?limit=1&limit=2", "?client=partner"] {
        assert_eq!(server.administer(Call::get(&format!("{REFUSALS}{query}"))).error(400), "invalid_request");
    }
    for path in ["/v1/tenants/nobody/refusals", "/v1/tenants/nobody/refusals/x"] {
        assert_eq!(server.administer(Call::get(path)).error(404), "not_found");
    }
    assert_eq!(server.admin(&Call::get(REFUSALS)).status, 401);
}

#[test]
fn what_was_refused_by_one_tenant_is_not_seen_through_another() {
    let server = server();
    server.make_tenant("acme");
    let call =
        Call::post("/t/acme/oauth2/token").basic("partner", SECRET).form(&[("grant_type", "client_credentials")]);
    let answer = server.public(&call);
    let id = answer.header("x-request-id").unwrap();
    let at = |tenant: &str| server.administer(Call::get(&format!("/v1/tenants/{tenant}/refusals/{id}")));
    assert_eq!(at("acme").ok().json()["refusal"]["rule"], "ClientUnknown");
    let other = at("default");
    assert_eq!(other.error(404), "not_found");
    assert!(other.description().contains("the server at http://127.0.0.1:8081 remembers no refused request"));
    let listed = server.administer(Call::get(REFUSALS)).ok().json();
    assert!(!listed.to_string().contains(id), "{listed:#}");
}

#[test]
fn case_50_nothing_secret_is_kept() {
    let server = server();
    let token = server.public(&ask("partner", SECRET, "announce:read")).token();
    let grant = ("grant_type", "client_credentials");
    let assertion = [grant, ("client_assertion_type", "x"), ("client_assertion", MARKER)];
    for call in [
        ask("partner", MARKER, "announce:read"),
        Call::post("/oauth2/token").form(&[grant, ("client_id", "partner"), ("client_secret", MARKER)]),
        Call::post("/oauth2/token").form(&assertion),
        Call::post(&format!("/oauth2/token?client_secret={MARKER}")).form(&[grant]),
        Call::get(&format!("/nowhere?access_token={token}")),
    ] {
        assert!(server.public(&call).status >= 400);
    }
    for token in [MARKER.to_owned(), format!("{token}x"), token.clone()] {
        server.gateway(&Call::post("/announcements").bearer(&token));
        server.gateway(&Call::get(&format!("/announcements?access_token={token}")));
        server.admin(&Call::get("/v1/tenants/default/tenant").bearer(&token));
    }
    let listed = server.administer(Call::get(&format!("{REFUSALS}?limit=1000"))).ok();
    assert_eq!(listed.json()["refusals"].as_array().unwrap().len(), 14, "{:#}", listed.json());
    let signature = token.rsplit('.').next().unwrap();
    for secret in [MARKER, SECRET, &token, signature] {
        assert!(!listed.text.contains(secret), "{secret} is kept: {}", listed.text);
    }
}
