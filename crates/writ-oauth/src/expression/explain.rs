//! What came out of each clause, for an administrator who wonders why.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Expression;
use super::ast::{Call, Kind, Node, Shape};
use super::evaluate::{Evaluation, clause};
use super::facts::Facts;
use super::fault::EvaluationFault;
use super::quote::quote;
use super::value::Value;

/// The longest value that is shown, in characters.
const VALUE_SHOWN: usize = 96;

/// A clause and what came out of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// The part of the source, cut if it is long.
    pub clause: String,
    /// What came out.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Whether the answer needed it: `false` where an earlier clause had decided, or had a fault.
    pub reached: bool,
    /// What was read, unless `clauses` say it.
    pub values: Vec<Compared>,
    /// The operands of `And`, `Or` and `Not`.
    pub clauses: Vec<Explained>,
}

/// What came out of a clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// The condition held.
    Held,
    /// The condition did not hold.
    DidNotHold,
    /// It is no condition, and this is its value.
    Value {
        /// Cut if it is long.
        value: String,
    },
    /// There was no answer, which is a refusal.
    Fault {
        /// Why.
        fault: String,
    },
}

/// A path and what stood there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// The path.
    pub path: String,
    /// The value as JSON, cut if it is long; absent if there is none.
    pub value: Option<String>,
}

impl Expression {
    /// Evaluates every clause, also those that the answer does not need. The outcome at the top is that of
    /// [`Expression::condition`].
    pub fn explain(&self, facts: &Facts) -> Explained {
        let mut explaining = Explaining {
            source: &self.source,
            facts,
            reached: Evaluation::new(&self.source, facts),
            others: Evaluation::new(&self.source, facts),
        };
        explaining.node(&self.root, self.root.shape() == Shape::Condition, true)
    }
}

/// The clauses that the answer needs spend what the answer spends; the others spend from a purse of their own.
struct Explaining<'a> {
    source: &'a str,
    facts: &'a Facts,
    reached: Evaluation<'a>,
    others: Evaluation<'a>,
}

impl<'a> Explaining<'a> {
    /// `asked`: a yes or no is needed, and anything else is a fault.
    fn node(&mut self, node: &'a Node, asked: bool, reached: bool) -> Explained {
        let (outcome, clauses) = match &node.kind {
            Kind::Call(Call::And(list)) => self.combined(node, list, &Outcome::DidNotHold, reached),
            Kind::Call(Call::Or(list)) => self.combined(node, list, &Outcome::Held, reached),
            Kind::Call(Call::Not(condition)) => {
                let (outcome, clauses) = self.combined(node, std::slice::from_ref(condition), &Outcome::Held, reached);
                (opposite(outcome), clauses)
            }
            Kind::Text(_) | Kind::Integer(_) | Kind::Boolean(_) | Kind::Path(_) | Kind::Call(_) => {
                (self.single(node, asked, reached), Vec::new())
            }
        };
        let values = if clauses.is_empty() { self.values(node) } else { Vec::new() };
        Explained { clause: clause(self.source, node), outcome, reached, values, clauses }
    }

    fn purse(&mut self, reached: bool) -> &mut Evaluation<'a> {
        if reached { &mut self.reached } else { &mut self.others }
    }

    /// Operands up to the first that comes out as `decisive`, or has a fault; and the others, as not reached.
    fn combined(
        &mut self,
        node: &Node,
        operands: &'a [Node],
        decisive: &Outcome,
        mut reached: bool,
    ) -> (Outcome, Vec<Explained>) {
        if let Err(fault) = self.purse(reached).spend(node, 1) {
            return (Outcome::of_fault(&fault), Vec::new());
        }
        let otherwise = opposite(decisive.clone());
        let mut outcome = None;
        let mut clauses = Vec::new();
        for operand in operands {
            let clause = self.node(operand, true, reached);
            if outcome.is_none() && clause.outcome != otherwise {
                outcome = Some(clause.outcome.clone());
                reached = false;
            }
            clauses.push(clause);
        }
        (outcome.unwrap_or(otherwise), clauses)
    }

    fn single(&mut self, node: &'a Node, asked: bool, reached: bool) -> Outcome {
        let evaluation = self.purse(reached);
        let value = if asked { evaluation.condition(node).map(Value::Boolean) } else { evaluation.value(node) };
        match value {
            Ok(Value::Boolean(true)) => Outcome::Held,
            Ok(Value::Boolean(false)) => Outcome::DidNotHold,
            Ok(Value::Text(text)) => Outcome::Value { value: cut(&quote(&text)) },
            Ok(Value::Integer(number)) => Outcome::Value { value: number.to_string() },
            Ok(Value::List(list)) => Outcome::Value { value: shown(&Json::from(list)) },
            Ok(Value::Object(members)) => Outcome::Value { value: shown(&Json::from(members.clone())) },
            Err(fault) => Outcome::of_fault(&fault),
        }
    }

    /// What the paths of a clause lead to, each once.
    fn values(&self, node: &Node) -> Vec<Compared> {
        let mut values: Vec<Compared> = Vec::new();
        for (_, path) in node.paths() {
            let compared = Compared { path: path.to_string(), value: self.facts.find(path).ok().map(shown) };
            if !values.contains(&compared) {
                values.push(compared);
            }
        }
        values
    }
}

impl Outcome {
    fn of_fault(fault: &EvaluationFault) -> Self {
        Self::Fault { fault: fault.to_string() }
    }
}

fn opposite(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Held => Outcome::DidNotHold,
        Outcome::DidNotHold => Outcome::Held,
        other @ (Outcome::Value { .. } | Outcome::Fault { .. }) => other,
    }
}

/// Text in the quotes of a source, so that nothing in it can pass for something else; the rest as JSON.
fn shown(value: &Json) -> String {
    match value {
        Json::String(text) => cut(&quote(text)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => cut(&value.to_string()),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(VALUE_SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// A source may have several lines; here it gets one.
fn one_line(source: &str) -> String {
    source.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A clause a line, operands and values below it and further in.
impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines(f, 0)
    }
}

impl Explained {
    fn lines(&self, f: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        let not_reached = if self.reached { "" } else { "not reached, " };
        let margin = "  ".repeat(indent);
        let clause = one_line(&self.clause);
        match &self.outcome {
            Outcome::Held => writeln!(f, "{margin}{not_reached}held: {clause}")?,
            Outcome::DidNotHold => writeln!(f, "{margin}{not_reached}did not hold: {clause}")?,
            Outcome::Value { value } => writeln!(f, "{margin}{not_reached}{value}: {clause}")?,
            Outcome::Fault { fault } if self.clauses.is_empty() => {
                writeln!(f, "{margin}{not_reached}fault: {}", one_line(fault))?;
            }
            Outcome::Fault { .. } => writeln!(f, "{margin}{not_reached}fault: {clause}")?,
        }
        for Compared { path, value } in &self.values {
            writeln!(f, "{margin}    {path} is {}", value.as_deref().unwrap_or("missing"))?;
        }
        self.clauses.iter().try_for_each(|inner| inner.lines(f, indent.saturating_add(1)))
    }
}
