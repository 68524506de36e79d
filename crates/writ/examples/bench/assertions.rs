//! Assertions as a client signs them, each to be used once.

use std::io::Write;
use std::thread;

use anyhow::Context;

use serde_json::json;
use writ_core::clock::Clock;
use writ_oauth::jose::{Alg, JwtSigner, SigningKey};

/// For how long they are good, in seconds: within the 30 minutes that a client's policy allows.
const LIFETIME: i64 = 1_700;

/// Prints the public key of a new client as a JWK, then so many assertions, each on a line.
pub(crate) fn print(alg: &str, client_id: &str, audience: &str, count: usize) -> anyhow::Result<()> {
    let alg = Alg::from_name(alg).context("not an algorithm")?;
    let (key, _) = SigningKey::generate(alg)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", json!(key.public_jwk()))?;
    let signer = JwtSigner::new(key.into(), "JWT")?;
    let now = Clock::system().now();
    let claims = |n: usize| {
        json!({
            "iss": client_id, "sub": client_id, "aud": audience,
            "jti": format!("assertion-{n:08}"), "iat": now, "exp": now + LIFETIME,
        })
    };
    let sign = |some: std::ops::Range<usize>| some.map(|n| signer.sign(&claims(n))).collect::<Result<Vec<_>, _>>();
    // Both cores: a signature by an RSA key takes as long as half a hundred others.
    let (first, second) = thread::scope(|scope| {
        let second = scope.spawn(|| sign(count / 2..count));
        (sign(0..count / 2), second.join())
    });
    let second = second.map_err(|_| anyhow::anyhow!("a thread ended early"))?;
    for assertion in first?.iter().chain(&second?) {
        writeln!(out, "{assertion}")?;
    }
    Ok(())
}
