//! Making a verifier.

use std::sync::Arc;

use writ_oauth::jose::Alg;
use writ_oauth::permission::Model;

use crate::fetch::FetchKeys;
use crate::keys::Keys;
use crate::recipient::{Callers, Recipient};
use crate::verifier::Inner;
use crate::{Revocations, Verifier};

/// The most seconds that clocks may differ by: more would make short lifetimes meaningless.
const MAX_LEEWAY: u32 = 300;

/// What a verifier is to accept. Begun with [`Verifier::builder`].
pub struct Builder {
    issuer: String,
    recipient: Option<Recipient>,
    algorithms: Vec<Alg>,
    model: Model,
    leeway: u32,
    keys: Option<Source>,
    revocations: Option<Arc<Revocations>>,
}

enum Source {
    #[cfg(feature = "http")]
    Uri(String),
    Other(Box<dyn FetchKeys>),
}

/// Why a verifier cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No issuer.
    #[error("the issuer is empty")]
    Issuer,
    /// Neither an audience nor an application, or an empty one.
    #[error("say whom tokens must be for: an audience, or an application")]
    Recipient,
    /// Neither a URL of keys nor another way to fetch them.
    #[error("say where the keys come from: `jwks_uri`, or `fetch_with`")]
    Keys,
    /// The URL is none, or is neither https nor on this machine.
    #[error("the URL of the JWK set must be https, or http to a loopback address, without user or password")]
    JwksUri,
    /// No algorithm.
    #[error("no algorithm is accepted")]
    Algorithms,
    /// A symmetric algorithm: there is no published key of one.
    #[error("tokens of a published key set are never signed with a symmetric algorithm")]
    SymmetricAlgorithm,
    /// Clocks that differ too much.
    #[error("the leeway is more than {MAX_LEEWAY} seconds")]
    Leeway,
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be made: {0}")]
    Client(String),
}

impl Builder {
    pub(crate) fn new(issuer: String) -> Self {
        Self {
            issuer,
            recipient: None,
            algorithms: vec![Alg::ES256, Alg::RS256],
            model: Model::Named,
            leeway: 60,
            keys: None,
            revocations: None,
        }
    }

    /// Tokens for this audience, in the profile of RFC 9068 (`typ` is `at+jwt`): Writ's `oauth` door.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.recipient = Some(Recipient::Audience(audience.into()));
        self
    }

    /// Tokens for this audience with the same claims under the `typ` `JWT`: Writ's `idaas` door.
    #[must_use]
    pub fn plain_audience(mut self, audience: impl Into<String>) -> Self {
        self.recipient = Some(Recipient::PlainAudience(audience.into()));
        self
    }

    /// Tokens whose `azp` is this application and whose `aud` is one of these callers: Writ's `authing` door.
    #[must_use]
    pub fn application(mut self, id: impl Into<String>, callers: Callers) -> Self {
        self.recipient = Some(Recipient::Application(id.into(), callers));
        self
    }

    /// Where the issuer publishes its keys.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn jwks_uri(mut self, url: impl Into<String>) -> Self {
        self.keys = Some(Source::Uri(url.into()));
        self
    }

    /// Another way to the issuer's keys than plain HTTP(S).
    #[must_use]
    pub fn fetch_with(mut self, fetch: impl FetchKeys) -> Self {
        self.keys = Some(Source::Other(Box::new(fetch)));
        self
    }

    /// The algorithms that tokens may be signed with. Unless given: ES256 and RS256, which Writ's doors use by themselves.
    #[must_use]
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Alg>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// How permissions are read. Unless given: [`Model::Named`], in which nothing is a wildcard.
    #[must_use]
    pub fn model(mut self, model: Model) -> Self {
        self.model = model;
        self
    }

    /// How many seconds the issuer's clock may be off, 300 at most. Unless given: 60.
    #[must_use]
    pub fn leeway(mut self, seconds: u32) -> Self {
        self.leeway = seconds;
        self
    }

    /// Refuse what was taken back since it was issued, and everything while that is not known.
    #[must_use]
    pub fn revocations(mut self, revocations: Arc<Revocations>) -> Self {
        self.revocations = Some(revocations);
        self
    }

    /// The verifier. Nothing is fetched yet.
    pub fn build(self) -> Result<Verifier, BuildError> {
        let recipient = self.recipient.ok_or(BuildError::Recipient)?;
        let (Recipient::Audience(id) | Recipient::PlainAudience(id) | Recipient::Application(id, _)) = &recipient;
        if id.is_empty() {
            return Err(BuildError::Recipient);
        }
        if self.issuer.is_empty() {
            return Err(BuildError::Issuer);
        }
        if self.algorithms.is_empty() {
            return Err(BuildError::Algorithms);
        }
        if self.algorithms.iter().any(|alg| alg.is_symmetric()) {
            return Err(BuildError::SymmetricAlgorithm);
        }
        if self.leeway > MAX_LEEWAY {
            return Err(BuildError::Leeway);
        }
        let fetch = self.keys.ok_or(BuildError::Keys)?.fetch()?;
        Ok(Verifier(Arc::new(Inner {
            issuer: self.issuer,
            recipient,
            algorithms: self.algorithms.into(),
            model: self.model,
            leeway: self.leeway,
            keys: Keys::new(fetch),
            revocations: self.revocations,
        })))
    }
}

impl Source {
    fn fetch(self) -> Result<Box<dyn FetchKeys>, BuildError> {
        match self {
            #[cfg(feature = "http")]
            Self::Uri(url) => Ok(Box::new(crate::fetch::OverHttp::new(&url)?)),
            Self::Other(fetch) => Ok(fetch),
        }
    }
}
