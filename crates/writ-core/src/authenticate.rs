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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::atomic::Ordering;

    use serde_json::json;
    use tokio_util::sync::CancellationToken;
    use writ_oauth::form::Form;

    use super::*;
    use crate::Settings;
    use crate::admin::Administrator;
    use crate::clock::Clock;
    use crate::keyring::MasterKey;
    use crate::outbound::OutboundPolicy;
    use crate::store::Database;
    use crate::tenant::OPERATOR;

    async fn core(folder: &tempfile::TempDir) -> Arc<Core> {
        let settings = Settings {
            database: Database::Sqlite(folder.path().join("writ.db")),
            master_key: MasterKey::generate().unwrap(),
            root: "http://127.0.0.1".into(),
            dialects: &[],
            token_bytes: 8192,
            outbound: OutboundPolicy::default(),
            clock: Clock::system(),
        };
        let core = Arc::new(Core::open(settings).await.unwrap());
        let following = Arc::clone(&core);
        tokio::spawn(async move { following.follow(CancellationToken::new()).await });
        core
    }

    async fn add_client(core: &Core, id: &str, secrets: usize) {
        let secret = |number| json!({ "kind": "secret", "value": format!("the secret with number {number}") });
        let credentials: Vec<_> = (0..secrets).map(secret).collect();
        let document = json!({ "kind": "application", "id": id, "clients": [{ "credentials": credentials }] });
        let documents = crate::document::list_from_json(document).unwrap();
        core.apply(&Administrator::server(), OPERATOR, documents, crate::apply::Options::default()).await.unwrap();
    }

    /// How many digests a request makes, and what comes of it.
    async fn cost(core: &Core, headers: &[&str], body: &str) -> (usize, Option<Refusal>) {
        let snapshot = core.snapshot();
        let presented = Presented::read(headers, &Form::parse(body.as_bytes(), 9).unwrap()).unwrap();
        let before = core.keyring.digests.load(Ordering::Relaxed);
        let outcome = core.authenticate(snapshot.tenant(OPERATOR).unwrap(), &presented).await;
        let digests = core.keyring.digests.load(Ordering::Relaxed) - before;
        (digests, outcome.err().map(|refused| refused.refusal))
    }

    /// A digest is the one thing here that takes time. Digests are compared by [`SecretDigest::matches`], which is
    /// constant in time, and have no `==`.
    ///
    /// [`SecretDigest::matches`]: writ_oauth::secret::SecretDigest::matches
    #[tokio::test]
    async fn case_43_44_47_the_cost_is_that_of_what_is_presented_and_not_of_what_is_registered() {
        let folder = tempfile::tempdir().unwrap();
        let core = core(&folder).await;
        for (id, secrets) in [("none", 0), ("one", 1), ("fifty", 50)] {
            add_client(&core, id, secrets).await;
        }
        for (id, refusal) in [
            ("none", Refusal::SecretWrong),
            ("one", Refusal::SecretWrong),
            ("fifty", Refusal::SecretWrong),
            ("unknown", Refusal::ClientUnknown),
            ("not an id", Refusal::ClientUnknown),
        ] {
            let body = format!("client_id={id}&client_secret=wrong");
            assert_eq!(cost(&core, &[], &body).await, (1, Some(refusal)), "{id}");
        }
        for (id, number) in [("one", 0), ("fifty", 0), ("fifty", 49)] {
            let body = format!("client_id={id}&client_secret=the+secret+with+number+{number}");
            assert_eq!(cost(&core, &[], &body).await, (1, None), "{id}");
        }
        // Two readings of a Basic header: `unknown:a%20b` and `one:a%20b`.
        assert_eq!(cost(&core, &["Basic dW5rbm93bjphJTIwYg=="], "").await, (2, Some(Refusal::ClientUnknown)));
        assert_eq!(cost(&core, &["Basic b25lOmElMjBi"], "").await, (2, Some(Refusal::SecretWrong)));
    }
}
