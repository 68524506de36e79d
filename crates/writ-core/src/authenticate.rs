//! Authentication: which client is this, and by which credential.

use std::sync::Arc;

use writ_oauth::client_auth::{AuthMethod, Presented, PresentedSecret};
use writ_oauth::token::CredentialTag;
use writ_oauth::{Refusal, Refused};

use crate::Core;
use crate::client::{Client, ClientSecret};
use crate::tenant::Tenant;

/// A client that has proven itself. Only [`Core::authenticate`] makes one.
pub struct Authenticated {
    client: Arc<Client>,
    credential: CredentialTag,
    method: AuthMethod,
    subject: Option<String>,
    /// The change sequence under which all that is decided about it is decided, at the latest.
    sequence: i64,
}

impl Authenticated {
    /// The client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// By which method.
    pub fn method(&self) -> AuthMethod {
        self.method
    }

    /// The subject that the credential maps to, if it maps to one.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    pub(crate) fn credential(&self) -> CredentialTag {
        self.credential
    }

    pub(crate) fn sequence(&self) -> i64 {
        self.sequence
    }
}

impl Core {
    /// Authenticates what a request presented.
    ///
    /// What is said about a client (that it is disabled, that its secret has expired) is said only to someone who
    /// knows a secret of it; everyone else learns the same as about a client that does not exist.
    pub async fn authenticate(&self, tenant: &Tenant, presented: &Presented) -> Result<Authenticated, Refused> {
        let client_id = presented.client_id();
        if !self.directory.is_current(self.now()) {
            return Err(Refusal::ConfigurationStale.into());
        }
        // Taken before anything is read, so that no change that is not heeded counts as heeded: a revocation reaches
        // every token that was decided before it.
        let sequence = self.directory.sequence();
        let client = self.client(&tenant.name, client_id).await.map_err(|error| {
            tracing::warn!(%error, "a client could not be read");
            Refusal::StoreUnavailable
        })?;
        let Presented::Secret(method, secret) = presented;
        let proven = self.by_secret(tenant, client.as_ref(), *method, secret);
        let (client, credential) = proven.map_err(|refused| refused.of_client(client_id))?;
        Ok(Authenticated { client, credential, method: *method, subject: None, sequence })
    }

    fn by_secret(
        &self,
        tenant: &Tenant,
        client: Option<&Arc<Client>>,
        method: AuthMethod,
        presented: &PresentedSecret,
    ) -> Result<(Arc<Client>, CredentialTag), Refused> {
        // An unknown client costs what a wrong secret costs: the digests are made either way.
        let registered = client.map_or(&[][..], |client| &*client.secrets);
        let matching = self.matching_secret(tenant, registered, presented);
        let client = client.ok_or(Refusal::ClientUnknown)?;
        let secret = matching.ok_or(Refusal::SecretWrong)?;
        let now = self.now();
        secret.check(now)?;
        if !client.auth_methods.contains(&method) {
            return Err(Refused::about(Refusal::MethodNotRegistered, method.name()));
        }
        client.check()?;
        self.usage.note(&tenant.name, client, secret, now);
        Ok((Arc::clone(client), secret.tag))
    }

    /// The registered secret that a reading of the presented one is equal to. One hash a reading, however many
    /// secrets are registered; every comparison in constant time.
    fn matching_secret<'c>(
        &self,
        tenant: &Tenant,
        registered: &'c [ClientSecret],
        presented: &PresentedSecret,
    ) -> Option<&'c ClientSecret> {
        let mut matching = None;
        for reading in presented.candidates() {
            let digest = self.keyring.digest(&tenant.name, presented.client_id(), reading);
            let found = registered.iter().find(|secret| secret.digest.matches(&digest));
            matching = matching.or(found);
        }
        matching
    }
}

impl ClientSecret {
    fn check(&self, now: i64) -> Result<(), Refusal> {
        match self {
            Self { enabled: false, .. } => Err(Refusal::SecretDisabled),
            Self { expires: Some(at), .. } if *at <= now => Err(Refusal::SecretExpired),
            Self { not_before: Some(at), .. } if *at > now => Err(Refusal::SecretNotYetValid),
            Self { .. } => Ok(()),
        }
    }
}

impl Client {
    fn check(&self) -> Result<(), Refusal> {
        match self {
            Self { enabled: false, .. } => Err(Refusal::ClientDisabled),
            Self { application_enabled: false, .. } => Err(Refusal::ApplicationDisabled),
            Self { .. } => Ok(()),
        }
    }
}
