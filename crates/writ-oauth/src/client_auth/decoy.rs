//! Keys of nobody, for assertions that there is no key to check with: a refusal then takes as long as one for a wrong
//! signature, and its time does not tell which clients exist or what keys they have.

use std::hint::black_box;
use std::sync::LazyLock;

use crate::jose::{Alg, UnverifiedJwt, VerifyingKey};

/// Public halves whose private halves were thrown away.
const RSA: &str = include_str!("decoy/rsa.pem");
const P256: &str = include_str!("decoy/p256.pem");
const P384: &str = include_str!("decoy/p384.pem");
const P521: &str = include_str!("decoy/p521.pem");
const ED25519: &str = include_str!("decoy/ed25519.pem");

/// One key for each algorithm.
static KEYS: LazyLock<Vec<VerifyingKey>> = LazyLock::new(|| Alg::ALL.into_iter().filter_map(key).collect());

/// Checks a signature with a key that cannot have made it.
pub(super) fn check(jwt: &UnverifiedJwt) {
    if let Some(key) = KEYS.iter().find(|key| key.alg() == jwt.header_alg()) {
        black_box(jwt.is_signed_by(key));
    }
}

/// Checks a signature that nobody made over a document that is no JWT: RSA, as every cloud signs.
pub fn check_document_in_vain(document: &[u8]) {
    if let Some(key) = KEYS.iter().find(|key| key.alg() == Alg::RS256) {
        // As long as the key, and below its modulus.
        black_box(key.verifies(document, &[1; 256]));
    }
}

fn key(alg: Alg) -> Option<VerifyingKey> {
    let pem = match alg {
        Alg::RS256 | Alg::RS384 | Alg::RS512 | Alg::PS256 | Alg::PS384 | Alg::PS512 => RSA,
        Alg::ES256 => P256,
        Alg::ES384 => P384,
        Alg::ES512 => P521,
        Alg::EdDSA => ED25519,
        // Only a length: whoever signs with it is refused as everybody else is.
        Alg::HS256 | Alg::HS384 | Alg::HS512 => return VerifyingKey::from_secret(&[0; 64], alg).ok(),
    };
    VerifyingKey::from_spki_pem(pem, alg).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_44_there_is_a_key_for_every_algorithm() {
        for alg in Alg::ALL {
            assert!(key(alg).is_some_and(|key| key.alg() == alg), "{alg}");
        }
    }
}
