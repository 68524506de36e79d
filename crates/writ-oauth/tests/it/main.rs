//! Tests of the pure part from outside: vectors, peers, attacks.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod cms;
mod expression;
mod fuzz_corpus;
#[path = "../../../../fuzz/src/targets/mod.rs"]
mod fuzz_targets;
mod jose;
mod permission;
mod x509;
