//! Clients, ready to authenticate and to be permitted things: small, because tens of thousands are kept in memory.

use std::collections::HashMap;

use writ_oauth::client_auth::AuthMethod;
use writ_oauth::permission::Grants;
use writ_oauth::permission::resource::Rules;
use writ_oauth::secret::PlainSecret;
use writ_oauth::token::CredentialTag;

use crate::credential::{
    ClientCertificate, ClientKey, ClientKeySet, ClientSecret, CredentialState, FederatedCredential, Proofs,
};
use crate::document::{Assertions, DefaultScopes, Given, Lifetime, Permissions, Proof, Status, UnmetScopes};
use crate::grant::Grant;
use crate::keyring::{Context, Keyring, KeyringFault};
use crate::store::{StoreError, StoredClient, StoredCredential, StoredCutoff};

/// The policy of clients that have none of their own.
static ASSERTIONS: Assertions =
    Assertions { profile: crate::document::AssertionProfile::Compatible, algs: Vec::new(), max_lifetime: None };

/// One caller identity.
pub struct Client {
    /// Its public identifier.
    pub client_id: Box<str>,
    /// Its application.
    pub application: Box<str>,
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
    /// Whether its tokens are bound to the certificate of its connection (RFC 8705 section 3).
    pub certificate_bound: bool,
    /// Its secrets.
    pub(crate) secrets: Box<[ClientSecret]>,
    /// What it has beyond secrets: most clients have nothing of the kind.
    pub(crate) proofs: Option<Box<Proofs>>,
    /// What it is granted, by audience.
    pub authorizations: Box<[(Box<str>, Granted)]>,
    /// What no longer holds of what was decided for it.
    pub(crate) cutoffs: Box<[Cutoff]>,
}

/// What a client is granted on one resource server, in the words of its permission model.
pub enum Granted {
    /// Named permissions.
    Named(Grants),
    /// Rules about resources.
    Rules(Box<Rules>),
}

/// What was decided before a change sequence no longer holds.
pub(crate) struct Cutoff {
    /// Only what was decided for this audience; `None`: for any.
    pub(crate) audience: Option<Box<str>>,
    /// Only what was decided on the strength of this credential; `None`: of any.
    pub(crate) credential: Option<CredentialTag>,
    pub(crate) sequence: i64,
}

impl Client {
    pub(crate) fn new(tenant: &str, stored: StoredClient, keyring: &Keyring) -> Result<Self, StoreError> {
        let StoredClient { application, application_status, client, credentials, sealed, cutoffs } = stored;
        let client_id = client.client_id.unwrap_or_else(|| application.clone());
        let values = Values { keyring, tenant, client_id: &client_id, sealed };
        let (secrets, others): (Vec<_>, Vec<_>) = credentials.into_iter().partition(StoredCredential::is_secret);
        let secrets = secrets.into_iter().map(|stored| values.secret(&stored)).collect::<Result<_, _>>()?;
        let boxed = |list: Vec<String>| list.into_iter().map(String::into_boxed_str).collect();
        Ok(Self {
            enabled: client.status == Status::Enabled,
            application_enabled: application_status == Status::Enabled,
            grants: client.grants.iter().filter_map(|name| Grant::from_name(name)).collect(),
            auth_methods: client.auth_methods.iter().filter_map(|name| AuthMethod::from_name(name)).collect(),
            issuers: boxed(client.issuers),
            networks: boxed(client.networks),
            lifetime: client.token.lifetime,
            default_scopes: client.default_scopes,
            unmet_scopes: client.unmet_scopes,
            certificate_bound: client.token.certificate_bound,
            secrets,
            proofs: Proofs::new(&client_id, others, client.assertions, keyring)?,
            cutoffs: cutoffs.into_iter().map(|cutoff| Cutoff::new(cutoff, keyring)).collect(),
            authorizations: client
                .authorizations
                .into_iter()
                .map(|authorization| Ok((authorization.audience.into(), granted(authorization.given)?)))
                .collect::<Result<_, StoreError>>()?,
            client_id: client_id.into(),
            application: application.into(),
        })
    }

    /// Its secrets.
    pub fn secrets(&self) -> &[ClientSecret] {
        &self.secrets
    }

    /// Its public keys.
    pub fn public_keys(&self) -> &[ClientKey] {
        self.proofs.as_ref().map_or(&[], |proofs| &proofs.public_keys)
    }

    /// The key sets that it publishes.
    pub fn key_sets(&self) -> &[ClientKeySet] {
        self.proofs.as_ref().map_or(&[], |proofs| &proofs.key_sets)
    }

    /// Its federated credentials.
    pub fn federated(&self) -> &[FederatedCredential] {
        self.proofs.as_ref().map_or(&[], |proofs| &proofs.federated)
    }

    /// Its certificates.
    pub fn certificates(&self) -> &[ClientCertificate] {
        self.proofs.as_ref().map_or(&[], |proofs| &proofs.certificates)
    }

