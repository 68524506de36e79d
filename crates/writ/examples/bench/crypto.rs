//! Microseconds a signature and its verification, one thread: the part that no server can save.

use std::time::Instant;

use writ_oauth::jose::{Alg, SigningKey, VerifyingKey};

/// How long each operation is measured, in seconds.
const SECONDS: f64 = 0.5;

pub(crate) fn rates() -> anyhow::Result<()> {
    // What is signed: header and claims of an access token in base64url.
    let message = [b'x'; 420];
    for alg in [Alg::RS256, Alg::ES256, Alg::EdDSA] {
        let (key, _) = SigningKey::generate(alg)?;
        let verifying = VerifyingKey::from_jwk(key.public_jwk(), alg)?;
        let signature = key.sign(&message)?;
        let sign = micros(|| key.sign(&message).is_ok());
        let verify = micros(|| verifying.verifies(&message, &signature));
        println!("{alg} {sign:.2} {verify:.2}");
    }
    Ok(())
}

fn micros(operation: impl Fn() -> bool) -> f64 {
    let mut done = 0_u32;
    let started = Instant::now();
    while started.elapsed().as_secs_f64() < SECONDS {
        assert!(operation(), "a signature could not be made or verified");
        done += 1;
    }
    started.elapsed().as_secs_f64() * 1e6 / f64::from(done)
}
