//! Keys of other issuers: fetched over real sockets of this machine, which the policy allows.

mod address;
mod bad_answer;
mod caching;
mod discovery;
mod stand_in;
mod tls;
mod token;

use std::sync::Arc;

use serde_json::{Value, json};
use writ_core::key_source::{FetchCause, FetchFault, KeySet, KeySets, KeySource};
use writ_core::outbound::{OutboundFault, OutboundPolicy};
use writ_oauth::jose::{Alg, SigningKey};

use self::stand_in::StandIn;

const ISSUER: &str = "https://ci.example";
const NOW: i64 = 1_800_000_000;

/// A set of no sources yet, which may reach this machine.
fn key_sets() -> KeySets {
    KeySets::new(OutboundPolicy { allowed: vec!["127.0.0.0/8".parse().unwrap()] })
}

/// The keys of `/jwks` at a server.
fn source(server: &StandIn) -> KeySource {
    KeySource::uri(ISSUER, &server.url("/jwks"), None).unwrap()
}

/// A key as its owner publishes it, under an id.
fn jwk(kid: &str) -> (SigningKey, Value) {
    let (key, _) = SigningKey::generate(Alg::EdDSA).unwrap();
    let mut jwk = serde_json::to_value(key.public_jwk()).unwrap();
    jwk["kid"] = json!(kid);
    (key, jwk)
}

/// A set of fresh keys with these ids.
fn set(kids: &[&str]) -> Value {
    json!({ "keys": kids.iter().map(|kid| jwk(kid).1).collect::<Vec<_>>() })
}

fn kids(keys: &KeySet) -> Vec<&str> {
    keys.keys().iter().filter_map(|key| key.kid()).collect()
}

/// Why there are no keys.
fn cause(answer: Result<Arc<KeySet>, FetchFault>) -> FetchCause {
    answer.unwrap_err().cause
}

fn outbound(answer: Result<Arc<KeySet>, FetchFault>) -> OutboundFault {
    let cause = cause(answer);
    let FetchCause::Outbound(fault) = cause else { panic!("{cause}") };
    fault
}
