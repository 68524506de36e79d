//! Proof by a document of somebody else whom an administrator trusts: the provider's word, and what a federated
//! credential of the client demands of it.
//!
//! The provider vouches first (its signature, its issuer, its audience, its time), then its trust condition must hold,
//! then the credential's, and only then is anything told about the client: a document of a public provider is in
//! anybody's hands. Until then a refusal says of the document what is wrong with it whoever sends it, or nothing.
//!
//! One file for each form of document. A document can be presented again while it is valid, which its provider bounds.

mod credential;
mod form;
mod id_token;
mod judge;
mod pkcs7;
mod step;
mod test;
mod x509_jwt;

use std::sync::Arc;

use serde_json::Value;
use writ_oauth::client_auth::{AuthMethod, PresentedAssertion};
use writ_oauth::{Class, Refusal, Refused};

use self::judge::Fit;
use self::step::Fault;
pub use self::step::Step;
pub use self::test::{CredentialTest, StepOutcome, TestRefusal, Tried, TriedStep};
use super::Proven;
use crate::client::Client;
use crate::issuer::Issuer;
use crate::ledger::Spend;
use crate::tenant::Tenant;
use crate::{Core, Door};

/// A client that somebody says to be, and what was presented for it.
#[derive(Clone, Copy)]
struct Claim<'a> {
    core: &'a Core,
    tenant: &'a Tenant,
    /// The doors that a document may have been made for, where its form has it made for one.
    issuers: &'a [Arc<Issuer>],
    client: &'a Client,
    presented: &'a PresentedAssertion,
    now: i64,
}

/// What a provider vouches for.
#[derive(Clone)]
struct Vouched {
    /// What its document says, as expressions read it under the model of the provider's type.
    facts: Value,
    /// What can be used once.
    spend: Option<Spend>,
}

impl Core {
    pub(super) async fn by_federated(&self, door: &Door, presented: &PresentedAssertion) -> Result<Proven, Refused> {
        let now = self.now();
        form::check(presented, now).map_err(|fault| {
            let unknown = fault.refusal == Refusal::AssertionTypeUnknown;
            if unknown { presented.unknown_type() } else { fault.refusal.into() }
        })?;
        let client_id = presented.client_id().ok_or(Refusal::AssertionClientMissing)?;
        let Some(client) = self.claimed(door, client_id).await? else {
            // An unknown client costs what a wrong signature costs.
            form::check_in_vain(presented, now);
            return Err(of_method(Refusal::ClientUnknown).of_client(client_id));
        };
        let issuers = std::slice::from_ref(&door.issuer);
        let claim = Claim { core: self, tenant: &door.tenant, issuers, client: &client, presented, now };
        let proven = self.prove_federated(&claim, Arc::clone(&client)).await;
        proven.map_err(|refused| refused.of_client(client_id))
    }

    async fn prove_federated(&self, claim: &Claim<'_>, client: Arc<Client>) -> Result<Proven, Refused> {
        let (Fit { credential, spend, .. }, subject) = claim.proven().await.map_err(|fault| {
            let (client_id, step, cause) = (&*claim.client.client_id, fault.step.name(), &fault.cause);
            tracing::info!(client_id, step, cause, "a federated credential was not proven");
            of_method(fault.refusal).because(cause)
        })?;
        self.usage.note(&claim.tenant.name, claim.client, &credential.state, claim.now);
        Ok(Proven { credential: credential.state.tag, client, method: METHOD, subject, spend })
    }
}

impl<'a> Claim<'a> {
    /// The credential that the document proves, and the subject that it maps to.
    async fn proven(&self) -> Result<(Fit<'a>, Option<String>), Fault> {
        let fit = self.fitting().await?;
        let subject = self.settle(&fit)?;
        Ok((fit, subject))
    }

    /// What is told only to who has proven to be the client: how it stands with the credential, the client, the mapping.
    fn settle(&self, fit: &Fit<'_>) -> Result<Option<String>, Fault> {
        let state = fit.credential.state.check(self.now);
        state.map_err(|refusal| Fault::plain(Step::Credential, refusal))?;
        self.client.admits(METHOD).map_err(|refused| Fault::plain(Step::Client, refused.refusal))?;
        judge::subject(fit.demands, &fit.facts)
    }
}

const METHOD: AuthMethod = AuthMethod::Federated;

/// With the method that it is about, unless it is about the server.
fn of_method(refusal: Refusal) -> Refused {
    if refusal.class() == Class::BadCredential { Refused::about(refusal, METHOD.name()) } else { refusal.into() }
}