    /// What its assertions may be like.
    pub fn assertions(&self) -> &Assertions {
        self.proofs.as_ref().map_or(&ASSERTIONS, |proofs| &proofs.assertions)
    }

    /// Its credential that a tag names.
    pub(crate) fn credential(&self, tag: CredentialTag) -> Option<&CredentialState> {
        let secrets = self.secrets.iter().map(|secret| &secret.state);
        let keys = self.public_keys().iter().map(|key| &key.state);
        let sets = self.key_sets().iter().map(|set| &set.state);
        let federated = self.federated().iter().map(|federated| &federated.state);
        let certificates = self.certificates().iter().map(|certificate| &certificate.state);
        let mut states = secrets.chain(keys).chain(sets).chain(federated).chain(certificates);
        states.find(|state| state.tag == tag)
    }

    /// What it is granted on a resource server; `None`: nothing was ever authorized there.
    pub fn granted_on(&self, audience: &str) -> Option<&Granted> {
        self.authorizations.iter().find(|(known, _)| **known == *audience).map(|(_, granted)| granted)
    }
}

fn granted(given: Given) -> Result<Granted, StoreError> {
    Ok(match given {
        Given::Permissions(Permissions::All) => Granted::Named(Grants { whole: true, these: Box::default() }),
        Given::Permissions(Permissions::These(list)) => {
            Granted::Named(Grants { whole: false, these: list.into_iter().map(Into::into).collect() })
        }
        Given::Rules(rules) => {
            let unreadable = |(path, message)| StoreError::Unreadable(format!("authorization_rule.{path}: {message}"));
            let rules = rules.iter().map(|rule| rule.compile().map_err(unreadable)).collect::<Result<_, _>>()?;
            Granted::Rules(Box::new(Rules::new(rules)))
        }
    })
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

/// Where the values of a client's secrets come from.
struct Values<'a> {
    keyring: &'a Keyring,
    tenant: &'a str,
    client_id: &'a str,
    sealed: HashMap<String, Vec<u8>>,
}

impl Values<'_> {
    fn secret(&self, stored: &StoredCredential) -> Result<ClientSecret, StoreError> {
        let plain = self.sealed.get(&stored.id).map(|sealed| self.open(&stored.id, sealed)).transpose()?;
        let state = CredentialState::new(stored, self.keyring);
        Ok(ClientSecret { state, digest: stored.digest, plain: plain.map(Box::new) })
    }

    fn open(&self, id: &str, sealed: &[u8]) -> Result<PlainSecret, KeyringFault> {
        self.keyring.open_secret(&Context(["secret", self.tenant, self.client_id, id]), sealed)
    }
}

impl Proofs {
    /// `None` when there is nothing to keep.
    fn new(
        client_id: &str,
        stored: Vec<StoredCredential>,
        assertions: Assertions,
        keyring: &Keyring,
    ) -> Result<Option<Box<Self>>, StoreError> {
        if stored.is_empty() && assertions == ASSERTIONS {
            return Ok(None);
        }
        let (mut public_keys, mut key_sets) = (Vec::new(), Vec::new());
        let (mut federated, mut certificates) = (Vec::new(), Vec::new());
        for credential in stored {
            let state = CredentialState::new(&credential, keyring);
            match credential.proof {
                Proof::Secret(_) => {}
                Proof::PublicKey(key) => {
                    public_keys.push(ClientKey::new(state, key.key().map_err(unreadable)?, key.alg));
                }
                Proof::Jwks(set) => {
                    let source =
                        set.source(client_id).map_err(|fault| unreadable(("uri".into(), fault.to_string())))?;
                    key_sets.push(ClientKeySet { state, source });
                }
                Proof::Federated(of) => {
                    federated.push(FederatedCredential::new(state, credential.name, of));
                }
                Proof::Certificate(certificate) => {
                    let identity = certificate.identity().map_err(unreadable)?;
                    certificates.push(ClientCertificate { state, identity });
                }
            }
        }
        Ok(Some(Box::new(Self {
            public_keys: public_keys.into(),
            key_sets: key_sets.into(),
            federated: federated.into(),
            certificates: certificates.into(),
            assertions,
        })))
    }
}

