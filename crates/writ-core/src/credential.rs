//! Credentials, ready to verify with.

use std::sync::OnceLock;
use std::sync::atomic::AtomicI64;

use jiff::Timestamp;
use writ_oauth::Refusal;
use writ_oauth::jose::{Alg, Jwk, VerifyingKey};
use writ_oauth::secret::{PlainSecret, SecretDigest};
use writ_oauth::token::CredentialTag;

use crate::document::{Assertions, CertificateIdentity, Federated, Status, Trust};
use crate::federated::Demands;
use crate::key_source::KeySource;
use crate::keyring::Keyring;
use crate::store::StoredCredential;

/// What every credential has, whatever its kind.
pub struct CredentialState {
    /// Its id within the client.
    pub id: Box<str>,
    /// By which tokens name it.
    pub tag: CredentialTag,
    pub(crate) enabled: bool,
    not_before: Option<i64>,
    expires: Option<i64>,
    /// Seconds since the epoch, to the minute; 0: never.
    pub(crate) last_used: AtomicI64,
}

impl CredentialState {
    pub(crate) fn new(stored: &StoredCredential, keyring: &Keyring) -> Self {
        Self {
            tag: keyring.tag(&stored.id),
            id: stored.id.as_str().into(),
            enabled: stored.status == Status::Enabled,
            not_before: stored.not_before.map(Timestamp::as_second),
            expires: stored.expires.map(Timestamp::as_second),
            last_used: AtomicI64::new(stored.last_used.unwrap_or(0)),
        }
    }

    /// Whether it may be used at `now`, in seconds since the epoch. To be asked of what has been proven only: the answer
    /// is for nobody else.
    pub fn check(&self, now: i64) -> Result<(), Refusal> {
        match self {
            Self { enabled: false, .. } => Err(Refusal::CredentialDisabled),
            Self { expires: Some(at), .. } if *at <= now => Err(Refusal::CredentialExpired),
            Self { not_before: Some(at), .. } if *at > now => Err(Refusal::CredentialNotYetValid),
            Self { .. } => Ok(()),
        }
    }
}

/// A client's secret, as it is compared.
pub struct ClientSecret {
    /// What every credential has.
    pub state: CredentialState,
    pub(crate) digest: SecretDigest,
    /// The value, where the client's assertions are verified with it.
    pub plain: Option<Box<PlainSecret>>,
}

/// What a client has beyond secrets.
#[derive(Default)]
pub(crate) struct Proofs {
    pub(crate) public_keys: Box<[ClientKey]>,
    pub(crate) key_sets: Box<[ClientKeySet]>,
    pub(crate) federated: Box<[FederatedCredential]>,
    pub(crate) certificates: Box<[ClientCertificate]>,
    pub(crate) assertions: Assertions,
}

/// A registered public key.
pub struct ClientKey {
    /// What every credential has.
    pub state: CredentialState,
    jwk: Jwk,
    /// The key for each algorithm it may be used with, parsed when it is first used: few clients use more than one.
    keys: Box<[(Alg, OnceLock<Option<VerifyingKey>>)]>,
}

impl ClientKey {
    pub(crate) fn new(state: CredentialState, jwk: Jwk, only: Option<Alg>) -> Self {
        let algs = jwk.algs().filter(|alg| only.is_none_or(|only| only == *alg));
        let keys = algs.map(|alg| (alg, OnceLock::new())).collect();
        Self { state, jwk, keys }
    }

    /// Whether it was registered with an id of its own.
    pub fn has_id(&self) -> bool {
        self.jwk.kid().is_some()
    }

    /// Whether a `kid` means this key: it is its id, or its thumbprint (RFC 7638).
    pub fn is_named(&self, kid: &str) -> bool {
        self.jwk.kid() == Some(kid) || self.jwk.thumbprint() == kid
    }

    /// The key for an algorithm, without its id, by which it was chosen already; `None`: it may not be used with it.
    pub fn verifying_key(&self, alg: Alg) -> Option<&VerifyingKey> {
        let (_, key) = self.keys.iter().find(|(known, _)| *known == alg)?;
        key.get_or_init(|| VerifyingKey::from_jwk(&self.jwk, alg).ok().map(VerifyingKey::without_kid)).as_ref()
    }
}

/// A key set that the client publishes.
pub struct ClientKeySet {
    /// What every credential has.
    pub state: CredentialState,
    /// Where it stands.
    pub(crate) source: KeySource,
}

/// A federated credential.
pub struct FederatedCredential {
    /// What every credential has.
    pub state: CredentialState,
    /// By which requests name it.
    pub name: Box<str>,
    /// The provider it rests on, and what that must say.
    pub federated: Federated,
    /// What that demands, compiled when it is first used: few credentials of many are in use.
    demands: OnceLock<Option<Demands>>,
}

impl FederatedCredential {
    pub(crate) fn new(state: CredentialState, name: Option<String>, federated: Federated) -> Self {
        Self { state, name: name.unwrap_or_default().into(), federated, demands: OnceLock::new() }
    }

    /// What it demands of what its provider says; a provider's type is immutable. `None`: what is stored could not have
    /// been written.
    pub(crate) fn demands(&self, trust: &Trust) -> Option<&Demands> {
        let compile = || {
            let compiled = Demands::compile(&self.federated, trust);
            let (path, message) = match compiled {
                Ok(demands) => return Some(demands),
                Err(fault) => fault,
            };
            tracing::error!(credential = %self.state.id, path, message, "a federated credential cannot be read");
            None
        };
        self.demands.get_or_init(compile).as_ref()
    }
}

/// A registered certificate.
pub struct ClientCertificate {
    /// What every credential has.
    pub state: CredentialState,
    /// What it is recognised by.
    pub identity: CertificateIdentity,
}
