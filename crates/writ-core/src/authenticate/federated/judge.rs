//! What the client's federated credentials demand of what a provider vouches for, and which of them fits.

use serde_json::json;
use writ_oauth::Refusal;
use writ_oauth::expression::{Expression, Facts};

use super::{Claim, Fault, Step, Vouched};
use crate::credential::FederatedCredential;
use crate::document::Trust;
use crate::document::expression::CLIENT_MODEL;
use crate::federated::Demands;
use crate::ledger::Spend;
use crate::provider::Provider;

/// A federated credential of which everything holds.
pub(super) struct Fit<'a> {
    pub(super) credential: &'a FederatedCredential,
    pub(super) demands: &'a Demands,
    pub(super) facts: Facts,
    pub(super) spend: Option<Spend>,
}

/// Asks the provider's trust condition, then the credential's, of what was vouched for.
pub(super) fn judge<'a>(
    claim: &Claim<'_>,
    credential: &'a FederatedCredential,
    provider: &Provider,
    vouched: &Vouched,
) -> Result<Fit<'a>, Fault> {
    let facts = facts(claim, credential, &provider.document.trust, vouched);
    if let Some(condition) = &provider.trust_condition {
        ask(condition, &facts, Step::TrustCondition, Refusal::FederatedTrustCondition)?;
    }
    let demands = credential.demands(&provider.document.trust);
    let demands = demands.ok_or_else(|| Fault::plain(Step::Condition, Refusal::Internal))?;
    for condition in &demands.conditions {
        ask(condition, &facts, Step::Condition, Refusal::FederatedCondition)?;
    }
    Ok(Fit { credential, demands, facts, spend: vouched.spend.clone() })
}

/// What the expressions of a credential read.
pub(super) fn facts(claim: &Claim<'_>, credential: &FederatedCredential, trust: &Trust, vouched: &Vouched) -> Facts {
    let client = json!({ "clientId": claim.client.client_id, "applicationFederatedCredentialId": credential.state.id });
    Facts::new().with(CLIENT_MODEL, client).with(trust.model(), vouched.facts.clone())
}

/// The subject that a credential maps to, if it maps to one.
pub(super) fn subject(demands: &Demands, facts: &Facts) -> Result<Option<String>, Fault> {
    let subject = demands.subject.as_ref().map(|mapping| mapping.text(facts)).transpose();
    subject.map_err(|fault| Fault::new(Step::Subject, Refusal::FederatedSubject, fault.to_string()))
}

fn ask(condition: &Expression, facts: &Facts, step: Step, refusal: Refusal) -> Result<(), Fault> {
    match condition.condition(facts) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Fault::plain(step, refusal)),
        Err(fault) => Err(Fault::new(step, refusal, fault.to_string())),
    }
}
