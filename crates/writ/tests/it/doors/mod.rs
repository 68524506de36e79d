//! What both front doors have in common, each test at both.

mod authentication;
mod body;
mod issuers;
mod metadata;
mod method;
mod network;
mod tenants;
