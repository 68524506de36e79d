//! Keys that somebody else wrote: sets and single keys in JSON, and keys in DER and PEM.

use serde_json::Value;
use writ_oauth::jose::{Alg, Jwk, MAX_SET_KEYS, VerifyingKey, parse_jwk_set};

pub(super) fn check(input: &[u8]) {
    if let Ok(set) = parse_jwk_set(input) {
        let plain: Value = serde_json::from_slice(input).expect("a set is JSON");
        let entries = plain["keys"].as_array().expect("a set has keys");
        assert!(entries.len() <= MAX_SET_KEYS);
        assert_eq!(set.keys().len() + set.skipped().len(), entries.len());
        assert!(!entries.iter().any(has_secret), "a secret was passed over");
        set.keys().iter().for_each(check_key);
        assert!(set.verifying_keys(&Alg::ALL).is_ok(), "one key spoils the others");
        // What is published of it is the same set, with nothing to pass over.
        let again = parse_jwk_set(&serde_json::to_vec(&set).unwrap()).expect("a set reads back");
        assert_eq!(again.keys(), set.keys());
        assert!(again.skipped().is_empty());
    }
    let pem = std::str::from_utf8(input).ok().and_then(|text| Jwk::from_spki_pem(text).ok());
    for key in [Jwk::parse(input).ok(), Jwk::from_spki_der(input).ok(), pem].into_iter().flatten() {
        check_key(&key);
    }
}

/// The members of private and symmetric keys: RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1.
fn has_secret(entry: &Value) -> bool {
    ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].iter().any(|name| entry.get(name).is_some())
}

fn check_key(key: &Jwk) {
    assert_eq!(Jwk::parse(&serde_json::to_vec(key).unwrap()).as_ref(), Ok(key));
    assert_eq!(key.thumbprint().len(), 43);
    assert_eq!(key.thumbprint(), key.clone().with_kid("other").thumbprint());
    let algs: Vec<Alg> = key.algs().collect();
    assert!(!algs.is_empty() && !algs.iter().any(|alg| alg.is_symmetric()));
    for alg in algs {
        let verifying = VerifyingKey::from_jwk(key, alg).expect("a key serves every algorithm that it permits");
        assert!(!verifying.verifies(b"message", &[0; 64]) && !verifying.verifies(b"message", &[1; 256]));
    }
}
