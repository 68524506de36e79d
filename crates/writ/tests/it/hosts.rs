//! Which tenant a Host chooses, and that nothing else is ever taken from it.

use serde_json::json;
use writ_oauth::Refusal;

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::catalogue::{READ, SECRET};
use crate::support::door::Door;
use crate::support::jwt::part;
use crate::support::server::{Server, shared};

const JWKS: &str = "/oauth2/jwks";

fn at(host: &str) -> Answer {
    shared().public(&Call::get(JWKS).host(host))
}

#[test]
fn the_host_of_the_root_url_chooses_the_operator() {
    for host in ["writ.example", "WRIT.example", "writ.example:443", "writ.example:8443"] {
        at(host).ok();
    }
}

#[test]
fn an_unknown_host_is_404_at_every_path_of_a_door() {
    for host in ["evil.example", "writ.example.evil.example", "writ.example.", "localhost", "127.0.0.1"] {
        let answer = at(host).is(Refusal::HostUnknown);
        assert_eq!(answer.error(404), "not_found", "{host}");
        for door in Door::BOTH {
            let call = door.ask(&[READ]).basic("partner", SECRET).host(host);
            assert_eq!(shared().public(&call).is(Refusal::HostUnknown).error(404), "not_found", "{host}");
            let call = door.grant_at("/t/default").host(host);
            assert_eq!(shared().public(&call).is(Refusal::HostUnknown).error(404), "not_found", "{host}");
        }
    }
}

/// > A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request message that lacks a Host
/// > header field and to any request message that contains more than one Host header field line or a Host header field
/// > with an invalid field value.
///
/// <https://www.rfc-editor.org/rfc/rfc9112#section-3.2>
#[test]
fn a_request_names_one_host() {
    let jwks = || Call::get(JWKS);
    for call in [
        jwks().no_host(),
        jwks().header("host", "writ.example"),
        jwks().header("host", "evil.example"),
        jwks().host("writ.example, evil.example"),
        jwks().host("user@writ.example"),
        jwks().host("writ.example/path"),
        jwks().host("writ example"),
        jwks().host(""),
    ] {
        let answer = shared().public(&call).is(Refusal::HostMalformed);
        assert_eq!(answer.error(400), "invalid_request", "{}", call.text());
    }
}

#[test]
fn an_absolute_target_names_the_host_that_the_header_names() {
    let absolute = |host: &str| Call::get(&format!("http://{host}{JWKS}"));
    shared().public(&absolute("writ.example")).ok();
    shared().public(&absolute("writ.example").no_host()).ok();
    for call in [absolute("evil.example"), absolute("writ.example").host("evil.example")] {
        assert_eq!(shared().public(&call).is(Refusal::HostMalformed).error(400), "invalid_request");
    }
    shared().public(&absolute("evil.example").host("evil.example")).is(Refusal::HostUnknown);
}

#[test]
fn forwarded_hosts_choose_nothing() {
    for name in ["x-forwarded-host", "forwarded", "x-original-host", "x-host"] {
        let call = Call::get("/oauth2/.well-known/openid-configuration").header(name, "evil.example");
        assert!(!shared().public(&call).ok().text.contains("evil"), "{name}");
    }
}

/// A server whose tenant acme has hosts of its own, and whose tenant beta has a URL.
fn hosted() -> Server {
    let server = Server::new();
    server.apply(
        "default",
        &json!([
            {"kind": "tenant", "name": "acme", "hosts": ["Acme.example", "acme.internal:8443"]},
            {"kind": "tenant", "name": "beta", "url": "https://beta.example/auth"},
        ]),
    );
    server
}

#[test]
fn hosts_choose_tenants_and_the_issuer_stays_the_configured_one() {
    let server = hosted();
    let issuer = |path: &str, host: &str| {
        let call = Call::get(&format!("{path}/.well-known/openid-configuration")).host(host);
        server.public(&call).ok().json()["issuer"].as_str().unwrap().to_owned()
    };
    for host in ["acme.example", "ACME.EXAMPLE", "acme.example:1234", "acme.internal:8443"] {
        assert_eq!(issuer("/oauth2", host), "https://writ.example/t/acme/oauth2");
    }
    assert_eq!(issuer("/t/acme/oauth2", "writ.example"), "https://writ.example/t/acme/oauth2");
    assert_eq!(issuer("/oauth2", "beta.example"), "https://beta.example/auth/oauth2");
    let unknown = server.public(&Call::get(JWKS).host("acme.internal"));
    assert_eq!(unknown.is(Refusal::HostUnknown).error(404), "not_found");
}

#[test]
fn a_prefix_names_tenants_on_the_operators_host_only() {
    let server = hosted();
    for (prefix, host) in [("/t/beta", "acme.example"), ("/t/acme", "acme.example"), ("/t/default", "beta.example")] {
        let answer = server.public(&Call::get(&format!("{prefix}{JWKS}")).host(host));
        assert_eq!(answer.is(Refusal::PathUnknown).error(404), "not_found", "{prefix} at {host}");
    }
}

#[test]
fn a_host_belongs_to_one_tenant() {
    let server = hosted();
    for host in ["acme.example", "ACME.example", "beta.example", "writ.example"] {
        let document = json!({"kind": "tenant", "name": "thief", "hosts": [host]});
        let answer = server.administer(Call::post("/v1/tenants/default/apply").json(&document));
        assert_eq!(answer.error(422), "invalid_document", "{host}");
        assert!(answer.json()["path"].as_str().unwrap().starts_with("hosts"), "{}", answer.text);
    }
}

/// Whatever Host a caller writes, no answer repeats it.
#[test]
fn nothing_is_taken_from_the_host() {
    let server = hosted();
    for path in [
        "/.well-known/openid-configuration/oauth2",
        "/oauth2/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/api/v2/iauths_system/oauth2",
    ] {
        let answer = server.public(&Call::get(path).host("acme.internal:8443")).ok();
        assert!(!answer.text.contains("acme.internal"), "{}", answer.text);
    }
    for host in ["evil.example", "evil.example:8443"] {
        let answer = server.public(&Call::get(JWKS).host(host));
        assert!(!answer.text.contains("evil"), "{}", answer.text);
        assert!(answer.headers.values().all(|value| !value.to_str().unwrap().contains("evil")));
    }
    let call = Door::Oauth.ask(&[READ]).basic("partner", SECRET).host("WRIT.EXAMPLE:443");
    assert_eq!(part(&shared().public(&call).token(), 1)["iss"], "https://writ.example/oauth2");
}

/// The admin listener is reached by whatever name a port forwarding gives it.
#[test]
fn the_admin_listener_takes_any_host() {
    for host in ["127.0.0.1:8081", "writ-admin.svc", "evil.example"] {
        shared().admin(&Call::get("/healthz").host(host)).ok();
        let answer = shared().admin(&Call::get("/.well-known/oauth-protected-resource").host(host)).ok();
        assert_eq!(answer.json()["resource"], "http://127.0.0.1:8081");
    }
}
