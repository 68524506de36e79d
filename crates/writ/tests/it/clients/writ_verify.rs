//! Resource servers in Rust: the crate `writ-verify`, on a running server's listener, and on one whose clock a test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use writ_verify::{
    Alg, Answer, Callers, FetchFault, JwtFault, Model, RevocationPage, Revocations, VerifiedToken, Verifier,
    VerifyError,
};

use super::{AUDIENCE, GRANTED, NOT_GRANTED, PARTNER, SECRET, scene};
use crate::support::call::Call;
use crate::support::jwt::part;
use crate::support::server::{RUNTIME, START, Server as Router};

fn verified(verifier: &Verifier, token: &str, now: i64) -> Result<VerifiedToken, VerifyError> {
    RUNTIME.block_on(verifier.verify(token, now))
}

#[test]
fn tokens_of_every_door_are_verified_with_the_published_keys() {
    let scene = scene();
    let builder = |door: &str| {
        let issuer = scene.server.issuer(door);
        let jwks = if door == "authing" { "/.well-known/jwks.json" } else { "/jwks" };
        Verifier::builder(issuer).jwks_uri(format!("{issuer}{jwks}"))
    };
    let oauth = builder("oauth").audience(AUDIENCE).algorithms([Alg::ES256]).build().unwrap();
    let idaas = builder("idaas").plain_audience(AUDIENCE).algorithms([Alg::RS256]).build().unwrap();
    let (at_oauth, at_idaas) = (scene.token("oauth", GRANTED), scene.token("idaas", &format!("{AUDIENCE}|{GRANTED}")));
    let now = part(&at_oauth, 1)["iat"].as_i64().unwrap();
    for (verifier, token) in [(&oauth, &at_oauth), (&idaas, &at_idaas)] {
        let token = verified(verifier, token, now).unwrap();
        assert_eq!((token.client_id(), token.subject()), (PARTNER, Some(PARTNER)));
        assert!(token.allows(GRANTED) && !token.allows(NOT_GRANTED) && !token.allows("announce:read"));
    }
    // The issuer is the door's.
    assert_eq!(verified(&oauth, &at_idaas, now).err(), Some(JwtFault::NoKeyForAlg.into()));
    let elsewhere = builder("oauth").audience("api://other.example").build().unwrap();
    assert_eq!(verified(&elsewhere, &at_oauth, now).err(), Some(JwtFault::Audience.into()));
    assert_eq!(verified(&oauth, &at_oauth, now + 3600 + 60).err(), Some(JwtFault::Expired.into()));

    let of = |application: &str, callers| {
        builder("authing").application(application, callers).model(Model::Resource).build().unwrap()
    };
    let account = ["token", "--raw", "--door", "authing", "--client-id", "ak-partner", "--client-secret", SECRET];
    let ran = scene.server.writ(&[&account[..], &["--scope", "announce:*:read"]].concat()).ok();
    let token = ran.stdout.trim_end();
    let screen = verified(&of("screen", Callers::these(["ak-partner"])), token, now).unwrap();
    assert_eq!((screen.client_id(), screen.subject()), ("ak-partner", None));
    assert!(screen.allows("announce:read") && screen.allows("announce:7:read") && !screen.allows("announce:update"));
    assert_eq!(verified(&of("press", Callers::Any), token, now).err(), Some(VerifyError::Application));
    assert_eq!(verified(&of("screen", Callers::these(["ak-b"])), token, now).err(), Some(VerifyError::Caller));
}

/// A server with the documents of the clients' tests, and how often its keys were fetched.
struct Bench {
    server: Arc<Router>,
    asked: Arc<AtomicUsize>,
}

impl Bench {
    fn new() -> Self {
        let server = Arc::new(Router::new());
        server.apply("default", &super::documents());
        RUNTIME.block_on(async {
            let core = &server.app.core;
            core.tend_keys(START).await.unwrap();
            assert!(core.wait_until_live(core.store().sequence().await.unwrap()).await);
        });
        Self { server, asked: Arc::default() }
    }

    fn verifier(&self, revocations: Option<&Arc<Revocations>>) -> Verifier {
        let (server, asked) = (Arc::clone(&self.server), Arc::clone(&self.asked));
        let builder = Verifier::builder("https://writ.example/oauth2").audience(AUDIENCE).fetch_with(move || {
            asked.fetch_add(1, Ordering::SeqCst);
            let server = Arc::clone(&server);
            let fetched = tokio::task::spawn_blocking(move || {
                let body = server.public(&Call::get("/oauth2/jwks")).ok().text.into_bytes();
                Answer { body, max_age: Some(300) }
            });
            async { fetched.await.map_err(|error| FetchFault::Other(error.to_string())) }
        });
        let builder = match revocations {
            Some(revocations) => builder.revocations(Arc::clone(revocations)),
            None => builder,
        };
        builder.build().unwrap()
    }

