//! Microseconds a signature, one thread: the part of a token that no server can save.

use std::time::Instant;

use writ_oauth::jose::{Alg, SigningKey};

/// How long each algorithm is measured, in seconds.
const SECONDS: f64 = 1.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // What is signed: header and claims of an access token in base64url.
    let message = [b'x'; 420];
    for alg in [Alg::RS256, Alg::ES256, Alg::EdDSA] {
        let (key, _) = SigningKey::generate(alg)?;
        let mut signatures = 0_u32;
        let started = Instant::now();
        while started.elapsed().as_secs_f64() < SECONDS {
            key.sign(&message)?;
            signatures += 1;
        }
        println!("{alg} {:.2}", started.elapsed().as_secs_f64() * 1e6 / f64::from(signatures));
    }
    Ok(())
}
