//! What Writ signs, Writ accepts; under every algorithm and from every form of key.

use std::sync::Arc;

use serde_json::json;
use writ_oauth::jose::{
    Alg, Jwk, JwkSet, JwtSigner, KeyFault, SigningKey, VerifyingKey, parse_jwk_set, sign_jwt,
};

use super::fixture::{EXPECT, ISSUER, NOW, SECRET, asymmetric, check, claims, hmac_token, pair};

#[test]
fn every_algorithm_signs_and_verifies() {
    for alg in asymmetric() {
        let pair = pair(alg);
        let jwt = sign_jwt(&pair.signing, "JWT", &claims(json!({"scope": "a b"}))).unwrap();
        let verified = check(&jwt, &[&pair.verifying], &EXPECT).unwrap();
        assert_eq!(verified.iss(), Some(ISSUER), "{alg}");
        assert_eq!(verified.scope(), Ok(Some("a b")), "{alg}");
        assert_eq!(verified.exp(), Some(NOW + 60), "{alg}");
    }
    for alg in [Alg::HS256, Alg::HS384, Alg::HS512] {
        let key = VerifyingKey::from_secret(SECRET, alg).unwrap();
        check(&hmac_token(alg, SECRET), &[&key], &EXPECT).unwrap();
    }
}

#[test]
fn a_signer_writes_its_header_once_and_the_same() {
    let (key, _) = SigningKey::generate(Alg::EdDSA).unwrap();
    let key = Arc::new(key);
    let signer = JwtSigner::new(Arc::clone(&key), "at+jwt").unwrap();
    let claims = claims(json!({}));
    // EdDSA is deterministic.
    let jwt = signer.sign(&claims).unwrap();
    assert_eq!(jwt, sign_jwt(&key, "at+jwt", &claims).unwrap());
    let jwt = writ_oauth::jose::UnverifiedJwt::parse(&jwt).unwrap();
    assert_eq!((jwt.typ(), jwt.kid()), (Some("at+jwt"), Some(key.kid())));
}

#[test]
fn the_key_that_verified_is_named() {
    let [first, second] = [Alg::ES256, Alg::ES256].map(|alg| SigningKey::generate(alg).unwrap().0);
    let [a, b] =
        [&first, &second].map(|key| VerifyingKey::from_jwk(key.public_jwk(), Alg::ES256).unwrap());
    let keys = [&pair(Alg::RS256).verifying, &a, &b];
    for (key, index) in [(&first, 1), (&second, 2)] {
        let jwt = sign_jwt(key, "JWT", &claims(json!({}))).unwrap();
        assert_eq!(check(&jwt, &keys, &EXPECT).unwrap().key_index(), index);
    }
}

#[test]
fn a_published_set_verifies_what_its_keys_signed() {
    let set: JwkSet = asymmetric()
        .map(|alg| pair(alg).signing.public_jwk().clone())
        .collect();
    let read = parse_jwk_set(&serde_json::to_vec(&set).unwrap()).unwrap();
    assert_eq!(read, set);
    assert_eq!(read.keys().len(), 10);
    let keys = read.verifying_keys(&Alg::ALL).unwrap();
    let keys: Vec<&VerifyingKey> = keys.iter().collect();
    for alg in asymmetric() {
        let jwt = sign_jwt(&pair(alg).signing, "JWT", &claims(json!({}))).unwrap();
        check(&jwt, &keys, &EXPECT).unwrap();
    }
    assert_eq!(read.verifying_keys(&[Alg::ES256]).unwrap().len(), 1);
}

#[test]
fn an_rsa_key_without_alg_serves_the_algorithms_it_is_registered_for() {
    let bound = pair(Alg::RS256).signing.public_jwk();
    let mut json = serde_json::to_value(bound).unwrap();
    json.as_object_mut().unwrap().remove("alg");
    let free = Jwk::from_members(json.as_object().unwrap()).unwrap();
    assert_eq!(free.algs().count(), 6);
    let set: JwkSet = [free].into_iter().collect();
    assert_eq!(
        set.verifying_keys(&[Alg::PS256, Alg::PS512]).unwrap().len(),
        2
    );
}

#[test]
fn generated_rsa_keys_have_the_size_asked_for() {
    let (key, pkcs8) = SigningKey::generate_rsa(Alg::PS384, 3072).unwrap();
    assert_eq!(key.sign(b"m").unwrap().len(), 3072 / 8);
    let again = SigningKey::from_pkcs8(Alg::PS384, pkcs8.as_bytes()).unwrap();
    assert_eq!(again.kid(), key.kid());
    for bits in [0, 1024, 2047, 8192] {
        let refused = SigningKey::generate_rsa(Alg::RS256, bits).map(|_| ());
        assert_eq!(refused, Err(KeyFault::RsaSize));
    }
    let refused = SigningKey::generate_rsa(Alg::ES256, 2048).map(|_| ());
    assert_eq!(refused, Err(KeyFault::AlgMismatch));
    let refused = SigningKey::generate(Alg::HS256).map(|_| ());
    assert_eq!(refused, Err(KeyFault::NoKeyPair));
}

#[test]
fn a_private_key_fits_its_algorithm_only() {
    for (made_for, read_as) in [
        (Alg::ES256, Alg::ES384),
        (Alg::ES384, Alg::ES256),
        (Alg::ES256, Alg::RS256),
        (Alg::RS256, Alg::EdDSA),
        (Alg::EdDSA, Alg::ES256),
    ] {
        let read = SigningKey::from_pkcs8(read_as, &pair(made_for).pkcs8);
        assert_eq!(
            read.unwrap_err(),
            KeyFault::Pkcs8,
            "{made_for} as {read_as}"
        );
    }
    assert_eq!(
        SigningKey::from_pkcs8(Alg::RS256, b"").unwrap_err(),
        KeyFault::Pkcs8
    );
}

#[test]
fn key_types_show_no_material() {
    let pair = pair(Alg::ES256);
    let kid = pair.signing.kid();
    assert_eq!(
        format!("{:?}", pair.signing),
        format!("SigningKey {{ alg: ES256, kid: \"{kid}\", .. }}")
    );
    assert_eq!(
        format!("{:?}", pair.verifying),
        format!("VerifyingKey {{ alg: ES256, kid: Some(\"{kid}\"), .. }}")
    );
    let secret = VerifyingKey::from_secret(SECRET, Alg::HS256).unwrap();
    assert_eq!(
        format!("{secret:?}"),
        "VerifyingKey { alg: HS256, kid: None, .. }"
    );
}
