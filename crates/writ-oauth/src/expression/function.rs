//! The functions: how each is called, what it means, and an example of it.
//!
//! `docs/reference/expressions.md` is made of this table, and a test runs its examples.

use super::ast::Shape;

/// The functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Equals,
    NotEquals,
    In,
    Contains,
    StartsWith,
    EndsWith,
    Matches,
    GreaterThan,
    LessThan,
    IsNullOrEmpty,
    And,
    Or,
    Not,
    Append,
    Lower,
    Upper,
}

/// What may stand as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parameter {
    /// A call that answers yes or no, a path to a boolean, or a boolean.
    Condition,
    /// Anything but a condition.
    Value,
    Text,
    /// What is looked for in something: never an empty text.
    Part,
    /// What is looked for in a list or a text.
    Element,
    Integer,
    Path,
    /// A text that is written out: an assertion must not bring the pattern that it is checked with.
    Pattern,
}

/// One row of the table.
pub(super) struct Signature {
    pub(super) name: &'static str,
    pub(super) usage: &'static str,
    pub(super) parameters: &'static [Parameter],
    /// What any further arguments are.
    pub(super) rest: Option<Parameter>,
    pub(super) result: Shape,
    /// Whether the first argument is compared with the others.
    pub(super) compares: bool,
    pub(super) meaning: &'static str,
    /// Sources, and what each gives for the sample of the reference.
    pub(super) examples: &'static [(&'static str, &'static str)],
}

impl Parameter {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Condition => "a condition",
            Self::Value | Self::Element => "a value",
            Self::Text | Self::Part => "a text",
            Self::Integer => "a number",
            Self::Path => "a path without quotes",
            Self::Pattern => "a pattern in double quotes",
        }
    }

    pub(super) fn is_part(self) -> bool {
        matches!(self, Self::Part | Self::Element)
    }
}

impl Function {
    /// In the order of the reference.
    pub(super) const ALL: [Self; 16] = [
        Self::Equals,
        Self::NotEquals,
        Self::In,
        Self::Contains,
        Self::StartsWith,
        Self::EndsWith,
        Self::Matches,
        Self::GreaterThan,
        Self::LessThan,
        Self::IsNullOrEmpty,
        Self::And,
        Self::Or,
        Self::Not,
        Self::Append,
        Self::Lower,
        Self::Upper,
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.signature().name == name)
    }

    pub(super) fn signature(self) -> &'static Signature {
        match self {
            Self::Equals => &EQUALS,
            Self::NotEquals => &NOT_EQUALS,
            Self::In => &IN,
            Self::Contains => &CONTAINS,
            Self::StartsWith => &STARTS_WITH,
            Self::EndsWith => &ENDS_WITH,
            Self::Matches => &MATCHES,
            Self::GreaterThan => &GREATER_THAN,
            Self::LessThan => &LESS_THAN,
            Self::IsNullOrEmpty => &IS_NULL_OR_EMPTY,
            Self::And => &AND,
            Self::Or => &OR,
            Self::Not => &NOT,
            Self::Append => &APPEND,
            Self::Lower => &LOWER,
            Self::Upper => &UPPER,
        }
    }
}

