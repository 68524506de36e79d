//! Microseconds of CPU a signature and its verification, one thread: the part that no server can save.

use writ_oauth::jose::{Alg, SigningKey, VerifyingKey};

use crate::cpu::micros;

pub(crate) fn rates() -> anyhow::Result<()> {
    // What is signed: header and claims of an access token in base64url.
    let message = [b'x'; 420];
    for alg in [Alg::RS256, Alg::ES256, Alg::EdDSA] {
        let (key, _) = SigningKey::generate(alg)?;
        let verifying = VerifyingKey::from_jwk(key.public_jwk(), alg)?;
        let signature = key.sign(&message)?;
        let sign = micros(|| key.sign(&message).is_ok())?;
        let verify = micros(|| verifying.verifies(&message, &signature))?;
        println!("{alg} {sign:.2} {verify:.2}");
    }
    Ok(())
}
