//! Tests of the pure part from outside: vectors, peers, attacks.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod cms;
mod jose;
mod x509;
