//! Calls of the gateway: each thing that can be wrong with a token, or with what it rests on.

use serde_json::{Value, json};

use super::{broken, item, of_call, step};
use crate::gateway::{API, documents};
use crate::support::call::Call;
use crate::support::catalogue::SECRET;
use crate::support::server::Server;

fn server() -> Server {
    let server = Server::new();
    server.apply("default", &documents("http://127.0.0.1:9"));
    server
}

fn token(server: &Server, scope: &str) -> String {
    let form = [("grant_type", "client_credentials"), ("scope", scope), ("resource", API)];
    server.public(&Call::post("/oauth2/token").basic("partner", SECRET).form(&form)).token()
}

#[track_caller]
fn read(server: &Server, token: &str) -> Value {
    of_call(server, &json!({ "token": token, "method": "GET", "url": "https://writ.example/announcements/7?x=1" }))
}

#[test]
fn a_call_that_is_let_through_says_by_which_route_token_and_rule() {
    let server = server();
    let explained = read(&server, &token(&server, "announce:read"));
    assert_eq!(explained["granted"], true, "{explained:#}");
    assert_eq!(explained["route"], json!({ "name": "read", "audience": API, "permission": "announce:read" }));
    assert_eq!(explained["token"]["client_id"], "partner");
    assert_eq!(explained["token"]["expires"], "2027-01-15T09:00:00Z");
    assert_eq!(item(&explained, "announce:read")["weighed"][0]["standing"], "decided");
    assert!(explained["steps"].as_array().unwrap().iter().all(|step| step["outcome"] == "held"), "{explained:#}");
}

#[test]
fn captures_are_filled_in() {
    let server = server();
    let token = token(&server, "announce:read user-growth:2019:read");
    for (year, granted) in [("2019", true), ("2020", false)] {
        let explained = of_call(&server, &json!({ "token": token, "method": "GET", "url": format!("/growth/{year}") }));
        assert_eq!(explained["granted"], granted, "{explained:#}");
        assert_eq!(explained["route"]["permission"], format!("user-growth:{year}:read"));
    }
}

#[test]
fn no_route_is_told_with_what_there_is() {
    let server = server();
    let token = token(&server, "announce:read");
    for (method, url, rule, cause) in [
        ("GET", "https://writ.example/nothing", "RouteUnknown", None),
        ("DELETE", "/announcements/7", "MethodNotAllowed", Some("the path takes GET, HEAD, POST, PUT")),
        ("GET", "/announcements%2F7", "PathAmbiguous", None),
        (
            "GET",
            "https://else.example/announcements",
            "HostUnknown",
            Some("the gateway takes this host for no tenant's"),
        ),
    ] {
        let explained = of_call(&server, &json!({ "token": token, "method": method, "url": url }));
        assert_eq!(broken(&explained), Some(("route", rule)), "{explained:#}");
        assert_eq!(explained["refusal"]["cause"].as_str(), cause, "{explained:#}");
        // The token is looked at all the same.
        assert_eq!(step(&explained, "standing")["outcome"], "held");
    }
    server.make_tenant("acme");
    let call = json!({ "token": token, "method": "GET", "url": "https://writ.example/announcements" });
    let ask = Call::post("/v1/tenants/acme/explain").json(&json!({ "call": call }));
    let explained = server.administer(ask).ok().json();
    assert_eq!(explained["refusal"]["cause"], "the gateway takes this host for another tenant's", "{explained:#}");
    assert_eq!(step(&explained, "issuer")["outcome"], "did_not_hold", "{explained:#}");
}

#[test]
fn each_step_of_a_verification_is_told() {
    let server = server();
    let token = token(&server, "announce:read");
    let (head, signature) = token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    for (token, name, cause) in [
        ("x".to_owned(), "form", "the JWT is not a compact JWS of three parts"),
        (format!("{head}.{other}{}", &signature[1..]), "signature", "the JWT's signature does not verify"),
        (server.admin_token(), "audience", "it is for `urn:writ:admin`"),
    ] {
        let explained = read(&server, &token);
        assert_eq!(broken(&explained), Some((name, "TokenInvalid")), "{explained:#}");
        assert_eq!(step(&explained, name)["refusal"]["cause"], cause);
        assert!(!explained.to_string().contains(&token) || token == "x", "{explained:#}");
    }
    server.advance(3600);
    let explained = read(&server, &token);
    assert_eq!(broken(&explained), Some(("time", "TokenInvalid")), "{explained:#}");
    assert_eq!(step(&explained, "signature")["outcome"], "held");
    assert_eq!(step(&explained, "claims")["outcome"], "not_reached");
}

#[test]
fn what_a_token_rests_on_and_was_taken_back() {
    let change = |apply: &dyn Fn(&Server, &str)| {
        let server = server();
        let token = token(&server, "announce:read");
        assert_eq!(read(&server, &token)["granted"], true);
        apply(&server, &token);
        let explained = read(&server, &token);
        let (name, rule) = broken(&explained).unwrap();
        assert_eq!(explained["refusal"]["rule"], rule, "{explained:#}");
        let told = &step(&explained, name)["refusal"]["cause"];
        (name.to_owned(), told.as_str().unwrap_or_default().to_owned())
    };
    let partner = |more: Value| {
        move |server: &Server, _: &str| {
            let mut document = crate::gateway::client("partner", API, &["announce:read"]);
            document["clients"][0].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            server.apply("default", &json!([document]));
        }
    };
    let told = |step: &str, cause: &str| (step.to_owned(), cause.to_owned());
    let revoke = |body: fn(&str) -> Value| {
        move |server: &Server, token: &str| {
            server.administer(Call::post("/v1/tenants/default/revocations").json(&body(token))).ok();
        }
    };
    assert_eq!(
        change(&revoke(|token| json!({ "token": token }))),
        told("revocation", "this token was revoked by itself")
    );
    assert_eq!(
        change(&revoke(|_| json!({ "client_id": "partner" }))),
        told("standing", "the tokens of its client, or of the credential or the authorization behind it, were revoked")
    );
    assert_eq!(change(&partner(json!({ "status": "disabled" }))), told("standing", "its client is disabled"));
    let off = json!([{ "kind": "secret", "name": "first", "value": SECRET, "status": "disabled" }]);
    assert_eq!(
        change(&partner(json!({ "credentials": off }))),
        told("standing", "the credential that it was got with is disabled")
    );
    assert_eq!(
        change(&|server, _| {
            server.administer(Call::new("DELETE", "/v1/tenants/default/application/partner")).ok();
        }),
        told("client", "its client is gone")
    );
    let fewer = json!([{ "audience": API, "permissions": ["announce:write"] }]);
    assert_eq!(
        change(&partner(json!({ "authorizations": fewer }))),
        told("granted_to_client", "its client is not granted it now (PermissionNotGranted)")
    );
    let server = server();
    let explained = read(&server, &token(&server, "user-growth:2019:read"));
    assert_eq!(broken(&explained), Some(("held_by_token", "TokenInsufficient")), "{explained:#}");
    assert_eq!(step(&explained, "granted_to_client")["outcome"], "held");
    assert_eq!(step(&explained, "held_by_token")["change"], "ask for `announce:read` when getting the token");
}
