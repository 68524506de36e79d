//! Secrets in memory: values that are never printed, compared or serialized by accident.

use aws_lc_rs::hmac;
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// The unreserved characters of RFC 3986: the same in every encoding that clients use for Basic.
/// <https://www.rfc-editor.org/rfc/rfc3986#section-2.3>
const UNRESERVED: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A client secret in clear. No `Debug`, no `Display`, no `Serialize`, no `==`; wiped when dropped.
#[derive(Clone)]
pub struct PlainSecret(Zeroizing<String>);

impl PlainSecret {
    /// Characters in a generated secret: 40 of 6 bits each, and long enough to be an HS256 key.
    pub const GENERATED_LENGTH: usize = 40;
    /// The longest secret that may be registered or presented, in bytes.
    pub const MAX_LENGTH: usize = 512;

    /// Takes a value as it was presented or written in a document.
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// Makes a secret from random bytes, one character a byte: 239 bits in all.
    ///
    /// The first one is a letter: a secret that begins with `-` would be taken for a flag on a command line.
    pub fn from_random(random: &[u8; Self::GENERATED_LENGTH]) -> Self {
        let character = |(at, byte): (usize, &u8)| {
            let mask = if at == 0 { 31 } else { 63 };
            UNRESERVED.get(usize::from(byte & mask)).map_or('A', |byte| char::from(*byte))
        };
        Self::new(random.iter().enumerate().map(character).collect())
    }

    /// The value, for the one place that hands it to its owner, hashes or seals it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for PlainSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// The key under which client secrets are digested; derived from the master key, never stored.
pub struct DigestKey(hmac::Key);

/// What is stored and compared in place of a secret: HMAC-SHA-256 over tenant, client and secret.
///
/// Secrets are random with enough entropy, so a keyed hash is enough and a slow one would only serve an attacker
/// who wants to keep the server busy.
#[derive(Clone, Copy)]
pub struct SecretDigest([u8; 32]);

impl DigestKey {
    /// From 32 bytes of key material.
    pub fn new(material: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, material))
    }

    /// Digests a secret in the context of its owner, so that equal secrets of two clients do not look equal.
    pub fn digest(&self, tenant: &str, client_id: &str, secret: &PlainSecret) -> SecretDigest {
        let mut context = hmac::Context::with_key(&self.0);
        for part in [tenant, client_id, secret.expose()] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut digest = [0; 32];
        for (to, from) in digest.iter_mut().zip(context.sign().as_ref()) {
            *to = *from;
        }
        SecretDigest(digest)
    }
}

impl SecretDigest {
    /// From the stored bytes; `None` unless there are 32.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Compares in constant time.
    pub fn matches(&self, other: &Self) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> DigestKey {
        DigestKey::new(&[7; 32])
    }

    fn secret(value: &str) -> PlainSecret {
        PlainSecret::new(value.to_owned())
    }

    #[test]
    fn a_digest_depends_on_tenant_client_and_secret_and_their_borders() {
        let digest = key().digest("t", "client", &secret("secret"));
        assert!(digest.matches(&key().digest("t", "client", &secret("secret"))));
        for (tenant, client, value) in [("u", "client", "secret"), ("t", "clients", "ecret"), ("t", "client", "Secret")]
        {
            assert!(!digest.matches(&key().digest(tenant, client, &secret(value))));
        }
    }

    #[test]
    fn case_46_a_long_secret_is_not_truncated() {
        let long = "x".repeat(300);
        let digest = key().digest("t", "c", &secret(&format!("{long}a")));
        assert!(!digest.matches(&key().digest("t", "c", &secret(&format!("{long}b")))));
    }

    #[test]
    fn a_generated_secret_reads_the_same_in_every_basic_encoding() {
        let mut random = [0; PlainSecret::GENERATED_LENGTH];
        for (index, byte) in random.iter_mut().enumerate() {
            *byte = u8::try_from(index * 7 % 256).unwrap_or_default();
        }
        let made = PlainSecret::from_random(&random);
        assert_eq!(made.expose().len(), 40);
        assert!(PlainSecret::from_random(&[62; 40]).expose().starts_with('e'));
        assert!(made.expose().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    }
}
