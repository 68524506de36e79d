//! Tests of the server from outside: through its routers, one module per area of its URLs, and as a whole program.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod admin;
mod assertions;
mod authing;
mod certificates;
mod clients;
mod demo;
mod documents;
mod doors;
mod federated;
mod gateway;
mod golden;
mod guides;
mod hosts;
mod idaas;
mod limits;
mod oauth;
mod process;
mod refusals;
mod security;
mod soak;
mod support;
