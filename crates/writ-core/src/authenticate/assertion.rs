//! Proof by an assertion that the client signed itself: `client_secret_jwt` and `private_key_jwt`.

use std::sync::Arc;

use writ_oauth::client_auth::{AssertionRules, ClientAssertion, PresentedAssertion, ProvenAssertion, hmac_key};
use writ_oauth::jose::{AudienceForm, MAX_CANDIDATE_KEYS, VerifyingKey};
use writ_oauth::{Refusal, Refused};

use super::Proven;
use crate::client::Client;
use crate::credential::{ClientKeySet, CredentialState};
use crate::document::AssertionProfile;
use crate::issuer::Issuer;
use crate::key_source::KeySet;
use crate::ledger::Spend;
use crate::{Core, Door};

impl Core {
    pub(super) async fn by_assertion(&self, door: &Door, presented: &PresentedAssertion) -> Result<Proven, Refused> {
        let assertion = ClientAssertion::read(presented)?;
        let client_id = assertion.client_id().to_owned();
        let method = assertion.method();
        let Some(client) = self.claimed(door, &client_id).await? else {
            // An unknown client costs what a wrong signature costs.
            assertion.check_in_vain();
            return Err(Refused::about(Refusal::ClientUnknown, method.name()).of_client(&client_id));
        };
        self.prove_assertion(door, client, assertion).await.map_err(|refused| refused.of_client(&client_id))
    }

    async fn prove_assertion(
        &self,
        door: &Door,
        client: Arc<Client>,
        assertion: ClientAssertion,
    ) -> Result<Proven, Refused> {
        let (method, now) = (assertion.method(), self.now());
        let secrets = secret_keys(&client, &assertion);
        let published = self.published(&client, &assertion, now).await;
        let candidates = candidates(&client, &secrets, &published.sets, &assertion, now);
        if candidates.is_empty() && published.away {
            return Err(Refusal::ClientKeysUnavailable.into());
        }
        let fits = |key: &VerifyingKey| key.alg() == assertion.alg();
        let has_others = client.public_keys().iter().any(|key| key.verifying_key(assertion.alg()).is_some())
            || published.sets.iter().any(|(set, _)| set.keys().iter().any(fits));
        if candidates.is_empty() && has_others {
            assertion.check_in_vain();
            return Err(Refusal::AssertionKeyUnnamed.into());
        }
        let keys: Vec<_> = candidates.iter().map(|(key, _)| *key).collect();
        let ProvenAssertion { key, id, refused_from } =
            verify(&client, std::slice::from_ref(&door.issuer), assertion, &keys, now)?;
        let (_, credential) = candidates.get(key).ok_or(Refusal::Internal)?;
        credential.check(now).map_err(|refusal| Refused::about(refusal, method.name()))?;
        client.admits(method)?;
        self.usage.note(&door.tenant.name, &client, credential, now);
        let spend = Some(Spend::new(&door.tenant.name, &client.client_id, &id, refused_from));
        let credential = credential.tag;
        Ok(Proven { client, credential, method, subject: None, spend })
    }

    /// The key sets that the client publishes, for an assertion that is signed with a private key.
    async fn published<'c>(&self, client: &'c Client, assertion: &ClientAssertion, now: i64) -> Published<'c> {
        let mut published = Published::default();
        if assertion.alg().is_symmetric() {
            return published;
        }
        for ClientKeySet { state, source } in client.key_sets() {
            match self.key_sets.keys(source, assertion.kid(), now).await {
                Ok(set) => published.sets.push((set, state)),
                Err(error) => {
                    tracing::warn!(client_id = %client.client_id, %error, "a client's key set is not at hand");
                    published.away = true;
                }
            }
        }
        published
    }
}

/// What a client publishes.
#[derive(Default)]
struct Published<'c> {
    sets: Vec<(Arc<KeySet>, &'c CredentialState)>,
    /// Whether something of it is not at hand.
    away: bool,
}

/// The client's secrets as keys for the assertion's algorithm. They are made for each request: a key of them is no more
/// than two hashes.
fn secret_keys<'c>(client: &'c Client, assertion: &ClientAssertion) -> Vec<(VerifyingKey, &'c CredentialState)> {
    let secrets = client.secrets().iter();
    let keys = secrets.filter_map(|secret| Some((hmac_key(secret.plain.as_ref()?, assertion.alg())?, &secret.state)));
    keys.collect()
}

/// The keys to try, at most [`MAX_CANDIDATE_KEYS`]: those that the assertion names first, then those in use.
///
/// Clients of today name no key, so every key that fits the algorithm is tried. A key that was registered without an id
/// is also tried under any other.
fn candidates<'c>(
    client: &'c Client,
    secrets: &'c [(VerifyingKey, &'c CredentialState)],
    published: &'c [(Arc<KeySet>, &'c CredentialState)],
    assertion: &ClientAssertion,
    now: i64,
) -> Vec<(&'c VerifyingKey, &'c CredentialState)> {
    let kid = assertion.kid();
    let mut candidates: Vec<_> = secrets.iter().map(|(key, state)| (false, key, *state)).collect();
    for key in client.public_keys() {
        let named = kid.is_some_and(|kid| key.is_named(kid));
        if let Some(verifying) = key.verifying_key(assertion.alg())
            && (named || kid.is_none() || !key.has_id())
        {
            candidates.push((named, verifying, &key.state));
        }
    }
    for (set, state) in published {
        for key in set.keys().iter().filter(|key| key.alg() == assertion.alg()) {
            let named = kid.is_some_and(|kid| key.kid() == Some(kid));
            if named || kid.is_none() || key.kid().is_none() {
                candidates.push((named, key, state));
            }
        }
    }
    candidates.sort_by_key(|(named, _, state)| (!named, state.check(now).is_err()));
    candidates.truncate(MAX_CANDIDATE_KEYS);
    candidates.into_iter().map(|(_, key, state)| (key, state)).collect()
}

/// Checks an assertion under the client's policy: one of a client of today may be for one of the issuers or its token
/// endpoint, under the strict profile for an issuer alone.
pub(super) fn verify(
    client: &Client,
    issuers: &[Arc<Issuer>],
    assertion: ClientAssertion,
    keys: &[&VerifyingKey],
    now: i64,
) -> Result<ProvenAssertion, Refusal> {
    let policy = client.assertions();
    let token_endpoints: Vec<_> = issuers.iter().map(|issuer| issuer.token_endpoint()).collect();
    let mut audiences: Vec<&str> = issuers.iter().map(|issuer| &*issuer.url).collect();
    let audience_form = match policy.profile {
        AssertionProfile::Compatible => {
            audiences.extend(token_endpoints.iter().map(|endpoint| &**endpoint));
            AudienceForm::NoOther
        }
        AssertionProfile::Strict => AudienceForm::OneString,
    };
    let max_lifetime = u32::try_from(policy.longest()).unwrap_or_default();
    let audiences = &audiences[..];
    let rules = AssertionRules { audiences, audience_form, allows: &|alg| policy.allows(alg), max_lifetime };
    assertion.verify(keys, &rules, now)
}
