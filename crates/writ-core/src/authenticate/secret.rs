//! Proof by a secret that is sent along: `client_secret_basic` and `client_secret_post`.

use std::sync::Arc;

use writ_oauth::client_auth::{AuthMethod, PresentedSecret};
use writ_oauth::{Refusal, Refused};

use super::Proven;
use crate::client::Client;
use crate::credential::ClientSecret;
use crate::tenant::Tenant;
use crate::{Core, Door};

impl Core {
    pub(super) async fn by_secret(
        &self,
        door: &Door,
        method: AuthMethod,
        presented: &PresentedSecret,
    ) -> Result<Proven, Refused> {
        let client = self.claimed(door, presented.client_id()).await?;
        let proven = self.prove_secret(&door.tenant, client.as_ref(), method, presented);
        proven.map_err(|refused| refused.of_client(presented.client_id()))
    }

    fn prove_secret(
        &self,
        tenant: &Tenant,
        client: Option<&Arc<Client>>,
        method: AuthMethod,
        presented: &PresentedSecret,
    ) -> Result<Proven, Refused> {
        // An unknown client costs what a wrong secret costs: the digests are made either way.
        let registered = client.map_or(&[][..], |client| &*client.secrets);
        let matching = self.matching_secret(tenant, registered, presented);
        let client = client.ok_or(Refusal::ClientUnknown)?;
        let secret = matching.ok_or(Refusal::SecretWrong)?;
        let now = self.now();
        secret.state.check(now)?;
        client.admits(method)?;
        self.usage.note(&tenant.name, client, &secret.state, now);
        let client = Arc::clone(client);
        Ok(Proven { client, credential: secret.state.tag, method, subject: None, spend: None })
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
pub(crate) mod tests {
    use std::sync::atomic::Ordering;

    use serde_json::json;
    use tokio_util::sync::CancellationToken;
    use writ_oauth::client_auth::{AssertionWords, Presented};
    use writ_oauth::form::Form;
    use writ_oauth::jose::Alg;
    use writ_oauth::token::ClaimsLayout;

    use super::*;
    use crate::Settings;
    use crate::admin::Administrator;
    use crate::clock::Clock;
    use crate::issuer::Dialect;
    use crate::keyring::MasterKey;
    use crate::outbound::OutboundPolicy;
    use crate::store::Database;
    use crate::tenant::OPERATOR;

    static DIALECTS: [Dialect; 1] = [Dialect {
        key: "only",
        path: "/oauth2",
        layout: ClaimsLayout::Rfc9068,
        alg: Alg::EdDSA,
        lifetime: crate::document::Lifetime::hour(),
    }];

    const WORDS: AssertionWords =
        AssertionWords { types: &[], credential_name: "name", certificate: "certificate", chain: "chain" };

    pub(crate) async fn core(folder: &tempfile::TempDir) -> Arc<Core> {
        let settings = Settings {
            database: Database::Sqlite(folder.path().join("writ.db")),
            master_key: MasterKey::generate().unwrap(),
            root: "http://127.0.0.1".into(),
            dialects: &DIALECTS,
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
        let tenant = Arc::clone(core.snapshot().tenant(OPERATOR).unwrap());
        let issuer = Arc::clone(tenant.issuer("only").unwrap());
        let door = Door { tenant, issuer, origin: std::net::Ipv4Addr::LOCALHOST.into(), certificate: None };
        let presented = Presented::read(headers, &Form::parse(body.as_bytes(), 9).unwrap(), &WORDS).unwrap();
        let before = core.keyring.digests.load(Ordering::Relaxed);
        let outcome = core.authenticate(&door, &presented).await;
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
