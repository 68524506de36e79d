//! The admin API: `/v1/...` of the admin listener.

mod apply;
mod authorization;
mod documents;
mod health;
mod keys;
mod large;
mod providers;
mod revocations;
mod secrets;
mod token;
