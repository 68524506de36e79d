//! Choosing among the federated credentials of a client: by its name, else the one that fits.

use std::sync::Arc;

use writ_oauth::{Class, Refusal};

use super::judge::{Fit, judge};
use super::{Claim, Fault, Step, Vouched, form};
use crate::credential::FederatedCredential;
use crate::provider::Provider;

/// How many credentials are tried for a request that names none: each costs an evaluation, and each of their providers
/// a signature.
const MOST_UNNAMED: usize = 16;

/// A credential that may be the one, with the provider that it rests on.
#[derive(Clone)]
pub(super) struct Candidate<'a> {
    pub(super) credential: &'a FederatedCredential,
    pub(super) provider: Arc<Provider>,
}

impl<'a> Claim<'a> {
    /// The credential that the document proves.
    pub(super) async fn fitting(&self) -> Result<Fit<'a>, Fault> {
        let mut word = Word::default();
        let mut fits = Vec::new();
        let mut faults = Vec::new();
        for Candidate { credential, provider } in self.candidates()? {
            let vouched = word.of(self, &provider).await;
            match vouched.and_then(|vouched| judge(self, credential, &provider, &vouched)) {
                Ok(fit) => fits.push(fit),
                Err(fault) => faults.push(fault),
            }
        }
        if fits.is_empty() { Err(worst(faults)) } else { self.only(fits) }
    }

    /// The credentials that may be meant.
    pub(super) fn candidates(&self) -> Result<Vec<Candidate<'a>>, Fault> {
        let form = self.presented.form();
        let mut candidates = Vec::new();
        for credential in self.client.federated() {
            let named = self.presented.credential_name().map(|name| *name == *credential.name);
            let provider = self.tenant.provider(&credential.federated.provider);
            match (named, provider) {
                // A client is read when it is asked for, and may be newer than what is known of providers.
                (Some(true), None) => {
                    return Err(Fault::new(
                        Step::Provider,
                        Refusal::ProviderUnavailable,
                        "the provider is not known yet",
                    ));
                }
                (Some(true), Some(provider)) if !form::suits(form, &provider.document.trust) => {
                    let kind = provider.document.trust.name();
                    let cause = format!("the credential rests on `{}`, of type {kind}", provider.name());
                    return Err(Fault::new(Step::Provider, Refusal::FederatedTypeMismatch, cause));
                }
                (Some(true) | None, Some(provider)) if form::suits(form, &provider.document.trust) => {
                    candidates.push(Candidate { credential, provider: Arc::clone(provider) });
                }
                (Some(_) | None, _) => {}
            }
        }
        match (self.presented.credential_name(), candidates.len()) {
            (Some(_), 0) => Err(Fault::plain(Step::Credential, Refusal::FederatedCredentialUnknown)),
            (None, 0) => Err(Fault::plain(Step::Credential, Refusal::FederatedCredentialMissing)),
            (None, many) if many > MOST_UNNAMED => {
                let cause = format!("the client has {many}, and without a name at most {MOST_UNNAMED} are tried");
                Err(Fault::new(Step::Credential, Refusal::FederatedCredentialMissing, cause))
            }
            (Some(_) | None, _) => Ok(candidates),
        }
    }

    /// The one that fits, or of several the only one that may be used: the others may have been replaced by it.
    fn only(&self, mut fits: Vec<Fit<'a>>) -> Result<Fit<'a>, Fault> {
        let usable = |fit: &Fit<'_>| fit.credential.state.check(self.now).is_ok();
        if fits.len() > 1 && fits.iter().any(usable) {
            fits.retain(usable);
        }
        let names: Vec<_> = fits.iter().map(|fit| &*fit.credential.name).collect();
        let cause = format!("there are {}", names.join(", "));
        match (fits.pop(), fits.is_empty()) {
            (Some(fit), true) => Ok(fit),
            (Some(_) | None, _) => Err(Fault::new(Step::Credential, Refusal::FederatedAmbiguous, cause)),
        }
    }
}

/// What each provider said: it is asked once, however many credentials rest on it.
#[derive(Default)]
pub(super) struct Word(Vec<(Arc<Provider>, Result<Vouched, Fault>)>);

impl Word {
    pub(super) async fn of(&mut self, claim: &Claim<'_>, provider: &Arc<Provider>) -> Result<Vouched, Fault> {
        if let Some((_, said)) = self.0.iter().find(|(known, _)| Arc::ptr_eq(known, provider)) {
            return said.clone();
        }
        let said = claim.vouched(provider).await;
        self.0.push((Arc::clone(provider), said.clone()));
        said
    }
}

/// The fault to answer: one that may pass by itself, else the one of the credential that came closest.
fn worst(faults: Vec<Fault>) -> Fault {
    let passes = |fault: &Fault| fault.refusal.class() == Class::Unavailable;
    let closest = faults.into_iter().max_by_key(|fault| (passes(fault), fault.step));
    closest.unwrap_or_else(|| Fault::plain(Step::Credential, Refusal::FederatedCredentialMissing))
}
