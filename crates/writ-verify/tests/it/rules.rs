//! One rule at a time is broken.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use writ_oauth::jose::{HmacKey, SigningKey, sign_jwt, sign_jwt_with_secret};
use writ_verify::{
    Alg, BuildError, Callers, CertificateThumbprint, JwtFault, Presented, VerifiedToken, Verifier, VerifyError,
};

use crate::issuer::{AUDIENCE, ISSUER, NOW, Place, claims, claims_with, key, token};

async fn fault(verifier: &Verifier, token: &str) -> Option<VerifyError> {
    verifier.verify(token, NOW).await.err()
}

fn by_hand(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

#[tokio::test]
async fn a_good_token_says_what_stands_in_it() {
    let key = key();
    let verifier = Place::with(&[&key]).verifier();
    let good = verifier.verify(&token(&key, &claims()), NOW).await.unwrap();
    assert_eq!((good.client_id(), good.subject()), ("partner", Some("partner")));
    assert_eq!((good.scope(), good.id()), ("order:read order:*", "token-1"));
    assert_eq!((good.issued_at(), good.expires()), (NOW, NOW + 300));
    assert!(good.confirmation().is_none());
    assert!(good.allows("order:read") && good.allows("order:*") && !good.allows("order:write"));
    assert_eq!(format!("{good:?}"), format!("VerifiedToken {{ expires: {}, .. }}", NOW + 300));
}

#[tokio::test]
async fn each_claim_is_checked() {
    let key = key();
    let verifier = Place::with(&[&key]).verifier();
    for (other, expected) in [
        (json!({ "iss": "https://writ.example/oauth2/" }), JwtFault::Issuer),
        (json!({ "iss": null }), JwtFault::Issuer),
        (json!({ "aud": "https://orders.example/" }), JwtFault::Audience),
        (json!({ "aud": [AUDIENCE] }), JwtFault::AudienceForm),
        (json!({ "aud": null }), JwtFault::AudienceMissing),
        (json!({ "exp": NOW - 60 }), JwtFault::Expired),
        (json!({ "exp": null }), JwtFault::ExpMissing),
        (json!({ "nbf": NOW + 61 }), JwtFault::NotYetValid),
        (json!({ "iat": NOW + 61 }), JwtFault::IssuedInFuture),
        (json!({ "iat": null }), JwtFault::ClaimMissing),
        (json!({ "jti": null }), JwtFault::ClaimMissing),
        (json!({ "sub": null }), JwtFault::ClaimMissing),
        (json!({ "client_id": null }), JwtFault::ClaimMissing),
        (json!({ "client_id": 7 }), JwtFault::ClaimType),
        (json!({ "scope": ["order:read"] }), JwtFault::ClaimType),
    ] {
        let seen = fault(&verifier, &token(&key, &claims_with(&other))).await;
        assert_eq!(seen, Some(VerifyError::Jwt(expected)), "{other}");
        assert_eq!(seen.unwrap().status(), 401);
    }
    for edge in [json!({ "exp": NOW - 59 }), json!({ "nbf": NOW + 60 }), json!({ "scope": null })] {
        assert_eq!(fault(&verifier, &token(&key, &claims_with(&edge))).await, None, "{edge}");
    }
}

#[tokio::test]
async fn header_and_signature_are_checked() {
    let key = key();
    let place = Place::with(&[&key]);
    let verifier = place.verifier();
    let good = token(&key, &claims());
    let signature = good.rsplit_once('.').unwrap().1;
    let none = by_hand(&json!({ "alg": "none", "typ": "at+jwt" }), &claims(), "AA");
    let raised = by_hand(
        &json!({ "alg": "ES256", "typ": "at+jwt", "kid": key.kid() }),
        &claims_with(&json!({ "scope": "everything" })),
        signature,
    );
    // The public key as a secret: the confusion of RFC 8725 section 2.1.
    let secret = HmacKey::new(Alg::HS256, json!(key.public_jwk()).to_string().as_bytes()).unwrap();
    let (other_alg, _) = SigningKey::generate(Alg::ES384).unwrap();
    for (token, expected) in [
        (none, JwtFault::AlgNone),
        (by_hand(&json!({ "alg": "nOnE" }), &claims(), "AA"), JwtFault::AlgNone),
        (by_hand(&json!({ "alg": "ES256", "typ": "at+jwt" }), &claims(), ""), JwtFault::NotThreeParts),
        (sign_jwt_with_secret(&secret, "at+jwt", &claims()).unwrap(), JwtFault::NoKeyForAlg),
        (sign_jwt(&other_alg, "at+jwt", &claims()).unwrap(), JwtFault::NoKeyForAlg),
        (sign_jwt(&key, "JWT", &claims()).unwrap(), JwtFault::Typ),
        (sign_jwt(&crate::issuer::key(), "at+jwt", &claims()).unwrap(), JwtFault::KidUnknown),
        (raised, JwtFault::Signature),
        (format!("{good}x"), JwtFault::Signature),
        ("a".repeat(1_000_000), JwtFault::TooLong),
        (String::new(), JwtFault::NotThreeParts),
        ("a.b.c".into(), JwtFault::Base64),
    ] {
        let seen = fault(&verifier, &token).await;
        let signature_form = expected == JwtFault::Signature && seen == Some(JwtFault::Base64.into());
        assert!(seen == Some(expected.into()) || signature_form, "{seen:?} and not {expected:?}");
        assert!(token.is_empty() || !format!("{seen:?} {}", seen.as_ref().unwrap()).contains(&token));
    }
    assert_eq!(fault(&verifier, &good).await, None);
}

#[tokio::test]
async fn an_algorithm_that_is_not_configured_is_refused_whatever_is_published() {
    let (key, _) = SigningKey::generate(Alg::ES384).unwrap();
    let place = Place::with(&[&key]);
    let token = token(&key, &claims());
    assert_eq!(fault(&place.verifier(), &token).await, Some(JwtFault::NoKeyForAlg.into()));
    assert_eq!(place.asked(), 0, "nothing is fetched for it");
    let verifier = place.builder().audience(AUDIENCE).algorithms([Alg::ES384]).build().unwrap();
    assert_eq!(fault(&verifier, &token).await, None);
}

#[tokio::test]
async fn where_the_caller_is_the_audience_azp_says_whom_it_is_for() {
    let key = key();
    let place = Place::with(&[&key]);
    let says = |aud: &str, azp: &str| {
        let other = json!({ "aud": aud, "azp": azp, "sub": null, "client_id": null });
        sign_jwt(&key, "JWT", &claims_with(&other)).unwrap()
    };
    let any = place.builder().application("dashboard", Callers::Any).build().unwrap();
    let one = place.builder().application("dashboard", Callers::these(["ak-a"])).build().unwrap();
    let verified: VerifiedToken = one.verify(&says("ak-a", "dashboard"), NOW).await.unwrap();
    assert_eq!((verified.client_id(), verified.subject()), ("ak-a", None));
    assert_eq!(fault(&any, &says("ak-b", "dashboard")).await, None);
    assert_eq!(fault(&one, &says("ak-b", "dashboard")).await, Some(VerifyError::Caller));
    for verifier in [&any, &one] {
        assert_eq!(fault(verifier, &says("ak-a", "orders")).await, Some(VerifyError::Application));
        assert_eq!(fault(verifier, &token(&key, &claims())).await, Some(JwtFault::Typ.into()));
    }
    // The other layouts' verifiers take none of these.
    let plain = place.builder().plain_audience("ak-a").build().unwrap();
    assert_eq!(fault(&plain, &says("ak-a", "dashboard")).await, Some(JwtFault::ClaimMissing.into()));
}

#[tokio::test]
async fn case_42_a_bound_token_needs_its_certificate() {
    let key = key();
    let verifier = Place::with(&[&key]).verifier();
    let bound = |method: &str, value: &str| token(&key, &claims_with(&json!({ "cnf": { method: value } })));
    let thumbprint = CertificateThumbprint::new([7; 32]);
    let token = bound("x5t#S256", &thumbprint.to_string());
    let presented = |byte: u8| Presented { token: &token, certificate: Some(CertificateThumbprint::new([byte; 32])) };
    assert_eq!(verifier.verify(presented(7), NOW).await.unwrap().confirmation().unwrap().certificate, thumbprint);
    assert_eq!(verifier.verify(presented(8), NOW).await.err(), Some(VerifyError::CertificateMismatch));
    assert_eq!(fault(&verifier, &token).await, Some(VerifyError::CertificateMissing));
    assert_eq!(fault(&verifier, &bound("jkt", "abc")).await, Some(VerifyError::ConfirmationUnsupported));
}

#[test]
fn what_would_verify_nothing_or_too_much_is_not_built() {
    let place = Place::with(&[]);
    let cases = [
        (place.builder(), BuildError::Recipient),
        (place.builder().audience(""), BuildError::Recipient),
        (Verifier::builder("").audience(AUDIENCE), BuildError::Issuer),
        (Verifier::builder(ISSUER).audience(AUDIENCE), BuildError::Keys),
        (Verifier::builder(ISSUER).audience(AUDIENCE).jwks_uri("http://writ.example/jwks"), BuildError::JwksUri),
        (place.builder().audience(AUDIENCE).algorithms([]), BuildError::Algorithms),
        (place.builder().audience(AUDIENCE).algorithms([Alg::HS256]), BuildError::SymmetricAlgorithm),
        (place.builder().audience(AUDIENCE).leeway(301), BuildError::Leeway),
    ];
    for (builder, expected) in cases {
        assert_eq!(builder.build().err(), Some(expected));
    }
}
