//! The keys of one source, made ready.

use crate::jose::{KeyFault, VerifyingKey, parse_jwk_set};

/// Public keys, parsed once for each algorithm that they are good for.
#[derive(Debug, Default)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
    usable: usize,
    skipped: usize,
}

impl KeySet {
    /// Reads a JWK set.
    ///
    /// Keys for encryption, of unknown kinds and of unreasonable sizes are passed over. A set with a private or a
    /// symmetric key is refused whole.
    pub fn parse(json: &[u8]) -> Result<Self, KeyFault> {
        let set = parse_jwk_set(json)?;
        let mut made = Self { skipped: set.skipped().len(), ..Self::default() };
        for jwk in set.keys() {
            let before = made.keys.len();
            made.keys.extend(jwk.algs().filter_map(|alg| VerifyingKey::from_jwk(jwk, alg).ok()));
            let is_usable = made.keys.len() > before;
            made.usable += usize::from(is_usable);
            made.skipped += usize::from(!is_usable);
        }
        Ok(made)
    }

    /// The keys: an RSA key that names no algorithm is there once for each of six.
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.keys
    }

    /// Whether a key has this id.
    pub fn has(&self, kid: &str) -> bool {
        self.keys.iter().any(|key| key.kid() == Some(kid))
    }

    /// How many keys of the set are usable.
    pub fn usable(&self) -> usize {
        self.usable
    }

    /// How many keys of the set were passed over.
    pub fn skipped(&self) -> usize {
        self.skipped
    }
}
