//! What a token says about its key changes nothing about where keys come from.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use writ_core::key_source::{KeySet, KeySource};
use writ_oauth::jose::{AudienceForm, Expectation, JwtFault, SigningKey, UnverifiedJwt, verify};

use super::stand_in::{StandIn, ok};
use super::{NOW, jwk, key_sets, source};

fn token(key: &SigningKey, header: &Value, issuer: &str) -> String {
    let claims = json!({ "iss": issuer, "aud": "writ", "exp": NOW + 60 });
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let input = format!("{}.{}", part(header), part(&claims));
    format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(key.sign(input.as_bytes()).unwrap()))
}

fn check(token: &str, keys: &KeySet, issuer: &str) -> Result<(), JwtFault> {
    let expect = Expectation {
        issuer: Some(issuer),
        audiences: &["writ"],
        audience_form: AudienceForm::Any,
        types: &[],
        typ_optional: true,
        max_lifetime: None,
        leeway: 0,
        required: &[],
    };
    verify(UnverifiedJwt::parse(token)?, keys.keys(), &expect, NOW).map(|_| ())
}

#[tokio::test]
async fn case_25_two_issuers_with_one_kid_are_never_cross_accepted() {
    let ((of_a, public_a), (of_b, public_b)) = (jwk("same"), jwk("same"));
    let (a, b) = (json!({ "keys": [public_a] }), json!({ "keys": [public_b] }));
    let server = StandIn::start(move |path| ok(if path == "/a" { &a } else { &b })).await;
    let sets = key_sets();
    let header = json!({ "alg": "EdDSA", "kid": "same" });
    // Twice, the second time from what is kept.
    for _ in 0..2 {
        for (name, own, other) in [("a", &of_a, &of_b), ("b", &of_b, &of_a)] {
            let issuer = format!("https://{name}.example");
            let source = KeySource::uri(&issuer, &server.url(&format!("/{name}")), None).unwrap();
            let keys = sets.keys(&source, Some("same"), NOW).await.unwrap();
            assert_eq!(check(&token(own, &header, &issuer), &keys, &issuer), Ok(()));
            assert_eq!(check(&token(other, &header, &issuer), &keys, &issuer), Err(JwtFault::Signature));
        }
    }
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn case_25_one_url_under_two_issuers_is_two_sources() {
    let (_, public) = jwk("same");
    let server = StandIn::start(move |_| ok(&json!({ "keys": [public] }))).await;
    let sets = key_sets();
    for issuer in ["https://a.example", "https://b.example"] {
        sets.keys(&KeySource::uri(issuer, &server.url("/jwks"), None).unwrap(), None, NOW).await.unwrap();
    }
    let status = sets.status();
    assert_eq!(
        status.iter().map(|one| one.issuer.as_str()).collect::<Vec<_>>(),
        ["https://a.example", "https://b.example"]
    );
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn case_16_a_kid_is_only_compared() {
    let (_, public) = jwk("a");
    let server = StandIn::start(move |_| ok(&json!({ "keys": [public] }))).await;
    let trap = StandIn::start(|_| ok(&json!({ "keys": [] }))).await;
    let (sets, source) = (key_sets(), source(&server));
    let long = "k".repeat(1 << 20);
    for kid in ["../../../../etc/passwd", "' OR 1=1 --", &trap.url("/jwks"), &long, "", "\0"] {
        assert!(!sets.keys(&source, Some(kid), NOW).await.unwrap().has(kid));
    }
    assert_eq!((server.requests(), trap.requests()), (1, 0));
}

#[tokio::test]
async fn case_17_keys_that_a_token_points_to_are_not_asked_for() {
    let ((_, public), (intruder, intruders)) = (jwk("a"), jwk("a"));
    let server = StandIn::start(move |_| ok(&json!({ "keys": [public] }))).await;
    let published = json!({ "keys": [intruders] });
    let trap = StandIn::start(move |_| ok(&published)).await;
    let keys = key_sets().keys(&source(&server), Some("a"), NOW).await.unwrap();
    for more in ["jku", "x5u"] {
        let mut header = json!({ "alg": "EdDSA", "kid": "a" });
        header[more] = json!(trap.url("/jwks"));
        let fault = check(&token(&intruder, &header, "https://ci.example"), &keys, "https://ci.example");
        assert_eq!(fault, Err(JwtFault::Signature), "{more}");
    }
    assert_eq!(trap.requests(), 0);
}
