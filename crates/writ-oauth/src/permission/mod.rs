//! Permission decisions: pure functions from rules and a question to an answer with its reason.

mod named;
pub mod resource;

pub use named::{Decision, Grants, NamedPermission, NamedPermissions, Outcome, Reason, Rule, Spelling};
