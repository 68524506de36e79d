//! The use cases of Writ: authenticate, permit, issue, apply; the model behind them and its store. Knows no HTTP.
//!
//! [`Core`] is the whole of it, opened once. A token request goes [`Core::authenticate`], [`Core::permit`],
//! [`Core::issue`]; each step takes what only the step before can make. A change of the configuration goes
//! [`Core::apply`], which is one transaction.

pub mod admin;
pub mod apply;
mod authenticate;
mod bootstrap;
pub mod client;
pub mod clients;
pub mod clock;
mod company;
mod compile;
mod concern;
pub mod credential;
mod directory;
pub mod document;
mod enforce;
pub mod explain;
mod federated;
pub mod feed;
pub mod grant;
mod inspect;
mod introspect;
mod issue;
pub mod issuer;
pub mod key;
pub mod key_source;
pub mod keyring;
mod ledger;
pub mod network;
mod open;
pub mod outbound;
mod permit;
pub mod provider;
pub mod random;
pub mod refused_requests;
pub mod resource_server;
pub mod revoke;
mod revoke_by_client;
mod revoked_tokens;
pub mod route;
pub mod secrets;
pub mod store;
pub mod tenant;
mod token;
mod trusted;
mod usage;

pub use authenticate::{Authenticated, CredentialTest, Step, StepOutcome, TestRefusal, Tried, TriedStep};
pub use company::let_others_catch_up;
pub use enforce::{BearerToken, Enforced, Requirement};
pub use introspect::Introspected;
pub use issue::Issued;
pub use open::{Core, Settings};
pub use permit::{Admitted, Door, Permitted};
