//! Request ids, and what the log says of a response.

use axum::http::{HeaderName, HeaderValue};
use writ_core::random;
use writ_oauth::{Refusal, Refused};

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
    refusal: Option<Refusal>,
    client_id: Option<String>,
    /// Whether an upstream made the response.
    upstreams: bool,
}

impl From<&Refused> for Logged {
    fn from(refused: &Refused) -> Self {
        Self { refusal: Some(refused.refusal), client_id: refused.client_id.clone(), upstreams: false }
    }
}

impl Logged {
    /// The rule that was not met, if the response is a refusal.
    pub fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }

    /// The client that it was answered to, as far as it is known.
    pub(crate) fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// A success of this client.
    pub(crate) fn success(client_id: &str) -> Self {
        Self { refusal: None, client_id: Some(client_id.to_owned()), upstreams: false }
    }
}

impl Logged {
    /// Whether an upstream made the response.
    pub(crate) fn is_an_upstreams(&self) -> bool {
        self.upstreams
    }

    /// Whatever an upstream answered; its errors are its own.
    pub(crate) fn upstreams() -> Self {
        Self { refusal: None, client_id: None, upstreams: true }
    }
}
