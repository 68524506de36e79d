//! Making the configuration match documents.

mod atomic;
mod credentials;
mod delete;
mod identifiers;
mod large;
mod plan;
mod references;
mod routes;
mod tenants;
