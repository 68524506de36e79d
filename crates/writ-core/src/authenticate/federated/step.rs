//! The steps of a proof, and the one at which it ended.

use serde::{Deserialize, Serialize};
use writ_oauth::Refusal;
use writ_oauth::client_auth::AssertionForm;

/// A step of the proof, in the order in which they are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// It is what its type says, and can be read.
    Assertion,
    /// It is valid now.
    Time,
    /// The credential rests on a provider that may be used.
    Provider,
    /// It says that it is by the provider's issuer.
    Issuer,
    /// The provider's keys are at hand.
    Keys,
    /// The provider vouches for the certificate.
    Certificate,
    /// The signature is right.
    Signature,
    /// It does not live, or is not kept, longer than the provider allows.
    Lifetime,
    /// It was made for this installation.
    Audience,
    /// The provider's trust condition holds.
    TrustCondition,
    /// The credential's condition holds.
    Condition,
    /// The credential may be used.
    Credential,
    /// The client may be used, and may authenticate in this way.
    Client,
    /// The mapping to a subject.
    Subject,
}

impl Step {
    /// The steps of a form.
    pub const fn of(form: AssertionForm) -> &'static [Self] {
        use Step::{
            Assertion, Audience, Certificate, Client, Condition, Credential, Issuer, Keys, Lifetime, Provider,
            Signature, Subject, Time, TrustCondition,
        };
        match form {
            AssertionForm::Jwt | AssertionForm::IdToken | AssertionForm::SpiffeJwt => &[
                Assertion,
                Time,
                Provider,
                Issuer,
                Keys,
                Signature,
                Lifetime,
                Audience,
                TrustCondition,
                Condition,
                Credential,
                Client,
                Subject,
            ],
            AssertionForm::Pkcs7 => {
                &[Assertion, Provider, Signature, Lifetime, TrustCondition, Condition, Credential, Client, Subject]
            }
            AssertionForm::X509Jwt => &[
                Assertion,
                Time,
                Provider,
                Certificate,
                Signature,
                Lifetime,
                Audience,
                TrustCondition,
                Condition,
                Credential,
                Client,
                Subject,
            ],
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Assertion => "assertion",
            Self::Time => "time",
            Self::Provider => "provider",
            Self::Issuer => "issuer",
            Self::Keys => "keys",
            Self::Certificate => "certificate",
            Self::Signature => "signature",
            Self::Lifetime => "lifetime",
            Self::Audience => "audience",
            Self::TrustCondition => "trust_condition",
            Self::Condition => "condition",
            Self::Credential => "credential",
            Self::Client => "client",
            Self::Subject => "subject",
        }
    }
}

/// Why a proof ended, and where. The cause is for the log, and for the administrator who tests a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) step: Step,
    pub(crate) refusal: Refusal,
    pub(crate) cause: String,
}

impl Fault {
    pub(crate) fn new(step: Step, refusal: Refusal, cause: impl Into<String>) -> Self {
        Self { step, refusal, cause: cause.into() }
    }

    /// A fault of which the rule says everything.
    pub(crate) fn plain(step: Step, refusal: Refusal) -> Self {
        Self::new(step, refusal, refusal.meaning())
    }
}
