//! Tests of the server from outside, one module per area of its URLs.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod admin;
mod doors;
mod golden;
mod hosts;
mod idaas;
mod limits;
mod oauth;
mod refusals;
mod security;
mod support;
