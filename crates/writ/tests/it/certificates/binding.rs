//! Tokens that are bound to a certificate are good for nothing without it.

use serde_json::{Value, json};
use writ::config::ClientCertHeader;
use writ_oauth::Refusal;

use super::of;
use crate::gateway::route;
use crate::support::call::Call;
use crate::support::catalogue::{DASHBOARD, READ, SECRET, documents};
use crate::support::client_certificate::{Made, Party, params};
use crate::support::door::Door;
use crate::support::server::{START, Server, Setup};
use crate::support::upstream::Upstream;

struct Scene {
    server: Server,
    upstream: Upstream,
}

impl Scene {
    fn new() -> Self {
        let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        let client_cert_header = ClientCertHeader::Rfc9440;
        let server = Server::open(Setup { trusted_proxies, client_cert_header, ..Setup::default() });
        server.apply("default", &documents());
        let upstream = Upstream::plain();
        let mut every = route("every", json!({"path": "/**"}), READ, &upstream.url());
        every["require"]["audience"] = DASHBOARD.into();
        server.apply("default", &every);
        Self { server, upstream }
    }

    fn token(&self, door: Door) -> String {
        self.server.public(&of(door, "cert-named").certificate(&Party::get().named)).token()
    }

    /// Ends the test unless the gateway refuses for the certificate, and nothing was forwarded.
    #[track_caller]
    fn mismatch(&self, call: &Call) {
        let answer = self.server.gateway(call).is(Refusal::TokenCertificateMismatch);
        assert!(answer.header("www-authenticate").unwrap().contains(r#"error="invalid_token""#));
        assert_eq!(answer.error(401), "invalid_token");
        assert!(self.upstream.seen().is_empty());
    }
}

fn get(token: &str) -> Call {
    Call::get("/any").bearer(token)
}

#[test]
fn case_42_the_gateway_asks_for_the_certificate_every_time() {
    let scene = Scene::new();
    let named = &Party::get().named;
    // Of the same authority and name, with another key.
    let twin = Party::get().root.issue(params("cert-named"));
    for door in Door::BOTH {
        let token = scene.token(door);
        // Before it was ever verified, and when it is remembered.
        for _ in 0..2 {
            scene.mismatch(&get(&token));
            for other in [&twin, &Party::get().own, &Party::get().root] {
                scene.mismatch(&get(&token).certificate(other));
            }
            assert_eq!(scene.server.gateway(&get(&token).certificate(named)).status, 200);
            scene.upstream.forget();
        }
        scene.server.gateway(&get(&token).unreadable_certificate()).is(Refusal::ConnectionCertificateMalformed);
    }
}

#[test]
fn case_42_behind_a_proxy_the_certificate_is_what_it_tells() {
    let scene = Scene::new();
    let token = scene.token(Door::Oauth);
    let value = Party::get().named.header();
    let from_proxy = || get(&token).from("10.1.2.3");
    assert_eq!(scene.server.gateway(&from_proxy().header("client-cert", &*value)).status, 200);
    // What was for the gateway stays there.
    assert!(!scene.upstream.only().head.to_ascii_lowercase().contains("client-cert"));
    scene.upstream.forget();
    scene.mismatch(&from_proxy());
    scene.mismatch(&from_proxy().certificate(&Party::get().named));
    scene.mismatch(&from_proxy().header("client-cert", Party::get().own.header()));
    scene.mismatch(&from_proxy().header("client_cert", &*value));
    scene.mismatch(&get(&token).header("client-cert", &*value));
    let twice = from_proxy().header("client-cert", &*value).header("client-cert", &*value);
    assert_eq!(scene.server.gateway(&twice).is(Refusal::ConnectionCertificateMalformed).error(400), "invalid_request");
}

#[test]
fn a_token_that_is_bound_to_nothing_is_good_with_any_certificate_and_without() {
    let scene = Scene::new();
    let token = scene.server.public(&Door::Oauth.ask(&[READ]).basic("partner", SECRET)).token();
    for call in [get(&token), get(&token).certificate(&Party::get().own)] {
        assert_eq!(scene.server.gateway(&call).status, 200);
    }
}

/// What a token would have to be bound to for another kind of proof is not guessed at.
#[test]
fn case_42_a_confirmation_that_cannot_be_checked_is_no_token() {
    let scene = Scene::new();
    let token = scene.token(Door::Oauth);
    let good: Value = crate::support::jwt::part(&token, 1);
    let sign = |cnf: Value| {
        let mut claims = good.clone();
        claims["cnf"] = cnf;
        claims["iat"] = START.into();
        writ_oauth::jose::sign_jwt(&scene.server.signing_key(), "at+jwt", &claims).unwrap()
    };
    let named: &Made = &Party::get().named;
    assert_eq!(scene.server.gateway(&get(&sign(good["cnf"].clone())).certificate(named)).status, 200);
    let mut both = good["cnf"].clone();
    both["jkt"] = "x".into();
    for cnf in [json!({"jkt": "x"}), json!({}), json!(null), json!("x"), both] {
        scene.server.gateway(&get(&sign(cnf)).certificate(named)).is(Refusal::TokenInvalid);
    }
}
