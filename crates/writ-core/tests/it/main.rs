//! The use cases of Writ on both engines: one module a source file, one fresh database a test.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![expect(clippy::needless_pass_by_value, reason = "documents are written where they are used")]

mod admin;
mod apply;
mod authenticate;
mod bootstrap;
mod clients;
mod directory;
mod dump;
mod enforce;
mod feed;
mod issue;
mod key_source;
mod keys;
mod ledger;
mod pem;
mod permit;
mod present;
mod resources;
mod revoke;
mod revoke_by_client;
mod sample;
mod secrets;
mod store;
mod support;
mod token;
mod usage;
