//! Every token and key set against another implementation, in both directions.
//!
//! `jsonwebtoken` has no ES512; the RFC vector and the tokens made with OpenSSL stand in for it.

use jsonwebtoken::jwk::{JwkSet as PeerSet, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde_json::{Value, json};
use writ_oauth::jose::{Alg, JwkSet, VerifyingKey, sign_jwt};

use super::fixture::{
    AUDIENCE, EXPECT, ISSUER, SECRET, asymmetric, check, claims, hmac_token, pair,
};

fn peer_alg(alg: Alg) -> Option<Algorithm> {
    alg.name().parse().ok()
}

fn with_peer() -> Vec<(Alg, Algorithm)> {
    let known: Vec<_> = Alg::ALL
        .into_iter()
        .filter_map(|alg| Some((alg, peer_alg(alg)?)))
        .collect();
    assert_eq!(known.len(), Alg::ALL.len() - 1, "all but ES512");
    known
}

/// The peer reads the system's clock: dates are left to Writ's own tests.
fn peer_accepts(jwt: &str, key: &DecodingKey, alg: Algorithm) -> Value {
    let mut validation = Validation::new(alg);
    validation.validate_exp = false;
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[ISSUER]);
    decode::<Value>(jwt, key, &validation).unwrap().claims
}

#[test]
fn the_peer_accepts_what_writ_signs_with_the_set_writ_publishes() {
    let set: JwkSet = asymmetric()
        .filter(|alg| *alg != Alg::ES512)
        .map(|alg| pair(alg).signing.public_jwk().clone())
        .collect();
    let set: PeerSet = serde_json::from_value(serde_json::to_value(&set).unwrap()).unwrap();
    for (alg, peer) in with_peer() {
        let expected = claims(json!({"scope": "a"}));
        if alg.is_symmetric() {
            let jwt = hmac_token(alg, SECRET);
            let read = peer_accepts(&jwt, &DecodingKey::from_secret(SECRET), peer);
            assert_eq!(read, claims(json!({})), "{alg}");
        } else {
            let key = &pair(alg).signing;
            let jwt = sign_jwt(key, "JWT", &expected).unwrap();
            let jwk = set
                .keys
                .iter()
                .find(|jwk| {
                    jwk.common.key_id.as_deref() == Some(key.kid())
                        && jwk.common.key_algorithm.map(|a| a.to_string())
                            == Some(alg.name().to_owned())
                })
                .unwrap();
            let read = peer_accepts(&jwt, &DecodingKey::from_jwk(jwk).unwrap(), peer);
            assert_eq!(read, expected, "{alg}");
            assert_eq!(
                jwk.thumbprint(ThumbprintHash::SHA256).unwrap(),
                key.kid(),
                "{alg}"
            );
        }
    }
}

#[test]
fn writ_accepts_what_the_peer_signs() {
    for (alg, peer) in with_peer() {
        let (encoding, verifying) = if alg.is_symmetric() {
            let key = VerifyingKey::from_secret(SECRET, alg).unwrap();
            (EncodingKey::from_secret(SECRET), key)
        } else {
            let pair = pair(alg);
            let encoding = match alg.kty() {
                // The peer wants the PKCS#1 key, which in PKCS#8 follows 26 octets of wrapping.
                "RSA" => EncodingKey::from_rsa_der(&pair.pkcs8[26..]),
                "EC" => EncodingKey::from_ec_der(&pair.pkcs8),
                _ => EncodingKey::from_ed_der(&pair.pkcs8),
            };
            let key = VerifyingKey::from_jwk(pair.signing.public_jwk(), alg).unwrap();
            (encoding, key)
        };
        let expected = claims(json!({"nested": {"list": [1, 2.5, null, "é"]}}));
        let jwt = encode(&Header::new(peer), &expected, &encoding).unwrap();
        let read = check(&jwt, &[&verifying], &EXPECT).unwrap();
        assert_eq!(
            Value::Object(read.into_inner().into_members()),
            expected,
            "{alg}"
        );
    }
}

/// Keys and tokens made by OpenSSL 3: the PEM is read, and verifies the token beside it.
#[test]
fn openssl_keys_and_tokens_are_accepted() {
    for (alg, pem, jwt) in [
        (
            Alg::ES256,
            include_str!("keys/p256.pem"),
            include_str!("keys/p256.jwt"),
        ),
        (
            Alg::ES384,
            include_str!("keys/p384.pem"),
            include_str!("keys/p384.jwt"),
        ),
        (
            Alg::ES512,
            include_str!("keys/p521.pem"),
            include_str!("keys/p521.jwt"),
        ),
        (
            Alg::EdDSA,
            include_str!("keys/ed25519.pem"),
            include_str!("keys/ed25519.jwt"),
        ),
        (
            Alg::RS256,
            include_str!("keys/rsa2048.pem"),
            include_str!("keys/rsa2048.jwt"),
        ),
    ] {
        let key = VerifyingKey::from_spki_pem(pem, alg).unwrap();
        let verified = check(jwt.trim_end(), &[&key], &EXPECT).unwrap();
        assert_eq!(verified.sub(), Some("c1"), "{alg}");
    }
}
