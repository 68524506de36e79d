//! Tests of the pure part from outside: vectors, peers, attacks.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod cms;
mod expression;
mod jose;
mod permission;
mod x509;
