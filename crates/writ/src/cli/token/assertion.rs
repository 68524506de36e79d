//! Assertions as a client makes them: one for each request.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use writ_core::clock::Clock;
use writ_oauth::jose::{Alg, HmacKey, SigningKey, sign_jwt, sign_jwt_with_secret};

use super::request::Credential;
use crate::cli::failure::Failure;

/// How long an assertion lives, in seconds: it is used at once.
const LIFETIME: i64 = 60;

/// The algorithms that are tried for a key: each kind of key fits one of them. Of those for RSA it is the one that every
/// server has.
const BY_KEY: [Alg; 5] = [Alg::ES256, Alg::ES384, Alg::ES512, Alg::EdDSA, Alg::RS256];

/// A JWT for a server, signed with the client's secret.
pub(super) fn by_secret(credential: &Credential, audience: &str, alg: Option<Alg>) -> Result<String, Failure> {
    let alg = alg.unwrap_or(Alg::HS256);
    let key = HmacKey::new(alg, credential.secret.expose().as_bytes())
        .map_err(|fault| Failure::usage(format!("the secret cannot sign by {alg}: {fault}")))?;
    sign_jwt_with_secret(&key, "JWT", &claims(&credential.client_id, audience)?).map_err(failed)
}

/// A JWT for a server, signed with the client's private key.
pub(super) fn by_key(client_id: &str, audience: &str, file: &Path, alg: Option<Alg>) -> Result<String, Failure> {
    let der = PrivatePkcs8KeyDer::from_pem_file(file).map_err(|error| {
        let advice = "it must be one PEM section `PRIVATE KEY`, not encrypted; \
                      `openssl pkcs8 -topk8 -nodes -in OLD -out NEW` makes one of other forms";
        Failure::new("unreadable", format!("no private key can be read from {}: {error}; {advice}", file.display()))
    })?;
    let key = |alg| SigningKey::from_pkcs8(alg, der.secret_pkcs8_der());
    let key = match alg {
        Some(alg) => key(alg).map_err(|fault| Failure::usage(format!("the key cannot sign by {alg}: {fault}")))?,
        None => BY_KEY.into_iter().find_map(|alg| key(alg).ok()).ok_or_else(|| {
            Failure::new("unreadable", format!("{} is no key of RSA, P-256, P-384, P-521 or Ed25519", file.display()))
        })?,
    };
    sign_jwt(&key, "JWT", &claims(client_id, audience)?).map_err(failed)
}

fn claims(client_id: &str, audience: &str) -> Result<Value, Failure> {
    let now = Clock::system().now();
    let jti: [u8; 16] = writ_core::random::bytes().map_err(failed)?;
    Ok(json!({
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": URL_SAFE_NO_PAD.encode(jti),
        "iat": now,
        "exp": now + LIFETIME,
    }))
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::new("failed", format!("the assertion could not be made: {error}"))
}
