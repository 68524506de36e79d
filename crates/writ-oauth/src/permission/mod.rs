//! Permission decisions: pure functions from rules and a question to an answer with its reason.

mod held;
mod named;
pub mod resource;

pub use held::{Model, held};
pub use named::{Decision, Grants, NamedPermission, NamedPermissions, Outcome, Reason, Rule, Spelling};
