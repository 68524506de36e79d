//! The crate from outside: an issuer of the test's own, whose key set is wherever the test puts it.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod allows;
mod issuer;
mod keys;
mod revocations;
mod rules;
