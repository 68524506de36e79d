//! A second opinion on tokens and key sets: the library that resource servers in Rust use.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{JwkSet, ThumbprintHash};
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

use super::call::Call;
use super::server::Server;

/// The header and claims of a token that its issuer's published keys verify.
pub(crate) struct Jwt {
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

/// Verifies a token as a resource server would: key set from the issuer, signature, `iss`, `aud`.
///
/// Dates are left to the test: the library reads the system's clock, and the server has its own.
#[track_caller]
pub(crate) fn verify(server: &Server, jwks: &Call, token: &str, issuer: &str, audience: &str) -> Jwt {
    let set: JwkSet = serde_json::from_str(&server.public(jwks).ok().text).unwrap();
    let header = decode_header(token).unwrap();
    let jwk = set.find(header.kid.as_deref().unwrap()).unwrap();
    assert_eq!(jwk.thumbprint(ThumbprintHash::SHA256).unwrap(), header.kid.clone().unwrap());
    let mut validation = Validation::new(header.alg);
    validation.validate_exp = false;
    validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[audience]);
    let read = decode::<Value>(token, &DecodingKey::from_jwk(jwk).unwrap(), &validation).unwrap();
    assert_eq!(jwk.common.key_algorithm.unwrap().to_string(), format!("{:?}", header.alg));
    Jwt { header: part(token, 0), claims: read.claims }
}

/// A part of a token as it stands there, unverified.
#[track_caller]
pub(crate) fn part(token: &str, index: usize) -> Value {
    let parts: Vec<_> = token.split('.').collect();
    assert_eq!(parts.len(), 3, "a JWS has three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[index]).unwrap()).unwrap()
}
