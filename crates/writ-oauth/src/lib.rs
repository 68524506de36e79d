//! The pure part of Writ: protocol rules and decisions.
//!
//! No clock (`now` is passed in), no I/O, no async, no HTTP framework, no SQL.

pub mod jose;
pub mod refusal;
pub mod secret;

pub use refusal::{Class, Refusal, Refused};
