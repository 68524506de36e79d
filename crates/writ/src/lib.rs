//! The binary as a library: its front doors, its command line and its configuration.

pub mod cli;
pub mod config;
pub mod http;
pub mod server;
