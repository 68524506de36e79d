//! From a source to an expression. The recursion goes no deeper than [`MAX_DEPTH`].

use super::ast::{Call, Comparison, Kind, Node, Path, Segment, Shape};
use super::fault::{ExpressionFault, Problem};
use super::function::{Function, Parameter, Signature};
use super::glob::Glob;
use super::scan::Scanner;
use super::{MAX_DEPTH, MAX_NODES, MAX_SOURCE_BYTES};

/// The longest function name that a message repeats.
const NAME_SHOWN: usize = 40;

/// Parses all of `source`.
pub(super) fn parse(source: &str) -> Result<Node, ExpressionFault> {
    if source.len() > MAX_SOURCE_BYTES {
        let offset = source.floor_char_boundary(MAX_SOURCE_BYTES);
        return Err(ExpressionFault::new(source, offset, Problem::SourceTooLong));
    }
    let mut parser = Parser { scanner: Scanner::new(source), nodes: 0 };
    let root = parser.node(0)?;
    parser.scanner.blanks();
    match parser.scanner.peek() {
        None => Ok(root),
        Some(_) => Err(parser.scanner.fault(parser.scanner.at(), Problem::Trailing)),
    }
}

struct Parser<'s> {
    scanner: Scanner<'s>,
    nodes: usize,
}

impl Parser<'_> {
    /// One literal, path or call; `depth` calls are open around it.
    fn node(&mut self, depth: usize) -> Result<Node, ExpressionFault> {
        self.scanner.blanks();
        let start = self.scanner.at();
        self.nodes = self.nodes.saturating_add(1);
        if self.nodes > MAX_NODES {
            return Err(self.scanner.fault(start, Problem::TooManyNodes));
        }
        let kind = match self.scanner.peek() {
            None => return Err(self.scanner.fault(start, Problem::ValueMissing)),
            Some('"') => Kind::Text(self.scanner.quoted('"')?.into()),
            Some(letter) if letter.is_ascii_digit() || letter == '-' => Kind::Integer(self.scanner.integer()?),
            Some(letter) if letter.is_ascii_alphabetic() => self.named(start, depth)?,
            Some(letter) => return Err(self.scanner.fault(start, Problem::ValueUnexpected(letter))),
        };
        Ok(Node { span: start..self.scanner.at(), kind })
    }

    /// What begins with a name: a path, a call or a boolean.
    fn named(&mut self, start: usize, depth: usize) -> Result<Kind, ExpressionFault> {
        let name = self.scanner.bare();
        let end = self.scanner.at();
        if self.scanner.peek() == Some('.') {
            return self.path(name).map(Kind::Path);
        }
        self.scanner.blanks();
        if self.scanner.take('(') {
            return self.call(name, start, depth).map(Kind::Call);
        }
        match name {
            "true" => Ok(Kind::Boolean(true)),
            "false" => Ok(Kind::Boolean(false)),
            _ => Err(self.scanner.fault(end, Problem::PathShort)),
        }
    }

    fn path(&mut self, root: &str) -> Result<Path, ExpressionFault> {
        let mut segments = Vec::new();
        while self.scanner.take('.') {
            let here = self.scanner.at();
            if self.scanner.peek() == Some('\'') {
                segments.push(Segment { name: self.scanner.quoted('\'')?.into(), bare: false });
                continue;
            }
            let name = self.scanner.bare();
            if name.is_empty() {
                return Err(self.scanner.fault(here, Problem::KeyMissing));
            }
            segments.push(Segment { name: name.into(), bare: true });
        }
        Ok(Path { root: root.into(), segments: segments.into() })
    }

    /// A call whose opening parenthesis was read.
    fn call(&mut self, name: &str, start: usize, depth: usize) -> Result<Call, ExpressionFault> {
        let function = Function::named(name).ok_or_else(|| self.unknown(name, start))?;
        if depth >= MAX_DEPTH {
            return Err(self.scanner.fault(start, Problem::TooDeep));
        }
        let arguments = self.arguments(depth.saturating_add(1))?;
        let signature = function.signature();
        self.check_arguments(signature, &arguments)?;
        if signature.compares && compares_itself(&arguments) {
            return Err(self.scanner.fault(start, Problem::SelfComparison));
        }
        let arity = || self.scanner.fault(start, Problem::Arity { usage: signature.usage });
        if function == Function::Matches {
            return self.matches(arguments)?.ok_or_else(arity);
        }
        build(function, arguments).ok_or_else(arity)
    }

    fn unknown(&self, name: &str, start: usize) -> ExpressionFault {
        let nearest = Function::ALL.iter().map(|known| known.signature().name);
        let nearest = nearest.into_iter().find(|known| known.eq_ignore_ascii_case(name));
        // A name is ASCII.
        let name = name.get(..NAME_SHOWN).unwrap_or(name).into();
        self.scanner.fault(start, Problem::FunctionUnknown { name, nearest })
    }

    /// Up to and with the closing parenthesis.
    fn arguments(&mut self, depth: usize) -> Result<Vec<Node>, ExpressionFault> {
        let mut arguments = Vec::new();
        self.scanner.blanks();
        if self.scanner.take(')') {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.node(depth)?);
            self.scanner.blanks();
            if self.scanner.take(')') {
                return Ok(arguments);
            }
            if !self.scanner.take(',') {
                return Err(self.scanner.fault(self.scanner.at(), Problem::ArgumentsUnended));
            }
        }
    }

    fn check_arguments(&self, signature: &'static Signature, arguments: &[Node]) -> Result<(), ExpressionFault> {
        let rest = std::iter::repeat(signature.rest).map_while(|rest| rest);
        for (argument, parameter) in arguments.iter().zip(signature.parameters.iter().copied().chain(rest)) {
            let problem = if !parameter.takes(argument) {
                let (wanted, found) = (parameter.name(), argument.shape().name());
                Problem::Argument { usage: signature.usage, wanted, found }
            } else if parameter.is_part() && argument.kind == Kind::Text("".into()) {
                Problem::PartEmpty
            } else {
                continue;
            };
            return Err(self.scanner.fault(argument.span.start, problem));
        }
        Ok(())
    }

    /// `Matches`, whose pattern is compiled here.
    fn matches(&self, arguments: Vec<Node>) -> Result<Option<Call>, ExpressionFault> {
        let Ok([text, Node { kind: Kind::Text(pattern), span }]) = <[Node; 2]>::try_from(arguments) else {
            return Ok(None);
        };
        let glob = Glob::parse(&pattern).map_err(|problem| self.scanner.fault(span.start, problem))?;
        Ok(Some(Call::Matches(Box::new(text), glob)))
    }
}

