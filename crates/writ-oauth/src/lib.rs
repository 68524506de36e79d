//! The pure part of Writ: protocol rules and decisions.
//!
//! No clock (`now` is passed in), no I/O, no async, no HTTP framework, no SQL.

pub mod binding;
pub mod client_auth;
pub mod cms;
pub mod expression;
pub mod form;
pub mod jose;
pub mod key_cache;
pub mod metadata;
pub mod permission;
pub mod refusal;
pub mod request;
pub mod scope;
pub mod secret;
pub mod token;
pub mod x509;

pub use refusal::{Class, Detail, ItemDecision, Refusal, Refused};
