//! Attacks through keys and key sets. The numbers are those of the project's security cases.

use std::time::{Duration, Instant};

use writ_oauth::jose::{
    Alg, Jwk, JwtFault, KeyFault, MAX_SET_BYTES, MAX_SET_KEYS, UnverifiedJwt, VerifyingKey,
    parse_jwk_set,
};

use super::fixture::{EXPECT, asymmetric, b64, check, hmac_token, pair, with_header};

const RSA_PEM: &str = include_str!("keys/rsa2048.pem");

#[test]
fn case_14_a_key_is_used_with_its_own_algorithm_only() {
    for held in asymmetric() {
        let jwk = pair(held).signing.public_jwk();
        for asked in Alg::ALL.into_iter().filter(|alg| *alg != held) {
            let made = VerifyingKey::from_jwk(jwk, asked);
            assert_eq!(
                made.unwrap_err(),
                KeyFault::AlgMismatch,
                "{held} as {asked}"
            );
        }
    }
    let p384 = include_str!("keys/p384.pem");
    for asked in [Alg::ES256, Alg::ES512, Alg::RS256, Alg::EdDSA, Alg::HS256] {
        let made = VerifyingKey::from_spki_pem(p384, asked);
        assert_eq!(made.unwrap_err(), KeyFault::AlgMismatch, "{asked}");
    }
}

#[test]
fn case_15_text_that_is_no_pem_key_is_refused_and_no_hmac_secret() {
    for (what, pem) in [
        ("BOM", format!("\u{feff}{RSA_PEM}")),
        ("leading blank", format!(" {RSA_PEM}")),
        ("leading tab", format!("\t{RSA_PEM}")),
        ("two keys", format!("{RSA_PEM}{RSA_PEM}")),
        ("other label", RSA_PEM.replace("PUBLIC KEY", "PRIVATE KEY")),
        ("no end", RSA_PEM.replace("-----END PUBLIC KEY-----", "")),
        ("a secret", "correct horse battery staple".repeat(4)),
        ("nothing", String::new()),
    ] {
        for alg in Alg::ALL {
            let made = VerifyingKey::from_spki_pem(&pem, alg);
            assert_eq!(made.unwrap_err(), KeyFault::Pem, "{what} as {alg}");
        }
    }
    // Blank lines and remarks before the section are part of the format.
    VerifyingKey::from_spki_pem(&format!("\n\r\nkey of c1\n{RSA_PEM}\n"), Alg::RS256).unwrap();
}

#[test]
fn case_13_a_public_key_is_no_hmac_secret() {
    let der = aws_lc_der(RSA_PEM);
    let key = VerifyingKey::from_spki_der(&der, Alg::RS256).unwrap();
    for secret in [RSA_PEM.as_bytes(), RSA_PEM.trim_end().as_bytes(), &der] {
        for alg in [Alg::HS256, Alg::HS384, Alg::HS512] {
            let forged = hmac_token(alg, secret);
            let refused = check(&forged, &[&key], &EXPECT).unwrap_err();
            assert_eq!(refused, JwtFault::NoKeyForAlg, "{alg}");
        }
    }
}

fn aws_lc_der(pem: &str) -> Vec<u8> {
    use rustls_pki_types::pem::PemObject as _;
    rustls_pki_types::SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes())
        .unwrap()
        .to_vec()
}

#[test]
fn keys_outside_the_supported_forms_are_refused() {
    for (what, pem, fault) in [
        (
            "RSA 1024",
            include_str!("keys/refused-rsa1024.pem"),
            KeyFault::RsaSize,
        ),
        (
            "RSA-PSS",
            include_str!("keys/refused-rsa-pss.pem"),
            KeyFault::Spki,
        ),
        (
            "secp256k1",
            include_str!("keys/refused-secp256k1.pem"),
            KeyFault::Spki,
        ),
        (
            "compressed",
            include_str!("keys/refused-p256-compressed.pem"),
            KeyFault::Spki,
        ),
    ] {
        assert_eq!(Jwk::from_spki_pem(pem), Err(fault), "{what}");
    }
    let p256 = aws_lc_der(include_str!("keys/p256.pem"));
    let longer = [p256.as_slice(), &[0]].concat();
    for not_spki in [&[][..], &[4; 65], &[7; 32], &longer, &p256[..90]] {
        assert_eq!(Jwk::from_spki_der(not_spki), Err(KeyFault::Spki));
    }
}

