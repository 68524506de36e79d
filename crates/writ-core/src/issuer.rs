//! Issuers, ready to use: a front door of a tenant with its parsed keys.

use std::sync::Arc;

use writ_oauth::jose::{Alg, JwtSigner, SigningKey, VerifyingKey};
use writ_oauth::token::ClaimsLayout;

use crate::document::Lifetime;

/// What the core needs to know of a dialect, whose words it does not know.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// The key in documents and in the store.
    pub key: &'static str,
    /// The issuer's path below the tenant's root.
    pub path: &'static str,
    /// How its tokens are laid out.
    pub layout: ClaimsLayout,
    /// What it signs with unless told otherwise.
    pub alg: Alg,
    /// How long its tokens live unless told otherwise.
    pub lifetime: Lifetime,
}

/// A front door, ready to issue.
pub struct Issuer {
    /// Its name within the tenant.
    pub name: String,
    /// The key of its dialect.
    pub dialect: &'static str,
    /// The issuer identifier, `iss`.
    pub url: String,
    /// How its access tokens are laid out.
    pub layout: ClaimsLayout,
    /// Its algorithm.
    pub alg: Alg,
    /// How long its tokens live unless the client says otherwise.
    pub lifetime: Lifetime,
    /// The active key under this issuer's header; `None`: there is none, and nothing can be issued.
    pub(crate) signer: Option<JwtSigner>,
    /// The published keys, parsed.
    pub(crate) keys: Vec<PublishedKey>,
    /// The published keys as a JWK set in JSON.
    pub jwks: String,
}

impl Issuer {
    /// Where it issues tokens.
    pub fn token_endpoint(&self) -> String {
        format!("{}/token", self.url)
    }
}

/// A key that verifiers may use.
pub(crate) struct PublishedKey {
    pub(crate) signing: Arc<SigningKey>,
    pub(crate) verifying: VerifyingKey,
}