fn unreadable((path, message): (String, String)) -> StoreError {
    StoreError::Unreadable(format!("credential.document: {path}: {message}"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use serde_json::{Value, json};
    use writ_oauth::jose::Alg;

    use super::*;
    use crate::Core;
    use crate::admin::Administrator;
    use crate::apply::Options;
    use crate::document::CertificateIdentity;
    use crate::tenant::OPERATOR;

    const RSA: &str = include_str!("../tests/it/pem/rsa.pub.pem");
    const CERTIFICATE: &str = include_str!("../tests/it/pem/first.crt.pem");

    async fn apply(core: &Core, documents: Value) {
        let documents = crate::document::list_from_json(documents).unwrap();
        let applied = core.apply(&Administrator::server(), OPERATOR, documents, Options::default()).await;
        applied.unwrap_or_else(|error| panic!("{error}"));
    }

    async fn with_every_kind(core: &Core) -> std::sync::Arc<Client> {
        let ca = json!({ "kind": "provider", "name": "ca", "type": "private_ca", "anchors": [CERTIFICATE] });
        let credentials = json!([
            { "kind": "secret", "name": "secret", "value": "a secret of some length" },
            { "kind": "public_key", "name": "any", "pem": RSA },
            { "kind": "public_key", "name": "one", "alg": "EdDSA",
              "jwk": { "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" } },
            { "kind": "jwks", "name": "set", "uri": "https://caller.example/jwks" },
            { "kind": "federated", "name": "fed", "provider": "ca", "condition": "Equals(cert.subject.CN, \"x\")", "status": "disabled" },
            { "kind": "certificate", "name": "own", "pem": CERTIFICATE },
            { "kind": "certificate", "name": "corp", "provider": "ca", "san_dns": "a.example" },
        ]);
        let clients = json!([{ "credentials": credentials, "assertions": { "profile": "strict" } }]);
        apply(core, json!([ca, { "kind": "application", "id": "caller", "clients": clients }])).await;
        core.client(OPERATOR, "caller").await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn every_kind_is_ready_to_verify_with() {
        let folder = tempfile::tempdir().unwrap();
        let core = crate::authenticate::tests::core(&folder).await;
        let client = with_every_kind(&core).await;
        let key = |alg: Alg| client.public_keys().iter().filter_map(move |key| key.verifying_key(alg)).count();
        assert_eq!([Alg::RS256, Alg::PS512, Alg::EdDSA, Alg::ES256].map(key), [1, 1, 1, 0]);
        assert_eq!(client.key_sets()[0].source.url().unwrap().as_str(), "https://caller.example/jwks");
        let federated = &client.federated()[0];
        assert_eq!((&*federated.name, &*federated.federated.provider), ("fed", "ca"));
        assert_eq!(federated.state.check(0), Err(writ_oauth::Refusal::CredentialDisabled));
        let mut names = client.certificates().iter().map(|certificate| &certificate.identity);
        assert!(names.clone().any(|identity| matches!(identity, CertificateIdentity::SelfSigned(_))));
        let dns = writ_oauth::x509::SubjectMatch::san_dns("a.example").unwrap();
        assert!(names.any(|known| *known == CertificateIdentity::Named { provider: "ca".into(), name: dns.clone() }));
        assert_eq!(client.assertions().longest(), 300);
        assert!(client.secrets()[0].plain.is_none(), "a secret that signs nothing is not opened");
    }

    #[test]
    fn named_grants_stay_as_small_as_they_were() {
        assert_eq!(size_of::<Granted>(), size_of::<Grants>());
    }

    #[tokio::test]
    async fn a_client_of_secrets_alone_stays_small() {
        let folder = tempfile::tempdir().unwrap();
        let core = crate::authenticate::tests::core(&folder).await;
        let credentials = json!([{ "kind": "secret", "value": "a secret of some length" }]);
        apply(&core, json!([{ "kind": "application", "id": "caller", "clients": [{ "credentials": credentials }] }]))
            .await;
        let client = core.client(OPERATOR, "caller").await.unwrap().unwrap();
        assert!(client.proofs.is_none());
        assert_eq!(*client.assertions(), Assertions::default());
    }

    #[tokio::test]
    async fn a_use_of_every_kind_is_noted() {
        let folder = tempfile::tempdir().unwrap();
        let core = crate::authenticate::tests::core(&folder).await;
        let client = with_every_kind(&core).await;
        let stored = core.store.credentials(OPERATOR, "caller").await.unwrap();
        assert_eq!(stored.len(), 7);
        for known in &stored {
            let state = client.credential(core.keyring.tag(&known.id)).unwrap();
            core.usage.note(OPERATOR, &client, state, 1_800_000_061);
        }
        core.flush_usage().await.unwrap();
        let stored = core.store.credentials(OPERATOR, "caller").await.unwrap();
        assert!(stored.iter().all(|known| known.last_used == Some(1_800_000_060)));
    }

    /// What a client whose assertions are signed with its secrets is given to verify them.
    #[tokio::test]
    async fn a_secret_that_signs_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let core = crate::authenticate::tests::core(&folder).await;
        with_every_kind(&core).await;
        let mut stored = core.store.client(OPERATOR, "caller").await.unwrap().unwrap();
        let secret = stored.credentials.iter().find(|known| known.is_secret()).unwrap().id.clone();
        let sealed = core.store.sealed_secret(OPERATOR, "caller", &secret).await.unwrap().unwrap();
        stored.sealed.insert(secret, sealed);
        let client = Client::new(OPERATOR, stored, &core.keyring).unwrap();
        assert_eq!(client.secrets()[0].plain.as_ref().unwrap().expose(), "a secret of some length");
    }
}
