//! What the tests stand on: a server in this process or as a program, requests to it, and what it answers.

pub(crate) mod answer;
pub(crate) mod assertion;
pub(crate) mod call;
pub(crate) mod catalogue;
pub(crate) mod certificate;
pub(crate) mod client_certificate;
pub(crate) mod client_script;
pub(crate) mod cluster;
pub(crate) mod command;
pub(crate) mod database;
pub(crate) mod document;
pub(crate) mod door;
pub(crate) mod federation;
pub(crate) mod http2;
pub(crate) mod jwt;
pub(crate) mod key;
pub(crate) mod key_host;
pub(crate) mod private_ca;
pub(crate) mod process;
pub(crate) mod reference;
pub(crate) mod reply;
pub(crate) mod server;
pub(crate) mod tls;
pub(crate) mod upstream;
pub(crate) mod wire;
