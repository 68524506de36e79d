//! Client authentication: what a request presents, read before anything is looked up.
//!
//! One file per method. What was presented decides the method; whether the client may use it is decided against its
//! registration, later.

mod method;
mod presented;
mod secret_basic;

pub use method::AuthMethod;
pub use presented::{Presented, PresentedSecret};
