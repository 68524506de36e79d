//! What holds for every input.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use writ_oauth::jose::{
    Alg, Jwk, UnverifiedJwt, VerifyingKey, parse_jwk_set, parse_object, sign_jwt,
};

use super::fixture::{EXPECT, SECRET, asymmetric, b64, check, claims, hmac_token, pair};

/// Every bit of a whole token, one after the other: the header, the claims, the signature and the
/// dots between them.
#[test]
fn no_single_flipped_bit_of_a_token_verifies() {
    for alg in [Alg::EdDSA, Alg::ES256, Alg::RS256] {
        let pair = pair(alg);
        let jwt = sign_jwt(&pair.signing, "JWT", &claims(json!({}))).unwrap();
        assert_no_flip_verifies(&jwt, &pair.verifying);
    }
    let key = VerifyingKey::from_secret(SECRET, Alg::HS256).unwrap();
    assert_no_flip_verifies(&hmac_token(Alg::HS256, SECRET), &key);
}

fn assert_no_flip_verifies(jwt: &str, key: &VerifyingKey) {
    check(jwt, &[key], &EXPECT).unwrap();
    let mut tried = 0;
    for bit in 0..jwt.len() * 8 {
        let mut changed = jwt.as_bytes().to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        // A token is text; what is no text never arrives.
        if let Ok(changed) = String::from_utf8(changed) {
            assert!(check(&changed, &[key], &EXPECT).is_err(), "bit {bit}");
            tried += 1;
        }
    }
    assert_eq!(tried, jwt.len() * 7);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            members(inner).prop_map(Value::from),
        ]
    })
}

fn members(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let name = prop_oneof![
        prop::sample::select(vec![
            "alg", "kid", "typ", "cty", "crit", "iss", "sub", "aud", "exp", "nbf", "iat", "kty",
            "crv", "x", "y", "n", "e", "use", "key_ops", "keys",
        ])
        .prop_map(str::to_owned),
        ".{0,4}",
    ];
    prop::collection::vec((name, value), 0..6).prop_map(|list| list.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parsing_any_text_does_not_panic(text in any::<String>(), bytes in any::<Vec<u8>>()) {
        prop_assert!(UnverifiedJwt::parse(&text).is_err());
        prop_assert!(Jwk::from_spki_pem(&text).is_err());
        prop_assert!(Jwk::from_spki_der(&bytes).is_err());
        prop_assert!(parse_jwk_set(&bytes).is_err());
    }

    #[test]
    fn parsing_anything_in_the_form_of_a_token_does_not_panic(
        alg in prop::sample::select(Alg::ALL.to_vec()),
        mut header in members(any_json()),
        claims in members(any_json()),
        signature in prop::collection::vec(any::<u8>(), 1..140),
        named in any::<bool>(),
    ) {
        if named {
            header.insert("alg".into(), alg.name().into());
        }
        let jwt = format!(
            "{}.{}.{}",
            b64(Value::from(header).to_string()),
            b64(Value::from(claims).to_string()),
            b64(&signature),
        );
        let secret = VerifyingKey::from_secret(SECRET, Alg::HS256).unwrap();
        let mut keys: Vec<_> = asymmetric().map(|alg| &pair(alg).verifying).collect();
        keys.push(&secret);
        prop_assert!(check(&jwt, &keys, &EXPECT).is_err());
    }

    #[test]
    fn parsing_anything_in_the_form_of_a_key_set_does_not_panic(
        entries in prop::collection::vec(members(any_json()), 0..4),
    ) {
        let set = json!({ "keys": entries }).to_string();
        if let Ok(set) = parse_jwk_set(set.as_bytes()) {
            prop_assert_eq!(set.keys().len() + set.skipped().len(), entries.len());
        }
    }

    #[test]
    fn strict_json_agrees_with_serde_json_where_it_accepts(object in members(any_json())) {
        let text = Value::from(object).to_string();
        let loose: Map<String, Value> = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(parse_object(text.as_bytes()), Ok(loose));
    }

    #[test]
    fn any_claims_survive_signing(object in members(any_json())) {
        let key = &pair(Alg::EdDSA).signing;
        let jwt = sign_jwt(key, "JWT", &object).unwrap();
        let payload = jwt.split('.').nth(1).unwrap().to_owned();
        prop_assert_eq!(payload, b64(Value::from(object).to_string()));
    }
}