    fn token(&self) -> String {
        let form = [("grant_type", "client_credentials"), ("scope", GRANTED)];
        self.server.public(&Call::post("/oauth2/token").basic(PARTNER, SECRET).form(&form)).token()
    }

    fn post(&self, path: &str, body: &serde_json::Value) {
        self.server.administer(Call::post(&format!("/v1/tenants/default{path}")).json(body)).ok();
    }

    /// Reads the feed to its end.
    fn tell(&self, revocations: &Revocations, now: i64) {
        loop {
            let path = format!("/v1/tenants/default/revocations?limit=1&after={}", revocations.cursor());
            let page = self.server.administer(Call::get(&path)).ok();
            let page = RevocationPage::parse(page.text.as_bytes()).unwrap();
            let more = page.more;
            revocations.apply(page, now).unwrap();
            if !more {
                return;
            }
        }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn kid(token: &str) -> String {
    part(token, 0)["kid"].as_str().unwrap().to_owned()
}

#[test]
fn case_79_a_rotation_breaks_nothing_and_a_revoked_key_ends_with_the_cache() {
    let bench = Bench::new();
    let verifier = bench.verifier(None);
    let old = bench.token();
    assert!(verified(&verifier, &old, START).is_ok());
    bench.post("/issuers/oauth/keys/rotate", &json!({"now": true}));
    let new = bench.token();
    assert_ne!(kid(&old), kid(&new));
    // The next key was published before it was used.
    assert!(verified(&verifier, &new, START).is_ok() && verified(&verifier, &old, START).is_ok());
    assert_eq!(bench.asked(), 1);
    bench.post(&format!("/issuers/oauth/keys/{}/revoke", kid(&old)), &json!({}));
    assert!(verified(&verifier, &old, START + 200).is_ok(), "the cached set has it");
    assert_eq!(verified(&verifier, &old, START + 301).err(), Some(JwtFault::KidUnknown.into()));
    assert!(verified(&verifier, &new, START + 301).is_ok());
    assert_eq!(bench.asked(), 2);
}

#[test]
fn case_90_what_the_feed_tells_of_ends_elsewhere_too() {
    let bench = Bench::new();
    let revocations = Arc::new(Revocations::new());
    let verifier = bench.verifier(Some(&revocations));
    let old = bench.token();
    assert_eq!(verified(&verifier, &old, START).err(), Some(VerifyError::RevocationsStale));
    bench.tell(&revocations, START);
    assert!(verified(&verifier, &old, START).is_ok());
    let twin = bench.token();
    bench.post("/revocations", &json!({"token": old}));
    bench.tell(&revocations, START);
    assert_eq!(verified(&verifier, &old, START).err(), Some(VerifyError::Revoked));
    assert!(verified(&verifier, &twin, START).is_ok());
    // Of another client, and for another audience: not this one's.
    bench.post("/revocations", &json!({"client_id": "odd"}));
    bench.post("/revocations", &json!({"client_id": PARTNER, "audience": "urn:press"}));
    bench.tell(&revocations, START);
    assert!(verified(&verifier, &twin, START).is_ok());
    for what in [json!({"client_id": PARTNER, "audience": AUDIENCE}), json!({"application": PARTNER})] {
        bench.server.advance(2);
        let before = bench.token();
        let now = bench.server.app.core.now();
        assert!(verified(&verifier, &before, now).is_ok(), "issued after the last one");
        bench.post("/revocations", &what);
        bench.tell(&revocations, now);
        assert_eq!(verified(&verifier, &before, now).err(), Some(VerifyError::Revoked), "{what}");
    }
    // A revoked key, at once and not when the cached set ends.
    bench.server.advance(2);
    let (last, now) = (bench.token(), bench.server.app.core.now());
    assert!(verified(&verifier, &last, now).is_ok());
    bench.post(&format!("/issuers/oauth/keys/{}/revoke", kid(&last)), &json!({}));
    bench.tell(&revocations, now);
    assert_eq!(verified(&verifier, &last, now).err(), Some(VerifyError::Revoked));
    let next = bench.token();
    assert!(verified(&verifier, &next, now).is_ok());
}
