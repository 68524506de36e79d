//! Verification of Writ's access tokens in a resource server: offline, with a cached JWK set.
//!
//! ```no_run
//! use writ_verify::{Alg, Model, Verifier};
//!
//! # fn main() -> Result<(), writ_verify::BuildError> {
//! let verifier = Verifier::builder("https://writ.example/oauth2")
//!     .jwks_uri("https://writ.example/oauth2/jwks")
//!     .audience("https://orders.example")
//!     .algorithms([Alg::ES256])
//!     .model(Model::Named)
//!     .build()?;
//! # Ok(()) }
//! ```
//!
//! For every request, [`Verifier::verify`] says whether its token is one: signature, algorithm, type, issuer, audience and
//! dates, as RFC 9068 section 4 and RFC 8725 want them. Then ask the token for the permission that the operation requires:
//!
//! ```no_run
//! # async fn f(verifier: writ_verify::Verifier, bearer: &str, now: i64) -> u16 {
//! match verifier.verify(bearer, now).await {
//!     Err(error) => error.status(), // 401, or 503 when it cannot be told
//!     Ok(token) if token.allows("order:read") => 200,
//!     Ok(_) => 403,
//! }
//! # }
//! ```
//!
//! `now` is the time in seconds since the epoch: this crate never asks a clock, so that your tests can say what time it
//! is. It does no logging; errors never hold a token or a claim. A [`Verifier`] is cheap to clone, and needs a tokio runtime
//! with time enabled.
//!
//! # Keys
//!
//! The key set is fetched when the first token comes, kept for ten minutes or as long as its server says (between a minute
//! and a day), and fetched ahead of its end. A key id that is not in it leads to one fetch in thirty seconds, however many
//! tokens name such ids, and one at a time. While nothing can be fetched, the old keys are good for a day longer; a failure
//! is not tried again for ten seconds.
//!
//! # Wildcards
//!
//! Whether a star means something is decided by [`Model`], in the configuration, and never by the look of a permission:
//!
//! ```
//! use writ_verify::{Model, held};
//!
//! assert!(held(Model::Resource, "user-growth:2019:*", "user-growth:2019:read"));
//! assert!(!held(Model::Resource, "user-growth:2019:*", "user-growth:2020:read"));
//! assert!(!held(Model::Named, "user:*", "user:read"));
//! ```
//!
//! # What a token does not say
//!
//! Whether something was taken back since it was issued. Give a verifier [`Revocations`] for that, fed from Writ's
//! revocation feed, or let tokens live for a short time.

mod builder;
mod error;
mod fetch;
mod keys;
mod presented;
mod recipient;
mod revocations;
mod token;
mod verifier;

pub use builder::{BuildError, Builder};
pub use error::VerifyError;
pub use fetch::{Answer, FetchFault, FetchKeys};
pub use presented::Presented;
pub use recipient::Callers;
pub use revocations::{ApplyFault, Feed, PageFault, Revocation, RevocationPage, Revocations, follow};
pub use token::VerifiedToken;
pub use verifier::Verifier;
pub use writ_oauth::binding::{CertificateThumbprint, Confirmation};
pub use writ_oauth::jose::{Alg, JwtFault, KeyFault};
pub use writ_oauth::permission::{Model, held};
