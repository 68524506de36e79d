//! Why the keys of a source are not at hand.

use url::Url;
use writ_oauth::jose::{JsonFault, KeyFault};

use crate::outbound::OutboundFault;

/// Why the keys of a source are not at hand, and which URL it was about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{url}: {cause}")]
pub struct FetchFault {
    /// The URL that was asked, or was to be.
    pub url: String,
    /// What went wrong.
    pub cause: FetchCause,
}

/// What went wrong. For operators, and whoever tests a credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchCause {
    /// No document came.
    #[error(transparent)]
    Outbound(#[from] OutboundFault),
    /// The discovery document is not a JSON object.
    #[error("the discovery document is no strict JSON: {0}")]
    Document(JsonFault),
    /// The discovery document names another issuer, or none.
    #[error("the discovery document is not of this issuer")]
    Issuer,
    /// The discovery document names no JWK set.
    #[error("the discovery document has no jwks_uri")]
    JwksUriMissing,
    /// The JWK set of a discovery document is where nobody may ask; this is about the text alone.
    #[error("the jwks_uri of the discovery document: {0}")]
    JwksUri(OutboundFault),
    /// What came is not a JWK set that is accepted.
    #[error(transparent)]
    Keys(#[from] KeyFault),
    /// The fetch ended without saying how.
    #[error("the fetch was given up")]
    GivenUp,
}

impl FetchCause {
    pub(super) fn at(self, url: &Url) -> FetchFault {
        FetchFault { url: url.to_string(), cause: self }
    }
}
