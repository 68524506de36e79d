//! The master key and what is derived from it: one key for each purpose.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use writ_oauth::secret::{DigestKey, PlainSecret, SecretDigest};
use writ_oauth::token::{CredentialTag, TokenIdKey};
use zeroize::Zeroizing;

/// The key from which all others are derived: 32 random bytes, kept outside the database.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

/// Shows nothing of the key.
impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

impl MasterKey {
    /// A new random key.
    pub fn generate() -> Result<Self, KeyringFault> {
        crate::random::bytes().map(Zeroizing::new).map(Self).map_err(|_| KeyringFault::Randomness)
    }

    /// From its text: base64 of 32 bytes.
    pub fn from_text(text: &str) -> Result<Self, KeyringFault> {
        let bytes = STANDARD.decode(text.trim()).map(Zeroizing::new).map_err(|_| KeyringFault::NotAMasterKey)?;
        let bytes = bytes.as_slice().try_into().map_err(|_| KeyringFault::NotAMasterKey)?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// Its text, for the file it is kept in.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(self.0.as_slice()))
    }
}

/// Why a key could not be made or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringFault {
    /// The text is not a key.
    #[error("a master key is 32 bytes in base64, such as `openssl rand -base64 32` prints")]
    NotAMasterKey,
    /// The database was written under another master key.
    #[error("this master key is not the one that the database was made with")]
    WrongMasterKey,
    /// A sealed value does not open: it was changed, moved, or sealed under another key.
    #[error("a sealed value in the database does not open")]
    Seal,
    /// The system gave no randomness.
    #[error("the operating system gives no random bytes")]
    Randomness,
}

/// The derived keys.
pub struct Keyring {
    digest: DigestKey,
    token_id: TokenIdKey,
    seal: RandomizedNonceKey,
    check: [u8; 32],
    /// How many secrets were digested: what a request costs, where a clock would only guess.
    #[cfg(test)]
    pub(crate) digests: std::sync::atomic::AtomicUsize,
}

impl Keyring {
    /// Bytes of a nonce in front of each sealed value.
    const NONCE: usize = 12;

    /// Derives every key by HKDF-SHA-256, each under its own purpose.
    pub fn new(master: &MasterKey) -> Result<Self, KeyringFault> {
        let derive = |purpose: &str| derive(master, purpose);
        Ok(Self {
            digest: DigestKey::new(&*derive("writ client secret digest")?),
            token_id: TokenIdKey::new(&*derive("writ token id")?),
            seal: RandomizedNonceKey::new(&AES_256_GCM, derive("writ seal")?.as_slice())
                .map_err(|_| KeyringFault::Seal)?,
            check: *derive("writ master key check")?,
            #[cfg(test)]
            digests: std::sync::atomic::AtomicUsize::new(0),
        })
    }

    /// A value by which a database recognises its master key; says nothing about the key.
    pub fn check(&self) -> &[u8] {
        &self.check
    }

    /// The keyed digest of a client's secret.
    pub fn digest(&self, tenant: &str, client_id: &str, secret: &PlainSecret) -> SecretDigest {
        #[cfg(test)]
        self.digests.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.digest.digest(tenant, client_id, secret)
    }

    /// The key of token ids.
    pub fn token_id(&self) -> &TokenIdKey {
        &self.token_id
    }

    /// The tag by which a token id names a credential.
    pub fn tag(&self, credential_id: &str) -> CredentialTag {
        self.token_id.tag(credential_id)
    }

    /// Seals a value (AES-256-GCM); it opens only in the same context.
    pub fn seal(&self, context: &Context<'_>, value: &[u8]) -> Result<Vec<u8>, KeyringFault> {
        let mut sealed = Zeroizing::new(value.to_vec());
        let aad = Aad::from(context.bytes());
        let nonce = self.seal.seal_in_place_append_tag(aad, &mut *sealed).map_err(|_| KeyringFault::Seal)?;
        Ok([nonce.as_ref(), sealed.as_slice()].concat())
    }

    /// Opens a sealed value.
    pub fn open(&self, context: &Context<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyringFault> {
        let (nonce, body) = sealed.split_at_checked(Self::NONCE).ok_or(KeyringFault::Seal)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| KeyringFault::Seal)?;
        let mut body = Zeroizing::new(body.to_vec());
        let aad = Aad::from(context.bytes());
        let length = self.seal.open_in_place(nonce, aad, &mut body).map_err(|_| KeyringFault::Seal)?.len();
        body.truncate(length);
        Ok(body)
    }
}

impl Keyring {
    /// Opens a sealed secret.
    pub(crate) fn open_secret(&self, context: &Context<'_>, sealed: &[u8]) -> Result<PlainSecret, KeyringFault> {
        let value = self.open(context, sealed)?;
        let text = std::str::from_utf8(&value).map_err(|_| KeyringFault::Seal)?;
        Ok(PlainSecret::new(text.to_owned()))
    }
}

/// Where a sealed value belongs: what kind of thing, of which tenant and owner, under which id.
pub struct Context<'a>(pub [&'a str; 4]);

impl Context<'_> {
    fn bytes(&self) -> Vec<u8> {
        let Self(parts) = self;
        parts.iter().flat_map(|part| (part.len() as u64).to_be_bytes().into_iter().chain(part.bytes())).collect()
    }
}

fn derive(master: &MasterKey, purpose: &str) -> Result<Zeroizing<[u8; 32]>, KeyringFault> {
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"writ").extract(master.0.as_slice());
    let mut key = Zeroizing::new([0; 32]);
    prk.expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(key.as_mut_slice()))
        .map_err(|_| KeyringFault::Seal)?;
    Ok(key)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    fn ring() -> Keyring {
        Keyring::new(&MasterKey::from_text("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap()).unwrap()
    }

    #[test]
    fn a_sealed_value_opens_only_in_its_context_and_unchanged() {
        let ring = ring();
        let context = Context(["secret", "tenant", "client", "id"]);
        let sealed = ring.seal(&context, b"value").unwrap();
        assert_eq!(ring.open(&context, &sealed).unwrap().as_slice(), b"value");
        for other in [["secret", "tenant", "client", "other"], ["secret", "tenan", "tclient", "id"]] {
            assert_eq!(ring.open(&Context(other), &sealed).err(), Some(KeyringFault::Seal));
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(ring.open(&context, &changed).err(), Some(KeyringFault::Seal));
        }
        assert_eq!(ring.open(&context, b"short").err(), Some(KeyringFault::Seal));
    }

    #[test]
    fn only_32_bytes_are_a_master_key() {
        assert_eq!(MasterKey::from_text("c2hvcnQ=").err(), Some(KeyringFault::NotAMasterKey));
        let key = MasterKey::generate().unwrap();
        assert_eq!(MasterKey::from_text(&key.to_text()).unwrap().0, key.0);
    }
}
