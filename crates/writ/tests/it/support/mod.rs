//! What the tests stand on: a server, requests to it, and what it answers.

pub(crate) mod answer;
pub(crate) mod call;
pub(crate) mod catalogue;
pub(crate) mod door;
pub(crate) mod jwt;
pub(crate) mod server;
pub(crate) mod wire;
