//! Conditions that are allowed and likely to let in more than was meant.

use std::fmt;

use super::Expression;
use super::ast::{Call, Comparison, Kind, Node, Path};
use super::evaluate::clause;

/// One thing to think about, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What it is.
    pub hazard: Hazard,
    /// The part of the source, cut if it is long.
    pub clause: Box<str>,
    /// Bytes before it in the source.
    pub offset: usize,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.clause, self.hazard)
    }
}

/// The kinds of warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Hazard {
    /// A subject is compared in part, and nothing that stands beside it is an id that is never given again.
    #[error(
        "a subject is made of names, and a name that was given up can be taken by somebody else; compare an id that \
         never changes as well, as in And(Equals(jwt.claims.repository_owner_id, \"4711\"), ...)"
    )]
    SubjectInPart,
    /// A pattern that begins with a star.
    #[error("the pattern is open at its beginning, where names say whose they are")]
    OpenStart,
    /// A part is looked for anywhere in a text.
    #[error("the part may stand anywhere in the text, also where the caller chooses what is written")]
    Anywhere,
    /// Only the end of a text is compared.
    #[error("only the end is compared, and the beginning says whose it is")]
    OnlyTheEnd,
    /// A prefix that ends within a name.
    #[error("the beginning ends within a name: acme also begins acme-evil; end it with a separator such as / or :")]
    OpenEnd,
    /// Two values that are read, joined without anything between them.
    #[error("nothing stands between two values, so different values can make the same text")]
    NoSeparator,
}

impl Hazard {
    /// In the order of the reference.
    pub(super) const ALL: [Self; 6] =
        [Self::SubjectInPart, Self::OpenEnd, Self::OpenStart, Self::OnlyTheEnd, Self::Anywhere, Self::NoSeparator];

    /// The shortest expression that has it.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::SubjectInPart => r#"Matches(jwt.claims.sub, "repo:acme/*")"#,
            Self::OpenStart => r#"Matches(jwt.claims.ref, "*/main")"#,
            Self::Anywhere => r#"Contains(jwt.claims.sub, "acme")"#,
            Self::OnlyTheEnd => r#"EndsWith(jwt.claims.email, "@acme.example")"#,
            Self::OpenEnd => r#"StartsWith(jwt.claims.repository, "acme")"#,
            Self::NoSeparator => "Append(cert.subject.CN, cert.serialNumber)",
        }
    }
}

/// What is likely to let in more than was meant. It refuses nothing.
pub fn lint(expression: &Expression) -> Vec<Warning> {
    let mut lint = Lint { source: expression.source(), warnings: Vec::new() };
    lint.node(&expression.root, Pinned::No);
    lint.warnings
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pinned {
    Yes,
    No,
    /// Within a negation nothing is demanded.
    Never,
}

struct Lint<'a> {
    source: &'a str,
    warnings: Vec<Warning>,
}

impl Lint<'_> {
    /// `pinned`: whatever this belongs to holds only if an id that never changes is the right one.
    fn node(&mut self, node: &Node, pinned: Pinned) {
        let Kind::Call(call) = &node.kind else { return };
        let pinned = match call {
            Call::And(conditions) if pinned == Pinned::No && conditions.iter().any(pins) => Pinned::Yes,
            Call::Not(_) if pinned == Pinned::No => Pinned::Never,
            Call::And(_)
            | Call::Not(_)
            | Call::Or(_)
            | Call::Compare(..)
            | Call::In(..)
            | Call::Matches(..)
            | Call::IsNullOrEmpty(_)
            | Call::Append(_)
            | Call::Lower(_)
            | Call::Upper(_) => pinned,
        };
        for hazard in hazards(call, pinned == Pinned::Yes) {
            let clause = clause(self.source, node).into();
            self.warnings.push(Warning { hazard, clause, offset: node.span.start });
        }
        for argument in call.arguments() {
            self.node(argument, pinned);
        }
    }
}

fn hazards(call: &Call, pinned: bool) -> Vec<Hazard> {
    let mut hazards = Vec::new();
    let partial = match call {
        Call::Compare(comparison, pair) => {
            let [text, part] = pair.as_ref();
            hazards.extend(of_comparison(*comparison, text, part));
            in_part(*comparison).then_some(text)
        }
        Call::Matches(text, glob) => {
            hazards.extend(glob.open_start().then_some(Hazard::OpenStart));
            glob.is_open().then_some(text.as_ref())
        }
        Call::Append(texts) => {
            let joined = texts.windows(2).any(|pair| pair.iter().all(|text| !text.paths().is_empty()));
            hazards.extend(joined.then_some(Hazard::NoSeparator));
            None
        }
        Call::And(_)
        | Call::Or(_)
        | Call::Not(_)
        | Call::In(..)
        | Call::IsNullOrEmpty(_)
        | Call::Lower(_)
        | Call::Upper(_) => None,
    };
    let subject = partial.is_some_and(|text| text.paths().iter().any(|(_, path)| is_subject(path)));
    hazards.extend((subject && !pinned).then_some(Hazard::SubjectInPart));
    hazards
}

fn of_comparison(comparison: Comparison, text: &Node, part: &Node) -> Option<Hazard> {
    match comparison {
        Comparison::StartsWith => match &part.kind {
            Kind::Text(prefix) => prefix.ends_with(char::is_alphanumeric).then_some(Hazard::OpenEnd),
            Kind::Integer(_) | Kind::Boolean(_) | Kind::Path(_) | Kind::Call(_) => None,
        },
        Comparison::EndsWith => Some(Hazard::OnlyTheEnd),
        // Of a claim with another name it cannot be told whether it is a text or a list.
        Comparison::Contains => text.paths().iter().any(|(_, path)| is_subject(path)).then_some(Hazard::Anywhere),
        Comparison::Equals | Comparison::NotEquals | Comparison::GreaterThan | Comparison::LessThan => None,
    }
}

fn in_part(comparison: Comparison) -> bool {
    match comparison {
        Comparison::StartsWith | Comparison::EndsWith | Comparison::Contains => true,
        Comparison::Equals | Comparison::NotEquals | Comparison::GreaterThan | Comparison::LessThan => false,
    }
}

/// Whether a condition demands that an id that never changes is a certain one, or one of several.
fn pins(condition: &Node) -> bool {
    let Kind::Call(call) = &condition.kind else { return false };
    match call {
        Call::Compare(Comparison::Equals, pair) => {
            let [left, right] = pair.as_ref();
            (is_id(left) && right.paths().is_empty()) || (is_id(right) && left.paths().is_empty())
        }
        Call::In(value, list) => is_id(value) && list.iter().all(|other| other.paths().is_empty()),
        Call::And(conditions) => conditions.iter().any(pins),
        Call::Or(conditions) => conditions.iter().all(pins),
        Call::Compare(..)
        | Call::Not(_)
        | Call::Matches(..)
        | Call::IsNullOrEmpty(_)
        | Call::Append(_)
        | Call::Lower(_)
        | Call::Upper(_) => false,
    }
}

/// Names under which issuers put what is never given again: `repository_owner_id`, `instance-id`, `uid`, `oid`.
fn is_id(node: &Node) -> bool {
    let Kind::Path(path) = &node.kind else { return false };
    let name = path.segments.last().map_or("", |segment| &*segment.name);
    let is_id = ["id", "uid", "oid", "tid"].contains(&name);
    is_id || name.ends_with("_id") || name.ends_with("-id") || name.ends_with("Id")
}

fn is_subject(path: &Path) -> bool {
    path.segments.last().is_some_and(|segment| &*segment.name == "sub")
}
