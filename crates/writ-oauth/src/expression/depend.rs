//! Whether a condition demands anything of an assertion.
//!
//! A condition that holds for every assertion lets everyone in whose assertion the provider would sign, which for a
//! public provider is the world. So an administrator's condition is asked at once, without any assertion, whether it
//! can come out true although no *naming test* holds. A naming test compares something that the assertion says with
//! something that it does not say: `Equals`, `In` and `Contains` with a text or number, `StartsWith`, `EndsWith`, and
//! `Matches` with a pattern of more than stars and separators; the last four only if the assertion says all of the
//! text. What names nobody is taken as true and as false at will: a negation of a naming test, `IsNullOrEmpty`, a
//! boolean, a range of numbers, two values of the same assertion compared with each other, and anything that does not
//! read the assertion.

use super::Expression;
use super::ast::{Call, Comparison, Kind, Node};

/// How a condition may come out while no naming test holds. Faults are neither.
#[derive(Clone, Copy)]
struct Possible {
    hold: bool,
    fail: bool,
}

const EITHER: Possible = Possible { hold: true, fail: true };
const UNHELD: Possible = Possible { hold: false, fail: true };

impl Expression {
    /// Whether a path into the model `root` is read. A literal that looks like one is not a path.
    pub fn reads(&self, root: &str) -> bool {
        self.root.reads(root)
    }

    /// The models that are read, each once, in the order in which they stand there.
    pub fn models(&self) -> Vec<&str> {
        let mut models = Vec::new();
        for (_, path) in self.root.paths() {
            if !models.contains(&&*path.root) {
                models.push(&*path.root);
            }
        }
        models
    }

    /// Whether this condition can hold only if something that the model `root` says is compared with something that it
    /// does not say, and found to be so. `false` where this cannot be told.
    ///
    /// Not so: `Or(Equals(1, 1), Equals(jwt.claims.sub, "x"))`, `IsNullOrEmpty(jwt.claims.nothing)` and
    /// `Not(Equals(jwt.claims.sub, "x"))`, which hold for almost any assertion.
    pub fn depends_on(&self, root: &str) -> bool {
        self.is_condition() && self.reads(root) && !possible(&self.root, root).hold
    }
}

fn possible(node: &Node, root: &str) -> Possible {
    match &node.kind {
        Kind::Boolean(value) => Possible { hold: *value, fail: !*value },
        Kind::Text(_) | Kind::Integer(_) | Kind::Path(_) => EITHER,
        Kind::Call(call) => possible_call(call, root),
    }
}

fn possible_call(call: &Call, root: &str) -> Possible {
    let each = |list: &[Node]| -> Vec<Possible> { list.iter().map(|node| possible(node, root)).collect() };
    match call {
        Call::And(list) => all(&each(list)),
        Call::Or(list) => any(&each(list)),
        Call::Not(condition) => not(possible(condition, root)),
        Call::Compare(comparison, pair) => possible_comparison(*comparison, pair, root),
        Call::In(value, list) => {
            let pairs: Vec<_> = list.iter().map(|other| naming(value, other, root)).collect();
            any(&pairs)
        }
        Call::Matches(text, glob) if says_all(text, root) && glob.names_something() => UNHELD,
        Call::Matches(..) | Call::IsNullOrEmpty(_) | Call::Append(_) | Call::Lower(_) | Call::Upper(_) => EITHER,
    }
}

fn possible_comparison(comparison: Comparison, pair: &[Node; 2], root: &str) -> Possible {
    let [left, right] = pair;
    match comparison {
        Comparison::Equals => naming(left, right, root),
        Comparison::NotEquals => not(naming(left, right, root)),
        // Not the other way round: an assertion that brings the part can bring one that is in anything.
        Comparison::StartsWith | Comparison::EndsWith | Comparison::Contains if says_all(left, root) => {
            naming(left, right, root)
        }
        Comparison::StartsWith
        | Comparison::EndsWith
        | Comparison::Contains
        | Comparison::GreaterThan
        | Comparison::LessThan => EITHER,
    }
}

/// One side comes from the assertion and the other does not.
fn naming(left: &Node, right: &Node, root: &str) -> Possible {
    let is_boolean = |node: &Node| matches!(node.kind, Kind::Boolean(_));
    if left.reads(root) == right.reads(root) || is_boolean(left) || is_boolean(right) { EITHER } else { UNHELD }
}

/// Whether the assertion says all of a text, which is compared in part. What is written beside its words could be the
/// part: `EndsWith(Append(jwt.claims.sub, "x"), "x")` holds for everybody.
fn says_all(text: &Node, root: &str) -> bool {
    match &text.kind {
        Kind::Call(Call::Append(texts)) => texts.iter().all(|text| says_all(text, root)),
        Kind::Call(Call::Lower(text) | Call::Upper(text)) => says_all(text, root),
        Kind::Text(_) | Kind::Integer(_) | Kind::Boolean(_) | Kind::Path(_) | Kind::Call(_) => text.reads(root),
    }
}

fn not(of: Possible) -> Possible {
    Possible { hold: of.fail, fail: of.hold }
}

fn all(of: &[Possible]) -> Possible {
    Possible { hold: of.iter().all(|one| one.hold), fail: of.iter().any(|one| one.fail) }
}

fn any(of: &[Possible]) -> Possible {
    not(all(&of.iter().copied().map(not).collect::<Vec<_>>()))
}
