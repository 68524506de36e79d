//! The stages that set up what the tests need, and the tests.

pub(crate) mod cargo_test;
pub(crate) mod clients;
pub(crate) mod packages;
pub(crate) mod postgres;
