//! Request ids, and what the log says of a response.

use axum::http::{HeaderName, HeaderValue};
use writ_core::random;
use writ_oauth::{Refusal, Refused};

use super::refusal_memory::Place;

/// Where the id stands in a response, and in a request to an upstream.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request: in its response, in error bodies, and in the log.
#[derive(Clone)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    /// A new one.
    pub(crate) fn new() -> Self {
        let id = random::id("req_").ok().and_then(|id| HeaderValue::try_from(id).ok());
        Self(id.unwrap_or(HeaderValue::from_static("req_unknown")))
    }

    /// For a header.
    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }

    /// For a text.
    pub(crate) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

/// What the log says about a response, beside its status; an extension of the response.
#[derive(Clone)]
pub struct Logged {
    refused: Option<Refused>,
    /// Where the refused request came to, if it came to a tenant's door.
    place: Option<Place>,
    /// The client that was answered with success.
    client_id: Option<String>,
    /// Whether an upstream made the response.
    upstreams: bool,
}

impl From<&Refused> for Logged {
    fn from(refused: &Refused) -> Self {
        Self { refused: Some(refused.clone()), ..Self::NOTHING }
    }
}

impl Logged {
    const NOTHING: Self = Self { refused: None, place: None, client_id: None, upstreams: false };

    /// The rule that was not met, if the response is a refusal.
    pub fn refusal(&self) -> Option<Refusal> {
        self.refused.as_ref().map(|refused| refused.refusal)
    }

    /// The whole refusal, and where it was made.
    pub(crate) fn refused(&self) -> Option<(&Refused, Option<&Place>)> {
        self.refused.as_ref().map(|refused| (refused, self.place.as_ref()))
    }

    /// Says where the refused request came to.
    pub(crate) fn at(&mut self, place: Place) {
        self.place = Some(place);
    }

    /// The client that it was answered to, as far as it is known.
    pub(crate) fn client_id(&self) -> Option<&str> {
        let refused = self.refused.as_ref().and_then(|refused| refused.client_id.as_deref());
        refused.or(self.client_id.as_deref())
    }

    /// A success of this client.
    pub(crate) fn success(client_id: &str) -> Self {
        Self { client_id: Some(client_id.to_owned()), ..Self::NOTHING }
    }
}

impl Logged {
    /// Whether an upstream made the response.
    pub(crate) fn is_an_upstreams(&self) -> bool {
        self.upstreams
    }

    /// Whatever an upstream answered; its errors are its own.
    pub(crate) fn upstreams() -> Self {
        Self { upstreams: true, ..Self::NOTHING }
    }
}
