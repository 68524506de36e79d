//! Client authentication: what a request presents, read before anything is looked up.
//!
//! One file per method. What was presented decides the method; whether the client may use it is decided against its
//! registration, later.

mod assertion;
mod decoy;
mod federated_jwt;
mod method;
mod presented;
mod presented_assertion;
mod private_key_jwt;
mod secret_basic;
mod secret_jwt;

pub use assertion::{AssertionRules, CLOCK_LEEWAY, ClientAssertion, MAX_ASSERTION_ID, ProvenAssertion};
pub use decoy::check_document_in_vain;
pub use federated_jwt::{FederatedJwt, FederatedRules, federated_refusal};
pub use method::AuthMethod;
pub use presented::{Presented, PresentedSecret};
pub use presented_assertion::{AssertionForm, AssertionWords, PresentedAssertion};
pub use secret_jwt::hmac_key;
