//! The `resource` permission model: a permission is an action on an instance of a resource, and a star stands for all.
//!
//! What is asked for ([`Asked`]) is a set of (resource, instance, action). It is granted when one rule that allows
//! contains the whole set and no rule that denies overlaps it: a rule for one instance never grants all of them, and
//! what is denied in part is denied.

mod asked;
mod by_part;
mod rule;
mod rules;

pub use asked::{Asked, MAX_SEGMENT, Part};
pub use rule::{Actions, Circumstances, Difference, Effect, Rule, RuleFault, Standing, action_of};
pub use rules::{Reason, Resource, Resources, Rules, Ruling, Unknown};
