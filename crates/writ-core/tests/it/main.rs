//! The use cases of Writ on both engines: one module a source file, one fresh database a test.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod apply;
mod bootstrap;
mod dump;
mod sample;
mod support;
mod token;
