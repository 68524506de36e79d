//! Clients, ready to authenticate and to be permitted things: small, because tens of thousands are kept in memory.

use std::sync::atomic::AtomicI64;

use jiff::Timestamp;
use writ_oauth::client_auth::AuthMethod;
use writ_oauth::permission::Grants;
use writ_oauth::secret::SecretDigest;
use writ_oauth::token::CredentialTag;

use crate::document::{DefaultScopes, Lifetime, Permissions, Status, UnmetScopes};
use crate::grant::Grant;
use crate::keyring::Keyring;
use crate::store::{StoredClient, StoredCutoff, StoredSecret};

/// One caller identity.
pub struct Client {
    /// Its public identifier.
    pub client_id: Box<str>,
    /// Whether it may be used.
    pub enabled: bool,
    /// Whether its application may be used.
    pub application_enabled: bool,
    /// The grants it may use.
    pub grants: Box<[Grant]>,
    /// The ways it may authenticate.
    pub auth_methods: Box<[AuthMethod]>,
    /// The issuers it may use; empty: all.
    pub issuers: Box<[Box<str>]>,
    /// The zones it may call from; empty: from anywhere.
    pub networks: Box<[Box<str>]>,
    /// How long its tokens live; absent: as the issuer says.
    pub lifetime: Option<Lifetime>,
    /// What it gets when it asks for nothing.
    pub default_scopes: DefaultScopes,
    /// What happens when something it asks for is not granted.
    pub unmet_scopes: UnmetScopes,
    /// Its secrets.
    pub(crate) secrets: Box<[ClientSecret]>,
    /// What it is granted, by audience.
    pub authorizations: Box<[(Box<str>, Grants)]>,
    /// What no longer holds of what was decided for it.
    pub(crate) cutoffs: Box<[Cutoff]>,
}

/// What was decided before a change sequence no longer holds.
pub(crate) struct Cutoff {
    /// Only what was decided for this audience; `None`: for any.
    pub(crate) audience: Option<Box<str>>,
    /// Only what was decided on the strength of this credential; `None`: of any.
    pub(crate) credential: Option<CredentialTag>,
    pub(crate) sequence: i64,
}

/// A client's secret, as it is compared.
pub(crate) struct ClientSecret {
    pub(crate) id: Box<str>,
    pub(crate) tag: CredentialTag,
    pub(crate) digest: SecretDigest,
    pub(crate) enabled: bool,
    pub(crate) not_before: Option<i64>,
    pub(crate) expires: Option<i64>,
    /// Seconds since the epoch, to the minute; 0: never.
    pub(crate) last_used: AtomicI64,
}

impl Client {
    pub(crate) fn new(stored: StoredClient, keyring: &Keyring) -> Self {
        let StoredClient { application, application_status, client, secrets, cutoffs } = stored;
        let boxed = |list: Vec<String>| list.into_iter().map(String::into_boxed_str).collect();
        Self {
            client_id: client.client_id.unwrap_or(application).into(),
            enabled: client.status == Status::Enabled,
            application_enabled: application_status == Status::Enabled,
            grants: client.grants.iter().filter_map(|name| Grant::from_name(name)).collect(),
            auth_methods: client.auth_methods.iter().filter_map(|name| AuthMethod::from_name(name)).collect(),
            issuers: boxed(client.issuers),
            networks: boxed(client.networks),
            lifetime: client.token.lifetime,
            default_scopes: client.default_scopes,
            unmet_scopes: client.unmet_scopes,
            secrets: secrets.into_iter().map(|secret| ClientSecret::new(secret, keyring)).collect(),
            cutoffs: cutoffs.into_iter().map(|cutoff| Cutoff::new(cutoff, keyring)).collect(),
            authorizations: client
                .authorizations
                .into_iter()
                .map(|authorization| (authorization.audience.into(), grants(authorization.permissions)))
                .collect(),
        }
    }

    /// What it is granted on a resource server; `None`: nothing was ever authorized there.
    pub fn grants_on(&self, audience: &str) -> Option<&Grants> {
        self.authorizations.iter().find(|(known, _)| **known == *audience).map(|(_, grants)| grants)
    }
}

fn grants(permissions: Permissions) -> Grants {
    match permissions {
        Permissions::All => Grants { whole: true, these: Box::default() },
        Permissions::These(list) => Grants { whole: false, these: list.into_iter().map(Into::into).collect() },
    }
}

impl Cutoff {
    fn new(stored: StoredCutoff, keyring: &Keyring) -> Self {
        let StoredCutoff { audience, credential, sequence } = stored;
        Self {
            audience: (!audience.is_empty()).then(|| audience.into()),
            credential: (!credential.is_empty()).then(|| keyring.tag(&credential)),
            sequence,
        }
    }
}

impl ClientSecret {
    fn new(stored: StoredSecret, keyring: &Keyring) -> Self {
        Self {
            tag: keyring.tag(&stored.id),
            id: stored.id.into(),
            digest: stored.digest,
            enabled: stored.status == Status::Enabled,
            not_before: stored.not_before.map(Timestamp::as_second),
            expires: stored.expires.map(Timestamp::as_second),
            last_used: AtomicI64::new(stored.last_used.unwrap_or(0)),
        }
    }
}
