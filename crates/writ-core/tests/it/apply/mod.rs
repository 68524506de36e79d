//! Making the configuration match documents.

mod atomic;
mod credentials;
mod delete;
mod identifiers;
mod kinds;
mod large;
mod plan;
pub(crate) mod providers;
mod references;
mod routes;
mod tenants;