/// Every bit of a DER key: refused, or another key; never a panic and never the same key.
#[test]
fn a_changed_der_key_is_not_the_same_key() {
    for pem in [
        RSA_PEM,
        include_str!("keys/p521.pem"),
        include_str!("keys/ed25519.pem"),
    ] {
        let der = aws_lc_der(pem);
        let whole = Jwk::from_spki_der(&der).unwrap();
        for bit in 0..der.len() * 8 {
            let mut changed = der.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            if let Ok(other) = Jwk::from_spki_der(&changed) {
                assert_ne!(other.thumbprint(), whole.thumbprint(), "bit {bit}");
            }
        }
    }
}

/// Far above what the refusals take, far below what doing the work would.
fn quickly<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = run();
    assert!(start.elapsed() < Duration::from_secs(2), "{what}");
    result
}

#[test]
fn case_81_an_rsa_key_of_16384_bits_is_refused_quickly() {
    let jwk = format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, b64([0xff; 2048]));
    let refused = quickly("one key", || Jwk::parse(jwk.as_bytes()));
    assert_eq!(refused, Err(KeyFault::RsaSize));
    // As many as fit into a set.
    let set = format!(r#"{{"keys":[{}]}}"#, vec![jwk; 80].join(","));
    let set = quickly("a set", || parse_jwk_set(set.as_bytes())).unwrap();
    assert_eq!((set.keys().len(), set.skipped().len()), (0, 80));
    // A huge exponent makes a small key as slow.
    let slow = format!(
        r#"{{"kty":"RSA","n":"{}","e":"{}"}}"#,
        b64([0xff; 256]),
        b64([0xff; 256])
    );
    assert_eq!(Jwk::parse(slow.as_bytes()), Err(KeyFault::RsaExponent));
}

#[test]
fn case_81_a_set_of_10_000_keys_is_refused_quickly() {
    let set = |entry: &str, count: usize| {
        let set = format!(r#"{{"keys":[{}]}}"#, vec![entry; count].join(","));
        quickly("a set", || parse_jwk_set(set.as_bytes()))
    };
    let key = serde_json::to_string(pair(Alg::ES256).signing.public_jwk()).unwrap();
    assert!(key.len() * 10_000 > MAX_SET_BYTES);
    assert_eq!(set(&key, 10_000), Err(KeyFault::SetTooLarge));
    assert_eq!(set("{}", 10_000), Err(KeyFault::SetTooManyKeys));
    assert_eq!(set(&key, MAX_SET_KEYS + 1), Err(KeyFault::SetTooManyKeys));
    assert_eq!(set(&key, MAX_SET_KEYS).unwrap().keys().len(), MAX_SET_KEYS);
}

#[test]
fn case_81_many_keys_of_one_id_do_not_make_a_token_expensive() {
    let jwk = pair(Alg::ES256).signing.public_jwk().clone().with_kid("k");
    let keys: Vec<_> = (0..9)
        .map(|_| VerifyingKey::from_jwk(&jwk, Alg::ES256).unwrap())
        .collect();
    let keys: Vec<&VerifyingKey> = keys.iter().collect();
    let jwt = with_header(r#","kid":"k""#);
    check(&jwt, &keys[..8], &EXPECT).unwrap();
    let refused = check(&jwt, &keys, &EXPECT).unwrap_err();
    assert_eq!(refused, JwtFault::TooManyCandidateKeys);
}

#[test]
fn case_81_password_based_encryption_headers_are_refused_quickly() {
    let header = b64(r#"{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2c":2147483647,"p2s":"AA"}"#);
    let five = format!("{header}.AA.AA.AA.AA");
    let refused = quickly("JWE", || UnverifiedJwt::parse(&five).unwrap_err());
    assert_eq!(refused, JwtFault::NotThreeParts);
    let three = format!("{header}.{}.AA", b64("{}"));
    let refused = quickly("JWS", || UnverifiedJwt::parse(&three).unwrap_err());
    assert_eq!(refused, JwtFault::AlgUnknown);
}
