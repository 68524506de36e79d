//! What can be wrong with an expression, and what can go wrong while one is evaluated.
//!
//! Messages repeat the source, which an administrator wrote, and never a value of an assertion.

use std::fmt;

use thiserror::Error;

use super::{MAX_DEPTH, MAX_NODES, MAX_SOURCE_BYTES, MAX_STEPS, MAX_TEXT_BYTES};

/// Why a source is no expression, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpressionFault {
    /// What is wrong.
    pub problem: Problem,
    /// Where: bytes before it in the source.
    pub offset: usize,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

impl ExpressionFault {
    pub(super) fn new(source: &str, offset: usize, problem: Problem) -> Self {
        let before = source.get(..offset).unwrap_or(source);
        let line = before.matches('\n').count().saturating_add(1);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
        Self { problem, offset, line, column }
    }
}

impl fmt::Display for ExpressionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 1 {
            write!(f, "line {}, ", self.line)?;
        }
        write!(f, "column {}: {}", self.column, self.problem)
    }
}

impl std::error::Error for ExpressionFault {}

/// The rules that a source can break.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// Longer than [`MAX_SOURCE_BYTES`].
    #[error("the expression is longer than {MAX_SOURCE_BYTES} bytes")]
    SourceTooLong,
    /// Calls inside each other, deeper than [`MAX_DEPTH`].
    #[error("calls are nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// More than [`MAX_NODES`] literals, paths and calls.
    #[error("the expression has more than {MAX_NODES} parts")]
    TooManyNodes,
    /// The source ends where a value should begin.
    #[error("a value is missing: a path, a literal or a call")]
    ValueMissing,
    /// A character that begins no value.
    #[error("no value begins with {0:?}")]
    ValueUnexpected(char),
    /// Something behind the end of the expression.
    #[error("the expression ends before this")]
    Trailing,
    /// Neither a comma nor the closing parenthesis after an argument.
    #[error("a comma or a closing parenthesis is missing")]
    ArgumentsUnended,
    /// A text or key without its closing quote.
    #[error("the closing quote is missing")]
    QuoteUnended,
    /// A backslash that begins no escape.
    #[error(r#"after a backslash comes one of \ " ' n r t or u{{...}} with the hexadecimal number of a character"#)]
    Escape,
    /// A control character that is not written as an escape.
    #[error("a control character must be written as an escape")]
    Control,
    /// A number that is not a whole one of 64 bits.
    #[error("a number is a whole one of 64 bits, without fraction and exponent")]
    Number,
    /// A path of one name.
    #[error("a path goes from a model to a field, as in `jwt.issuer`")]
    PathShort,
    /// Nothing after a dot that could be a key.
    #[error("after a dot comes a key: letters, digits and _, or anything in single quotes")]
    KeyMissing,
    /// A call of a function that does not exist.
    #[error("there is no function {name:?}{}", nearest.map(|name| format!("; is {name} meant?")).unwrap_or_default())]
    FunctionUnknown {
        /// What was called.
        name: Box<str>,
        /// The function that differs only in case.
        nearest: Option<&'static str>,
    },
    /// Too few or too many arguments.
    #[error("it takes other arguments: {usage}")]
    Arity {
        /// How the function is called.
        usage: &'static str,
    },
    /// An argument of a type that it can never have.
    #[error("here is {found}, but {wanted} is expected: {usage}")]
    Argument {
        /// How the function is called.
        usage: &'static str,
        /// What the argument has to be.
        wanted: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// More than two stars in a row.
    #[error("a pattern has * within a segment or ** across segments, not more stars in a row")]
    PatternStars,
    /// A pattern of nothing but stars.
    #[error("the pattern fits any text")]
    PatternAny,
    /// An empty text as prefix, suffix, part or pattern.
    #[error("an empty text is in any text")]
    PartEmpty,
    /// A comparison of something with itself.
    #[error("a value is compared with itself")]
    SelfComparison,
}

/// Why an evaluation has no result, and in which part of the source.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{clause}: {cause}")]
pub struct EvaluationFault {
    /// The part of the source, cut if it is long.
    pub clause: Box<str>,
    /// Bytes before it in the source.
    pub offset: usize,
    /// What went wrong.
    pub cause: Cause,
}

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Cause {
    /// A path into a model that is not offered here.
    #[error("there is no such model here")]
    ModelUnknown,
    /// A path to nothing.
    #[error("there is no such value")]
    Missing,
    /// A path to `null`.
    #[error("the value is null")]
    Null,
    /// A value of another type than the function or the use needs.
    #[error("it is {found}, but {wanted} is needed")]
    Type {
        /// What is needed.
        wanted: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// Values of two types, or such as cannot be compared.
    #[error("{left} cannot be compared with {right}")]
    Incomparable {
        /// The type of the one.
        left: &'static str,
        /// The type of the other.
        right: &'static str,
    },
    /// A number that is not a whole one of 64 bits.
    #[error("the number is not a whole one of 64 bits")]
    Number,
    /// An empty prefix, suffix or part, which any text has.
    #[error("it is empty, and an empty text is in any text")]
    PartEmpty,
    /// A text of more than [`MAX_TEXT_BYTES`].
    #[error("the text is longer than {MAX_TEXT_BYTES} bytes")]
    TextTooLong,
    /// An empty text as the result.
    #[error("the text is empty")]
    TextEmpty,
    /// A control character in the result.
    #[error("the text holds a control character")]
    TextControl,
    /// More than [`MAX_STEPS`].
    #[error("the evaluation takes more than {MAX_STEPS} steps")]
    Steps,
}
