//! A secret shared by signer and verifier.

use std::fmt;

use aws_lc_rs::hmac;

use super::alg::Alg;
use super::fault::KeyFault;

/// A shared secret bound to one of HS256, HS384 and HS512.
pub struct HmacKey {
    alg: Alg,
    key: hmac::Key,
}

impl HmacKey {
    /// Takes a secret of at least 32, 48 or 64 octets.
    ///
    /// > A key of the same size as the hash output (for instance, 256 bits for "HS256") or larger
    /// > MUST be used with this algorithm.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7518#section-3.2>
    pub fn new(alg: Alg, secret: &[u8]) -> Result<Self, KeyFault> {
        let hash = match alg {
            Alg::HS256 => hmac::HMAC_SHA256,
            Alg::HS384 => hmac::HMAC_SHA384,
            Alg::HS512 => hmac::HMAC_SHA512,
            Alg::RS256
            | Alg::RS384
            | Alg::RS512
            | Alg::PS256
            | Alg::PS384
            | Alg::PS512
            | Alg::ES256
            | Alg::ES384
            | Alg::ES512
            | Alg::EdDSA => return Err(KeyFault::AlgMismatch),
        };
        if secret.len() < hash.tag_len() {
            return Err(KeyFault::SecretTooShort);
        }
        Ok(Self {
            alg,
            key: hmac::Key::new(hash, secret),
        })
    }

    /// The algorithm.
    pub const fn alg(&self) -> Alg {
        self.alg
    }

    pub(super) fn sign(&self, message: &[u8]) -> hmac::Tag {
        hmac::sign(&self.key, message)
    }

    /// In constant time.
    pub(super) fn verifies(&self, message: &[u8], tag: &[u8]) -> bool {
        hmac::verify(&self.key, message, tag).is_ok()
    }
}

/// Names the algorithm; shows no material.
impl fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HmacKey")
            .field("alg", &self.alg)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn case_21_a_short_secret_is_refused() {
        for (alg, least) in [(Alg::HS256, 32), (Alg::HS384, 48), (Alg::HS512, 64)] {
            let short = HmacKey::new(alg, &vec![7; least - 1]);
            assert_eq!(short.unwrap_err(), KeyFault::SecretTooShort, "{alg}");
            HmacKey::new(alg, &vec![7; least]).unwrap();
        }
    }

    #[test]
    fn only_hmac_algorithms_take_a_secret() {
        for alg in Alg::ALL {
            let made = HmacKey::new(alg, &[7; 64]);
            assert_eq!(made.is_ok(), alg.is_symmetric(), "{alg}");
        }
    }
}