const EQUALS: Signature = Signature {
    name: "Equals",
    usage: "Equals(value, value)",
    parameters: &[Parameter::Value, Parameter::Value],
    rest: None,
    result: Shape::Condition,
    compares: true,
    meaning: "Both are the same text, number or boolean. Values of two types are a fault, and so are lists and objects.",
    examples: &[
        (r#"Equals(cert.subject.CN, "partner-a")"#, "true"),
        (r#"Equals(pkcs7.payload.jsonData.'instance-id', "i-other")"#, "false"),
        (r#"Equals(jwt.claims.run_attempt, "2")"#, "fault: a number cannot be compared with a text"),
    ],
};

const NOT_EQUALS: Signature = Signature {
    name: "NotEquals",
    usage: "NotEquals(value, value)",
    parameters: &[Parameter::Value, Parameter::Value],
    rest: None,
    result: Shape::Condition,
    compares: true,
    meaning: "The opposite of `Equals`, with the same faults: a missing value is not unequal.",
    examples: &[
        (r#"NotEquals(jwt.claims.event_name, "pull_request")"#, "true"),
        (r#"NotEquals(jwt.claims.nothing, "pull_request")"#, "fault: there is no such value"),
    ],
};

const IN: Signature = Signature {
    name: "In",
    usage: "In(value, value, ...)",
    parameters: &[Parameter::Value, Parameter::Value],
    rest: Some(Parameter::Value),
    result: Shape::Condition,
    compares: true,
    meaning: "The first value equals one of the others. A list among the others stands for its elements. All of them \
        are compared, so one of another type is a fault wherever it stands.",
    examples: &[
        (r#"In(jwt.claims.environment, "staging", "production")"#, "true"),
        (r#"In("deployers", jwt.claims.groups)"#, "true"),
    ],
};

const CONTAINS: Signature = Signature {
    name: "Contains",
    usage: "Contains(list, value) or Contains(text, text)",
    parameters: &[Parameter::Text, Parameter::Element],
    rest: None,
    result: Shape::Condition,
    compares: true,
    meaning: "A list has an element that equals the value; a text has the other text somewhere in it. Which of them \
        it is depends on what is read. In a list all elements are compared, as with `In`.",
    examples: &[
        (r#"Contains(jwt.claims.groups, "deployers")"#, "true"),
        (r#"Contains(jwt.claims.groups, "deploy")"#, "false"),
        (r#"Contains(jwt.claims.ref, "/release/")"#, "false"),
    ],
};

const STARTS_WITH: Signature = Signature {
    name: "StartsWith",
    usage: "StartsWith(text, text)",
    parameters: &[Parameter::Text, Parameter::Part],
    rest: None,
    result: Shape::Condition,
    compares: true,
    meaning: "The first text begins with the second. End the second with a separator: `repo:acme` is also the \
        beginning of `repo:acme-evil`.",
    examples: &[
        (r#"StartsWith(jwt.claims.sub, "repo:acme/")"#, "true"),
        ("StartsWith(jwt.claims.sub, jwt.claims.empty)", "fault: it is empty, and an empty text is in any text"),
    ],
};

const ENDS_WITH: Signature = Signature {
    name: "EndsWith",
    usage: "EndsWith(text, text)",
    parameters: &[Parameter::Text, Parameter::Part],
    rest: None,
    result: Shape::Condition,
    compares: true,
    meaning: "The first text ends with the second.",
    examples: &[(r#"EndsWith(cert.issuer.CN, " CA")"#, "true")],
};

const MATCHES: Signature = Signature {
    name: "Matches",
    usage: "Matches(text, \"pattern\")",
    parameters: &[Parameter::Text, Parameter::Pattern],
    rest: None,
    result: Shape::Condition,
    compares: false,
    meaning: "The pattern covers the whole text, from its beginning to its end. `*` stands for any letters, also none, \
        within a segment; `**` also across segments. Segments end at `/` and at `:`. Every other character stands for \
        itself. The pattern is written out in the expression, and one of nothing but stars is refused.",
    examples: &[
        (r#"Matches(jwt.claims.sub, "repo:acme/*:ref:refs/heads/main")"#, "true"),
        (r#"Matches("repo:acme-evil/x", "repo:acme/*")"#, "false"),
        (r#"Matches("repo:acme/web:ref:refs/heads/main", "repo:acme/*")"#, "false"),
        (r#"Matches("repo:acme/web:ref:refs/heads/main", "repo:acme/**")"#, "true"),
    ],
};

const GREATER_THAN: Signature = Signature {
    name: "GreaterThan",
    usage: "GreaterThan(number, number)",
    parameters: &[Parameter::Integer, Parameter::Integer],
    rest: None,
    result: Shape::Condition,
    compares: true,
    meaning: "The first number is greater than the second.",
    examples: &[("GreaterThan(jwt.claims.run_attempt, 2)", "false")],
};

const LESS_THAN: Signature = Signature {
    name: "LessThan",
    usage: "LessThan(number, number)",
    parameters: &[Parameter::Integer, Parameter::Integer],
    rest: None,
    result: Shape::Condition,
    compares: true,
    meaning: "The first number is less than the second.",
    examples: &[("LessThan(jwt.claims.run_attempt, 3)", "true")],
};

const IS_NULL_OR_EMPTY: Signature = Signature {
    name: "IsNullOrEmpty",
    usage: "IsNullOrEmpty(path)",
    parameters: &[Parameter::Path],
    rest: None,
    result: Shape::Condition,
    compares: false,
    meaning: "Nothing is there, or `null`, an empty text, an empty list or an empty object. A model that is not offered \
        here is still a fault.",
    examples: &[
        ("IsNullOrEmpty(jwt.claims.nothing)", "true"),
        ("IsNullOrEmpty(jwt.claims.'kubernetes.io'.namespace)", "false"),
        ("And(Not(IsNullOrEmpty(jwt.claims.actor)), Equals(jwt.claims.actor, \"octocat\"))", "false"),
    ],
};

const AND: Signature = Signature {
    name: "And",
    usage: "And(condition, ...)",
    parameters: &[Parameter::Condition],
    rest: Some(Parameter::Condition),
    result: Shape::Condition,
    compares: false,
    meaning: "Every condition holds. They are asked from left to right up to the first that does not.",
    examples: &[
        (r#"And(Equals(jwt.issuer, "https://ci.example"), Equals(jwt.claims.repository_owner_id, "4711"))"#, "true"),
        ("And(jwt.claims.protected, Not(jwt.claims.protected))", "false"),
    ],
};

const OR: Signature = Signature {
    name: "Or",
    usage: "Or(condition, ...)",
    parameters: &[Parameter::Condition],
    rest: Some(Parameter::Condition),
    result: Shape::Condition,
    compares: false,
    meaning: "At least one condition holds. They are asked from left to right up to the first that does; a fault before \
        it is the fault of the whole.",
    examples: &[
        (r#"Or(Equals(cert.subject.CN, "partner-b"), Equals(cert.subject.CN, "partner-a"))"#, "true"),
        (
            r#"Or(Equals(jwt.claims.nothing, "x"), Equals(cert.subject.CN, "partner-a"))"#,
            "fault: there is no such value",
        ),
    ],
};

const NOT: Signature = Signature {
    name: "Not",
    usage: "Not(condition)",
    parameters: &[Parameter::Condition],
    rest: None,
    result: Shape::Condition,
    compares: false,
    meaning: "The condition does not hold. A fault stays a fault.",
    examples: &[(r#"Not(In(jwt.claims.environment, "test"))"#, "true")],
};

const APPEND: Signature = Signature {
    name: "Append",
    usage: "Append(text, ...)",
    parameters: &[Parameter::Text],
    rest: Some(Parameter::Text),
    result: Shape::Text,
    compares: false,
    meaning: "The texts, one behind the other. Put a separator between them, one that cannot be part of them.",
    examples: &[(
        r#"Append(client.applicationFederatedCredentialId, ":", cert.subject.CN, ":", cert.serialNumber)"#,
        r#""afc_demo:partner-a:00d1f3""#,
    )],
};

const LOWER: Signature = Signature {
    name: "Lower",
    usage: "Lower(text)",
    parameters: &[Parameter::Text],
    rest: None,
    result: Shape::Text,
    compares: false,
    meaning: "The text with A to Z as a to z; all other characters stay as they are.",
    examples: &[(r#"Lower("CN=Émile")"#, r#""cn=Émile""#)],
};

const UPPER: Signature = Signature {
    name: "Upper",
    usage: "Upper(text)",
    parameters: &[Parameter::Text],
    rest: None,
    result: Shape::Text,
    compares: false,
    meaning: "The text with a to z as A to Z; all other characters stay as they are.",
    examples: &[("Upper(cert.serialNumber)", r#""00D1F3""#)],
};
