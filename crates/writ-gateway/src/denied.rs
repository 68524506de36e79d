//! A request that the gateway did not let through, with what its answer needs beyond the refusal.

use writ_oauth::{Refusal, Refused};

/// A request that was not let through, or that nobody answered.
#[derive(Debug)]
pub struct Denied {
    /// The rule.
    pub refused: Refused,
    /// The audience that the route asks for, once a route was found.
    pub audience: Option<String>,
    /// The methods that the path takes, when it was the method.
    pub allow: Vec<String>,
}

impl Denied {
    /// Says which audience the route asks for.
    #[must_use]
    pub(crate) fn at(mut self, audience: &str) -> Self {
        self.audience = Some(audience.to_owned());
        self
    }
}

impl From<Refused> for Denied {
    fn from(refused: Refused) -> Self {
        Self { refused, audience: None, allow: Vec::new() }
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Refused::from(refusal).into()
    }
}
