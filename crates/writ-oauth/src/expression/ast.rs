//! What a source is parsed into. The number of arguments is part of the type, so an evaluation has no impossible case.

use std::fmt;
use std::ops::Range;

use super::function::Function;
use super::glob::Glob;
use super::quote::{key, quote};

/// A part of an expression, with where it stands in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) span: Range<usize>,
    pub(super) kind: Kind,
}

/// The forms that there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text(Box<str>),
    Integer(i64),
    Boolean(bool),
    Path(Path),
    Call(Call),
}

/// A function with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Call {
    And(Box<[Node]>),
    Or(Box<[Node]>),
    Not(Box<Node>),
    Compare(Comparison, Box<[Node; 2]>),
    In(Box<Node>, Box<[Node]>),
    Matches(Box<Node>, Glob),
    IsNullOrEmpty(Box<Node>),
    Append(Box<[Node]>),
    Lower(Box<Node>),
    Upper(Box<Node>),
}

/// The functions that compare two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equals,
    NotEquals,
    StartsWith,
    EndsWith,
    Contains,
    GreaterThan,
    LessThan,
}

/// `root.segment.segment`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) root: Box<str>,
    pub(super) segments: Box<[Segment]>,
}

/// One step into an object or a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) name: Box<str>,
    /// Written without quotes: only then can digits be the place in a list.
    pub(super) bare: bool,
}

/// What is known of a part's type before it is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Integer,
    /// A boolean that is written out.
    Boolean,
    /// A call that answers yes or no. It can be combined but not compared, so that a negation is always seen to be one.
    Condition,
    /// A path: whatever is there.
    Any,
}

impl Shape {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Integer => "a number",
            Self::Boolean => "a boolean",
            Self::Condition => "a condition",
            Self::Any => "a path",
        }
    }
}

impl Node {
    pub(super) fn shape(&self) -> Shape {
        match &self.kind {
            Kind::Text(_) => Shape::Text,
            Kind::Integer(_) => Shape::Integer,
            Kind::Boolean(_) => Shape::Boolean,
            Kind::Path(_) => Shape::Any,
            Kind::Call(call) => call.function().signature().result,
        }
    }

    /// The paths in it, in the order in which they stand there.
    pub(super) fn paths(&self) -> Vec<(&Node, &Path)> {
        match &self.kind {
            Kind::Text(_) | Kind::Integer(_) | Kind::Boolean(_) => Vec::new(),
            Kind::Path(path) => vec![(self, path)],
            Kind::Call(call) => call.arguments().into_iter().flat_map(Node::paths).collect(),
        }
    }

    /// Whether it reads something of `root`.
    pub(super) fn reads(&self, root: &str) -> bool {
        self.paths().iter().any(|(_, path)| *path.root == *root)
    }
}

impl Call {
    pub(super) fn function(&self) -> Function {
        match self {
            Self::And(_) => Function::And,
            Self::Or(_) => Function::Or,
            Self::Not(_) => Function::Not,
            Self::Compare(Comparison::Equals, _) => Function::Equals,
            Self::Compare(Comparison::NotEquals, _) => Function::NotEquals,
            Self::Compare(Comparison::StartsWith, _) => Function::StartsWith,
            Self::Compare(Comparison::EndsWith, _) => Function::EndsWith,
            Self::Compare(Comparison::Contains, _) => Function::Contains,
            Self::Compare(Comparison::GreaterThan, _) => Function::GreaterThan,
            Self::Compare(Comparison::LessThan, _) => Function::LessThan,
            Self::In(..) => Function::In,
            Self::Matches(..) => Function::Matches,
            Self::IsNullOrEmpty(_) => Function::IsNullOrEmpty,
            Self::Append(_) => Function::Append,
            Self::Lower(_) => Function::Lower,
            Self::Upper(_) => Function::Upper,
        }
    }

    /// The arguments that are evaluated, so without the pattern of `Matches`.
    pub(super) fn arguments(&self) -> Vec<&Node> {
        match self {
            Self::And(list) | Self::Or(list) | Self::Append(list) => list.iter().collect(),
            Self::Not(one) | Self::Matches(one, _) | Self::IsNullOrEmpty(one) | Self::Lower(one) | Self::Upper(one) => {
                vec![one]
            }
            Self::Compare(_, pair) => pair.iter().collect(),
            Self::In(one, list) => std::iter::once(one.as_ref()).chain(list).collect(),
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Text(text) => f.write_str(&quote(text)),
            Kind::Integer(number) => number.fmt(f),
            Kind::Boolean(value) => value.fmt(f),
            Kind::Path(path) => path.fmt(f),
            Kind::Call(call) => call.fmt(f),
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.function().signature().name)?;
        for (position, argument) in self.arguments().into_iter().enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            write!(f, "{comma}{argument}")?;
        }
        if let Self::Matches(_, glob) = self {
            write!(f, ", {}", quote(glob.source()))?;
        }
        f.write_str(")")
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.root)?;
        for segment in &self.segments {
            let quoted_digits = !segment.bare && segment.name.bytes().all(|byte| byte.is_ascii_digit());
            if quoted_digits {
                write!(f, ".'{}'", segment.name)?;
            } else {
                write!(f, ".{}", key(&segment.name))?;
            }
        }
        Ok(())
    }
}
