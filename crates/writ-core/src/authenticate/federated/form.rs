//! The forms of documents: which file reads which, and which type of provider vouches for it.

use writ_oauth::client_auth::{AssertionForm, PresentedAssertion};

use super::{Claim, Fault, Step, Vouched, id_token, pkcs7, x509_jwt};
use crate::document::Trust;
use crate::provider::Provider;
use writ_oauth::Refusal;

/// What can be told of a document without knowing whose it is, and so without telling what is registered.
pub(super) fn check(presented: &PresentedAssertion, now: i64) -> Result<(), Fault> {
    match presented.form() {
        AssertionForm::IdToken | AssertionForm::SpiffeJwt => id_token::read(presented, now).map(drop),
        AssertionForm::Pkcs7 => pkcs7::check(presented, now),
        AssertionForm::X509Jwt => x509_jwt::check(presented, now),
        AssertionForm::Jwt => Err(not_federated()),
    }
}

/// Takes as long as the check of a signature that turns out to be wrong.
pub(super) fn check_in_vain(presented: &PresentedAssertion, now: i64) {
    match presented.form() {
        AssertionForm::IdToken | AssertionForm::SpiffeJwt => id_token::check_in_vain(presented, now),
        AssertionForm::Pkcs7 => pkcs7::check_in_vain(presented),
        AssertionForm::X509Jwt => x509_jwt::check_in_vain(presented, now),
        AssertionForm::Jwt => {}
    }
}

/// Whether a provider of this type can vouch for a document of the form.
pub(super) fn suits(form: AssertionForm, trust: &Trust) -> bool {
    match (form, trust) {
        (AssertionForm::IdToken, Trust::Oidc(oidc)) => !oidc.is_trust_domain(),
        (AssertionForm::SpiffeJwt, Trust::Oidc(oidc)) => oidc.is_trust_domain(),
        (AssertionForm::Pkcs7, Trust::Pkcs7(_)) | (AssertionForm::X509Jwt, Trust::PrivateCa(_)) => true,
        (
            AssertionForm::Jwt
            | AssertionForm::IdToken
            | AssertionForm::Pkcs7
            | AssertionForm::X509Jwt
            | AssertionForm::SpiffeJwt,
            Trust::Oidc(_) | Trust::Pkcs7(_) | Trust::PrivateCa(_),
        ) => false,
    }
}

impl Claim<'_> {
    /// Has a provider vouch for the document.
    pub(super) async fn vouched(&self, provider: &Provider) -> Result<Vouched, Fault> {
        check(self.presented, self.now)?;
        if !provider.enabled() {
            return Err(Fault::plain(Step::Provider, Refusal::FederatedProviderDisabled));
        }
        match (self.presented.form(), &provider.document.trust) {
            (AssertionForm::IdToken | AssertionForm::SpiffeJwt, Trust::Oidc(oidc)) => {
                id_token::prove(self, provider, oidc).await
            }
            (AssertionForm::Pkcs7, Trust::Pkcs7(trust)) => pkcs7::prove(self, provider, trust),
            (AssertionForm::X509Jwt, Trust::PrivateCa(trust)) => x509_jwt::prove(self, provider, trust),
            (
                AssertionForm::Jwt
                | AssertionForm::IdToken
                | AssertionForm::Pkcs7
                | AssertionForm::X509Jwt
                | AssertionForm::SpiffeJwt,
                Trust::Oidc(_) | Trust::Pkcs7(_) | Trust::PrivateCa(_),
            ) => Err(Fault::plain(Step::Provider, Refusal::FederatedTypeMismatch)),
        }
    }
}

fn not_federated() -> Fault {
    Fault::plain(Step::Assertion, Refusal::AssertionTypeUnknown)
}
