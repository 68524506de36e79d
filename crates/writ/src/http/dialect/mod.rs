//! Dialects: how a front door reads requests and words its answers. A dialect is its folder here and nothing else:
//! `door.rs` has its paths, request quirks and response shapes, `refusals.rs` its answers to every refusal.

mod assertion_words;
mod authing;
mod idaas;
mod introspected;
mod oauth;

pub(crate) use assertion_words::WORDS as ASSERTION_WORDS;
pub(crate) use introspected::inactive;

use axum::http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use writ_core::tenant::Tenant;
use writ_core::{Introspected, Issued, issuer};
use writ_oauth::client_auth::AssertionWords;
use writ_oauth::form::Form;
use writ_oauth::metadata::Places;
use writ_oauth::request::Asked;
use writ_oauth::{Refusal, Refused};

/// One dialect.
pub(crate) struct Dialect {
    /// What the core knows of it.
    pub(crate) core: issuer::Dialect,
    /// What is served, each at its path below the tenant's root.
    pub(crate) endpoints: &'static [(&'static str, Endpoint)],
    /// What its metadata says is where.
    pub(crate) places: Places,
    /// Whether pages of other origins ask for tokens here.
    pub(crate) from_browsers: bool,
    /// How assertions are written.
    pub(crate) assertions: &'static AssertionWords,
    /// Reads what is asked for.
    pub(crate) asked: fn(&Form) -> Result<Asked, Refused>,
    /// Words an issued token, as a text of JSON.
    pub(crate) token: fn(&Issued) -> String,
    /// Words an active token.
    pub(crate) introspected: fn(&Introspected) -> Value,
    /// Words a refusal.
    pub(crate) answer: fn(&Refused) -> Answer,
}

/// What a front door serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// Tokens.
    Token,
    /// Whether a token is active.
    Introspection,
    /// The end of a token.
    Revocation,
    /// The issuer's keys.
    Jwks,
    /// The same for those who look for the keys of one application.
    ApplicationJwks,
    /// What the issuer says about itself.
    Metadata,
    /// What a live token says.
    Validation,
}

/// A refusal in a dialect's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: StatusCode,
    /// The error code.
    pub(crate) error: &'static str,
    /// The sentence for the caller.
    pub(crate) description: String,
    /// The `WWW-Authenticate` scheme to offer with a 401.
    pub(crate) challenge: Option<Challenge>,
}

/// What a 401 asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// Client credentials.
    Basic,
    /// An access token.
    Bearer,
}

impl Answer {
    /// An answer without a challenge.
    pub(crate) fn new(status: StatusCode, error: &'static str, description: impl Into<String>) -> Self {
        Self { status, error, description: description.into(), challenge: None }
    }
}

/// Whether an assertion was refused by what is registered, before it has proven anything: such rules are told apart only
/// in the log, since who has proven nothing learns nothing of what is registered.
const fn tells_of_what_is_registered(refusal: Refusal) -> bool {
    matches!(
        refusal,
        Refusal::AssertionKeyMissing
            | Refusal::AssertionKeyUnnamed
            | Refusal::AssertionSignature
            | Refusal::FederatedCredentialUnknown
            | Refusal::FederatedTypeMismatch
            | Refusal::FederatedCredentialMissing
            | Refusal::FederatedProviderDisabled
            | Refusal::FederatedIssuer
            | Refusal::FederatedSignature
            | Refusal::FederatedLifetime
            | Refusal::FederatedAudience
            | Refusal::FederatedTrustCondition
            | Refusal::FederatedCondition
            | Refusal::CertificateUntrusted
            | Refusal::CertificateUnfit
            | Refusal::CertificateRevoked
            | Refusal::CertificateStatusUnknown
            | Refusal::DocumentSigner
            | Refusal::DocumentSignature
            | Refusal::DocumentTimeMissing
            | Refusal::DocumentTooOld
            | Refusal::DocumentFromFuture
    )
}

/// A body as a text of JSON.
fn json(body: &impl Serialize) -> String {
    // Texts and numbers under names that are fixed: there is nothing that cannot be written.
    serde_json::to_string(body).unwrap_or_default()
}

/// > Values for the "error_description" parameter MUST NOT include characters outside the set %x20-21 / %x23-5B /
/// > %x5D-7E.
///
/// <https://www.rfc-editor.org/rfc/rfc6749#section-5.2>
fn printable(text: &str) -> String {
    let character = |c: char| match c {
        '"' | '`' => '\'',
        '\\' => '/',
        ' '..='~' => c,
        _ => '?',
    };
    text.chars().map(character).collect()
}

/// Every dialect; the first one's issuer of the operator's tenant issues the tokens of administrators.
pub(crate) static ALL: [&Dialect; 3] = [&oauth::DOOR, &idaas::DOOR, &authing::DOOR];

/// What the core knows of them.
pub static CORE: [issuer::Dialect; 3] = [oauth::DOOR.core, idaas::DOOR.core, authing::DOOR.core];

/// The dialect of the front door that issued a token.
pub(crate) fn of_issuer(tenant: &Tenant, issuer: &str) -> Option<&'static Dialect> {
    let issuer = tenant.issuers.iter().find(|known| known.url == issuer)?;
    ALL.into_iter().find(|dialect| dialect.core.key == issuer.dialect)
}

/// The words for a place that belongs to no front door.
pub(crate) fn plain() -> &'static Dialect {
    &oauth::DOOR
}
