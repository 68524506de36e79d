//! The language of attribute mappings and conditions: what an assertion must say, and what is taken over from it.
//!
//! An [`Expression`] is a literal, a path (`jwt.claims.sub`) or a call (`Equals(jwt.claims.sub, "robot")`). It has no
//! variables, no loops and no grouping; a call is the only thing that nests. So it always ends, and what it costs is
//! bounded by its size and by what it reads:
//!
//! - sizes are checked by [`Expression::parse`], before anything is kept ([`MAX_SOURCE_BYTES`], [`MAX_DEPTH`],
//!   [`MAX_NODES`]), and an evaluation that takes more than [`MAX_STEPS`] ends as a fault;
//! - nothing is converted: a value of another type, a missing value and `null` are faults, and **a fault is never an
//!   answer** - whoever asked refuses. The only function that is at ease with a missing value is `IsNullOrEmpty`;
//! - `And` and `Or` go from left to right and stop at the first operand that decides. A fault in an operand that was
//!   reached is the fault of the whole, also where a later operand would have decided; one that was not reached does
//!   not count. So `And(Not(IsNullOrEmpty(x)), Equals(x, "a"))` guards its second operand, and a missing value can
//!   only ever turn an answer into a refusal.
//!
//! Texts are compared byte by byte, without Unicode normalisation; `Lower` and `Upper` change ASCII letters only.

mod ast;
mod depend;
mod evaluate;
mod explain;
mod facts;
mod fault;
mod function;
mod glob;
mod lint;
mod parse;
mod quote;
mod reference;
mod scan;
mod value;

use std::fmt;

pub use explain::{Compared, Explained, Outcome};
pub use facts::Facts;
pub use fault::{Cause, EvaluationFault, ExpressionFault, Problem};
pub use lint::{Hazard, Warning, lint};
pub use quote::{key, quote};
pub use reference::reference;

use ast::{Node, Shape};
use evaluate::Evaluation;

/// The longest source.
pub const MAX_SOURCE_BYTES: usize = 4096;
/// How many calls may stand inside each other, the outermost included.
pub const MAX_DEPTH: usize = 16;
/// How many literals, paths and calls there may be.
pub const MAX_NODES: usize = 256;
/// The longest text that a function or [`Expression::text`] gives.
pub const MAX_TEXT_BYTES: usize = 1024;
/// What one evaluation may cost: a step for each node, each byte compared, each element of a list, and for `Matches` a
/// step for each byte of the text times each of the pattern. About a millisecond.
pub const MAX_STEPS: usize = 1 << 20;

/// An expression that was parsed: within all limits of size, every function known, every argument of a possible type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    source: Box<str>,
    root: Node,
}

impl Expression {
    /// Parses all of `source`.
    pub fn parse(source: &str) -> Result<Self, ExpressionFault> {
        Ok(Self { root: parse::parse(source)?, source: source.into() })
    }

    /// As it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether it can be used with [`Expression::condition`]: a call that answers yes or no, a boolean, or a path.
    pub fn is_condition(&self) -> bool {
        matches!(self.root.shape(), Shape::Condition | Shape::Boolean | Shape::Any)
    }

    /// Whether it can be used with [`Expression::text`]: a call that makes a text, a text, or a path.
    pub fn is_text(&self) -> bool {
        matches!(self.root.shape(), Shape::Text | Shape::Any)
    }

    /// Whether it can be used with [`Expression::integer`]: a number or a path.
    pub fn is_integer(&self) -> bool {
        matches!(self.root.shape(), Shape::Integer | Shape::Any)
    }

    /// Whether it holds. A fault is a refusal.
    pub fn condition(&self, facts: &Facts) -> Result<bool, EvaluationFault> {
        Evaluation::new(&self.source, facts).condition(&self.root)
    }

    /// The text that it makes: not empty, without control characters, and of [`MAX_TEXT_BYTES`] at most, because it
    /// becomes a name (of a subject, say) that others compare and log.
    pub fn text(&self, facts: &Facts) -> Result<String, EvaluationFault> {
        let mut evaluation = Evaluation::new(&self.source, facts);
        let text = evaluation.text(&self.root)?;
        let cause = if text.is_empty() {
            Cause::TextEmpty
        } else if text.len() > MAX_TEXT_BYTES {
            Cause::TextTooLong
        } else if text.chars().any(char::is_control) {
            Cause::TextControl
        } else {
            return Ok(text.into_owned());
        };
        Err(evaluation.fault(&self.root, cause))
    }

    /// The whole number that it yields: a time in seconds, say.
    pub fn integer(&self, facts: &Facts) -> Result<i64, EvaluationFault> {
        Evaluation::new(&self.source, facts).integer(&self.root)
    }
}

/// The normal form: the same expression with one space after each comma and quotes only where they must be.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}