/// The call, if the number of arguments is right.
fn build(function: Function, arguments: Vec<Node>) -> Option<Call> {
    let compare = |comparison, arguments: Vec<Node>| {
        Some(Call::Compare(comparison, Box::new(<[Node; 2]>::try_from(arguments).ok()?)))
    };
    match function {
        Function::And => some(arguments).map(Call::And),
        Function::Or => some(arguments).map(Call::Or),
        Function::Not => one(arguments).map(Call::Not),
        Function::Equals => compare(Comparison::Equals, arguments),
        Function::NotEquals => compare(Comparison::NotEquals, arguments),
        Function::StartsWith => compare(Comparison::StartsWith, arguments),
        Function::EndsWith => compare(Comparison::EndsWith, arguments),
        Function::Contains => compare(Comparison::Contains, arguments),
        Function::GreaterThan => compare(Comparison::GreaterThan, arguments),
        Function::LessThan => compare(Comparison::LessThan, arguments),
        Function::In => {
            let mut arguments = arguments.into_iter();
            let value = arguments.next()?;
            some(arguments.collect()).map(|list| Call::In(Box::new(value), list))
        }
        // Its second argument is a pattern; see `Parser::matches`.
        Function::Matches => None,
        Function::IsNullOrEmpty => one(arguments).map(Call::IsNullOrEmpty),
        Function::Append => some(arguments).map(Call::Append),
        Function::Lower => one(arguments).map(Call::Lower),
        Function::Upper => one(arguments).map(Call::Upper),
    }
}

fn some(arguments: Vec<Node>) -> Option<Box<[Node]>> {
    (!arguments.is_empty()).then(|| arguments.into())
}

fn one(arguments: Vec<Node>) -> Option<Box<Node>> {
    let [argument] = <[Node; 1]>::try_from(arguments).ok()?;
    Some(Box::new(argument))
}

/// Whether something that is read is compared with the very same: that says nothing of what was read.
fn compares_itself(arguments: &[Node]) -> bool {
    let Some((first, others)) = arguments.split_first() else { return false };
    let first_printed = first.to_string();
    !first.paths().is_empty() && others.iter().any(|other| other.to_string() == first_printed)
}

impl Parameter {
    fn takes(self, argument: &Node) -> bool {
        let shape = argument.shape();
        match self {
            Self::Condition => matches!(shape, Shape::Condition | Shape::Boolean | Shape::Any),
            Self::Value | Self::Element => {
                matches!(shape, Shape::Text | Shape::Integer | Shape::Boolean | Shape::Any)
            }
            Self::Text | Self::Part => matches!(shape, Shape::Text | Shape::Any),
            Self::Integer => matches!(shape, Shape::Integer | Shape::Any),
            Self::Path => shape == Shape::Any,
            Self::Pattern => matches!(argument.kind, Kind::Text(_)),
        }
    }
}
