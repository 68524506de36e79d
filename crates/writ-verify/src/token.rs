//! A token that was verified.

use std::fmt;

use serde_json::Value;
use writ_oauth::binding::Confirmation;
use writ_oauth::jose::{Claims, Verified};
use writ_oauth::permission::{Model, held};

/// A token that was verified. Only [`Verifier::verify`](crate::Verifier::verify) makes one.
#[derive(Clone)]
pub struct VerifiedToken {
    pub(crate) claims: Verified<Claims>,
    pub(crate) client_id: String,
    pub(crate) confirmation: Option<Confirmation>,
    pub(crate) model: Model,
}

impl VerifiedToken {
    /// The client that it was issued to.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Its subject: the client, or `client_id:subject`. Absent where the audience is the caller.
    pub fn subject(&self) -> Option<&str> {
        self.claims.sub()
    }

    /// What was granted, separated by blanks. To decide, ask [`VerifiedToken::allows`].
    pub fn scope(&self) -> &str {
        // A scope that is no string was refused when the token was verified.
        self.claims.scope().ok().flatten().unwrap_or_default()
    }

    /// Its id (`jti`).
    pub fn id(&self) -> &str {
        self.claims.jti().unwrap_or_default()
    }

    /// When it was issued, in seconds since the epoch.
    pub fn issued_at(&self) -> i64 {
        self.claims.iat().unwrap_or_default()
    }

    /// From when on it is no longer valid, in seconds since the epoch.
    pub fn expires(&self) -> i64 {
        self.claims.exp().unwrap_or_default()
    }

    /// The certificate that it is bound to; the request has come with it.
    pub fn confirmation(&self) -> Option<Confirmation> {
        self.confirmation
    }

    /// Any other claim.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// Whether it holds a permission, read in the model of the verifier: [`held`].
    pub fn allows(&self, permission: &str) -> bool {
        held(self.model, self.scope(), permission)
    }
}

/// Says nothing of what stands in it: names and subjects can be personal data.
impl fmt::Debug for VerifiedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedToken").field("expires", &self.expires()).finish_non_exhaustive()
    }
}
