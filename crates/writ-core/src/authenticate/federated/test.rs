//! Trying a federated credential: every step, and what came out of it. Nothing is issued, spent or noted.

use serde::{Deserialize, Serialize};
use writ_oauth::client_auth::PresentedAssertion;
use writ_oauth::expression::{Explained, Facts};

use super::credential::{Candidate, Word};
use super::judge::{facts, judge};
use super::{Claim, Fault, Step};
use crate::Core;
use crate::apply::ApplyError;
use crate::provider::Provider;

/// What a document would prove.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialTest {
    /// Whether it would authenticate the client.
    pub accepted: bool,
    /// The credential that fits, by its name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credential: Option<String>,
    /// The subject that it maps to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subject: Option<String>,
    /// Why it would be refused.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub refusal: Option<TestRefusal>,
    /// Each credential that may be meant.
    pub credentials: Vec<Tried>,
}

/// A refusal, as the log has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestRefusal {
    /// The rule that was not met.
    pub rule: String,
    /// The step at which it ended.
    pub step: Step,
    /// What was not met, in a sentence.
    pub meaning: String,
    /// The cause.
    pub cause: String,
}

/// A credential and its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// Its name.
    pub name: String,
    /// The provider that it rests on.
    pub provider: String,
    /// The steps, in order.
    pub steps: Vec<TriedStep>,
}

/// A step and what came out of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriedStep {
    /// The step.
    pub step: Step,
    /// What came out of it.
    pub outcome: StepOutcome,
    /// Why it did not hold.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cause: Option<String>,
    /// The expressions of the step, clause by clause.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub clauses: Vec<Explained>,
}

/// What came out of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// It was met.
    Held,
    /// It was not.
    DidNotHold,
    /// An earlier one was not.
    NotReached,
}

impl Core {
    /// Tries a document of a client of a tenant, as a request would present it at any of the tenant's doors.
    pub async fn test_credential(
        &self,
        tenant: &str,
        presented: &PresentedAssertion,
    ) -> Result<CredentialTest, ApplyError> {
        let snapshot = self.snapshot();
        let tenant = snapshot.known_tenant(tenant)?;
        let client_id = presented.client_id().unwrap_or_default();
        let client = self
            .client(&tenant.name, client_id)
            .await?
            .ok_or_else(|| ApplyError::NotFound("client", client_id.to_owned()))?;
        let issuers = &tenant.issuers;
        Ok(Claim { core: self, tenant, issuers, client: &client, presented, now: self.now() }.tried().await)
    }
}

impl Claim<'_> {
    async fn tried(&self) -> CredentialTest {
        let mut credentials = Vec::new();
        let mut word = Word::default();
        for candidate in self.candidates().unwrap_or_default() {
            credentials.push(self.tried_one(candidate, &mut word).await);
        }
        let (credential, subject, refusal) = match self.proven().await {
            Ok((fit, subject)) => (Some(fit.credential.name.to_string()), subject, None),
            Err(fault) => (None, None, Some(TestRefusal::from(fault))),
        };
        CredentialTest { accepted: refusal.is_none(), credential, subject, refusal, credentials }
    }

    async fn tried_one(&self, candidate: Candidate<'_>, word: &mut Word) -> Tried {
        let Candidate { credential, provider } = &candidate;
        let vouched = word.of(self, provider).await;
        let facts = vouched.as_ref().ok().map(|vouched| facts(self, credential, &provider.document.trust, vouched));
        let outcome = vouched.and_then(|vouched| judge(self, credential, provider, &vouched));
        let fault = outcome.and_then(|fit| self.settle(&fit)).err();
        let steps = Step::of(self.presented.form()).iter();
        let is_there = |step: &&Step| match step {
            Step::TrustCondition => provider.trust_condition.is_some(),
            Step::Subject => credential.federated.subject.is_some(),
            Step::Assertion
            | Step::Time
            | Step::Provider
            | Step::Issuer
            | Step::Keys
            | Step::Certificate
            | Step::Signature
            | Step::Lifetime
            | Step::Audience
            | Step::Condition
            | Step::Credential
            | Step::Client => true,
        };
        let tried = steps.filter(is_there).map(|step| {
            let clauses = facts.as_ref().map(|facts| candidate.clauses(*step, facts)).unwrap_or_default();
            TriedStep::new(*step, fault.as_ref(), clauses)
        });
        Tried { name: credential.name.to_string(), provider: provider.name().to_owned(), steps: tried.collect() }
    }
}

impl Candidate<'_> {
    /// The expressions of a step, explained.
    fn clauses(&self, step: Step, facts: &Facts) -> Vec<Explained> {
        let Self { credential, provider } = self;
        let trust: &Provider = provider;
        let demands = credential.demands(&trust.document.trust);
        match step {
            Step::TrustCondition => trust.trust_condition.iter().map(|condition| condition.explain(facts)).collect(),
            Step::Condition => {
                let conditions = demands.iter().flat_map(|demands| &demands.conditions);
                conditions.map(|condition| condition.explain(facts)).collect()
            }
            Step::Subject => {
                let mapping = demands.and_then(|demands| demands.subject.as_ref());
                mapping.iter().map(|mapping| mapping.explain(facts)).collect()
            }
            Step::Assertion
            | Step::Time
            | Step::Provider
            | Step::Issuer
            | Step::Keys
            | Step::Certificate
            | Step::Signature
            | Step::Lifetime
            | Step::Audience
            | Step::Credential
            | Step::Client => Vec::new(),
        }
    }
}

impl TriedStep {
    /// Steps before the one at which a proof ended were met, and those behind it were not reached.
    fn new(step: Step, fault: Option<&Fault>, clauses: Vec<Explained>) -> Self {
        match fault {
            Some(fault) if fault.step == step => {
                Self { step, outcome: StepOutcome::DidNotHold, cause: Some(fault.cause.clone()), clauses }
            }
            Some(fault) if fault.step < step => {
                Self { step, outcome: StepOutcome::NotReached, cause: None, clauses: Vec::new() }
            }
            Some(_) | None => Self { step, outcome: StepOutcome::Held, cause: None, clauses },
        }
    }
}

impl From<Fault> for TestRefusal {
    fn from(fault: Fault) -> Self {
        let Fault { step, refusal, cause } = fault;
        Self { rule: format!("{refusal:?}"), step, meaning: refusal.meaning().to_owned(), cause }
    }
}
