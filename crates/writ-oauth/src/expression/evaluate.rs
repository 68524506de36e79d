//! Evaluating an expression, within its steps.

use std::borrow::Cow;

use super::ast::{Call, Comparison, Kind, Node};
use super::facts::Facts;
use super::fault::{Cause, EvaluationFault};
use super::value::Value;
use super::{MAX_STEPS, MAX_TEXT_BYTES};

/// The longest part of a source that a message repeats, in characters.
const CLAUSE_SHOWN: usize = 120;

/// One evaluation: what can be read, and what may still be spent.
pub(super) struct Evaluation<'a> {
    source: &'a str,
    facts: &'a Facts,
    steps: usize,
}

type Evaluated<T> = Result<T, EvaluationFault>;

impl<'a> Evaluation<'a> {
    pub(super) fn new(source: &'a str, facts: &'a Facts) -> Self {
        Self { source, facts, steps: MAX_STEPS }
    }

    pub(super) fn fault(&self, node: &Node, cause: Cause) -> EvaluationFault {
        EvaluationFault { clause: clause(self.source, node).into(), offset: node.span.start, cause }
    }

    pub(super) fn spend(&mut self, node: &Node, steps: usize) -> Evaluated<()> {
        let left = self.steps.checked_sub(steps);
        self.steps = left.unwrap_or(0);
        left.map(|_| ()).ok_or_else(|| self.fault(node, Cause::Steps))
    }

    pub(super) fn condition(&mut self, node: &'a Node) -> Evaluated<bool> {
        let value = self.value(node)?;
        let Value::Boolean(holds) = value else { return Err(self.wrong_type(node, "a boolean", &value)) };
        Ok(holds)
    }

    pub(super) fn text(&mut self, node: &'a Node) -> Evaluated<Cow<'a, str>> {
        let value = self.value(node)?;
        let Value::Text(text) = value else { return Err(self.wrong_type(node, "a text", &value)) };
        Ok(text)
    }

    pub(super) fn integer(&mut self, node: &'a Node) -> Evaluated<i64> {
        let value = self.value(node)?;
        let Value::Integer(number) = value else { return Err(self.wrong_type(node, "a number", &value)) };
        Ok(number)
    }

    fn wrong_type(&self, node: &Node, wanted: &'static str, value: &Value<'_>) -> EvaluationFault {
        self.fault(node, Cause::Type { wanted, found: value.type_name() })
    }

    pub(super) fn value(&mut self, node: &'a Node) -> Evaluated<Value<'a>> {
        self.spend(node, 1)?;
        match &node.kind {
            Kind::Text(text) => Ok(Value::Text(Cow::Borrowed(text))),
            Kind::Integer(number) => Ok(Value::Integer(*number)),
            Kind::Boolean(value) => Ok(Value::Boolean(*value)),
            Kind::Path(path) => self.facts.find(path).and_then(Value::of).map_err(|cause| self.fault(node, cause)),
            Kind::Call(call) => self.call(node, call),
        }
    }

    fn call(&mut self, node: &'a Node, call: &'a Call) -> Evaluated<Value<'a>> {
        match call {
            Call::And(conditions) => self.first(conditions, false).map(|found| Value::Boolean(!found)),
            Call::Or(conditions) => self.first(conditions, true).map(Value::Boolean),
            Call::Not(condition) => self.condition(condition).map(|holds| Value::Boolean(!holds)),
            Call::Compare(comparison, pair) => self.compare(node, *comparison, pair).map(Value::Boolean),
            Call::In(value, others) => self.is_in(node, value, others).map(Value::Boolean),
            Call::Matches(text, glob) => {
                let text = self.text(text)?;
                self.spend(node, glob.cost(&text))?;
                Ok(Value::Boolean(glob.matches(&text)))
            }
            Call::IsNullOrEmpty(path) => self.is_null_or_empty(path).map(Value::Boolean),
            Call::Append(texts) => self.append(node, texts),
            Call::Lower(text) => self.fold(node, text, str::to_ascii_lowercase),
            Call::Upper(text) => self.fold(node, text, str::to_ascii_uppercase),
        }
    }

    /// Whether one of the conditions comes out as `wanted`. Those behind the first one are not asked.
    fn first(&mut self, conditions: &'a [Node], wanted: bool) -> Evaluated<bool> {
        for condition in conditions {
            if self.condition(condition)? == wanted {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn compare(&mut self, node: &'a Node, comparison: Comparison, pair: &'a [Node; 2]) -> Evaluated<bool> {
        let [left, right] = pair;
        match comparison {
            Comparison::Equals => self.equals(node, left, right),
            Comparison::NotEquals => self.equals(node, left, right).map(|equal| !equal),
            Comparison::StartsWith => self.part(node, pair, |text, part| text.starts_with(part)),
            Comparison::EndsWith => self.part(node, pair, |text, part| text.ends_with(part)),
            Comparison::Contains => self.contains(node, left, right),
            Comparison::GreaterThan => Ok(self.integer(left)? > self.integer(right)?),
            Comparison::LessThan => Ok(self.integer(left)? < self.integer(right)?),
        }
    }

    fn equals(&mut self, node: &'a Node, left: &'a Node, right: &'a Node) -> Evaluated<bool> {
        let (left, right) = (self.value(left)?, self.value(right)?);
        self.same(node, &left, &right)
    }

    fn same(&mut self, node: &Node, left: &Value<'_>, right: &Value<'_>) -> Evaluated<bool> {
        self.spend(node, left.cost().min(right.cost()))?;
        left.equals(right).map_err(|cause| self.fault(node, cause))
    }

    fn part(&mut self, node: &Node, pair: &'a [Node; 2], holds: fn(&str, &str) -> bool) -> Evaluated<bool> {
        let [text, part] = pair;
        let whole = self.text(text)?;
        let sought = self.text(part)?;
        if sought.is_empty() {
            return Err(self.fault(part, Cause::PartEmpty));
        }
        self.spend(node, sought.len())?;
        Ok(holds(&whole, &sought))
    }

    fn contains(&mut self, node: &'a Node, whole: &'a Node, part: &'a Node) -> Evaluated<bool> {
        let (held, sought) = (self.value(whole)?, self.value(part)?);
        let text = match &held {
            Value::Text(text) => text,
            Value::List(_) => return self.any_same(node, &sought, &held),
            Value::Integer(_) | Value::Boolean(_) | Value::Object(_) => {
                return Err(self.wrong_type(whole, "a list or a text", &held));
            }
        };
        let Value::Text(sought) = sought else { return Err(self.wrong_type(part, "a text", &sought)) };
        if sought.is_empty() {
            return Err(self.fault(part, Cause::PartEmpty));
        }
        self.spend(node, text.len().saturating_add(sought.len()))?;
        Ok(text.contains(&*sought))
    }

    fn is_in(&mut self, node: &'a Node, value: &'a Node, others: &'a [Node]) -> Evaluated<bool> {
        let value = self.value(value)?;
        let mut found = false;
        for other in others {
            let other = self.value(other)?;
            found |= self.any_same(node, &value, &other)?;
        }
        Ok(found)
    }

    /// Whether `other`, or an element if it is a list, is the same as `value`. All elements are compared, so that a
    /// value of another type is a fault wherever it stands.
    fn any_same(&mut self, node: &Node, value: &Value<'_>, other: &Value<'_>) -> Evaluated<bool> {
        let Value::List(elements) = other else { return self.same(node, value, other) };
        let mut found = false;
        for element in *elements {
            self.spend(node, 1)?;
            let element = Value::of(element).map_err(|cause| self.fault(node, cause))?;
            found |= self.same(node, value, &element)?;
        }
        Ok(found)
    }

    /// The one function that is at ease with nothing. That a model is not offered here at all is a mistake, not nothing.
    fn is_null_or_empty(&mut self, path: &'a Node) -> Evaluated<bool> {
        match self.value(path) {
            Ok(Value::Text(text)) => Ok(text.is_empty()),
            Ok(Value::List(list)) => Ok(list.is_empty()),
            Ok(Value::Object(members)) => Ok(members.is_empty()),
            Ok(Value::Integer(_) | Value::Boolean(_)) => Ok(false),
            Err(fault) if matches!(fault.cause, Cause::Missing | Cause::Null) => Ok(true),
            Err(fault) if fault.cause == Cause::Number => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    fn append(&mut self, node: &'a Node, texts: &'a [Node]) -> Evaluated<Value<'a>> {
        let mut whole = String::new();
        for text in texts {
            let text = self.text(text)?;
            if whole.len().saturating_add(text.len()) > MAX_TEXT_BYTES {
                return Err(self.fault(node, Cause::TextTooLong));
            }
            self.spend(node, text.len())?;
            whole.push_str(&text);
        }
        Ok(Value::Text(Cow::Owned(whole)))
    }

    fn fold(&mut self, node: &'a Node, text: &'a Node, fold: fn(&str) -> String) -> Evaluated<Value<'a>> {
        let text = self.text(text)?;
        if text.len() > MAX_TEXT_BYTES {
            return Err(self.fault(node, Cause::TextTooLong));
        }
        self.spend(node, text.len())?;
        Ok(Value::Text(Cow::Owned(fold(&text))))
    }
}

/// The part of the source that `node` was parsed from, cut if it is long.
pub(super) fn clause(source: &str, node: &Node) -> String {
    let clause = source.get(node.span.clone()).unwrap_or_default();
    match clause.char_indices().nth(CLAUSE_SHOWN) {
        None => clause.to_owned(),
        Some((end, _)) => format!("{}…", clause.get(..end).unwrap_or_default()),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::super::Expression;
    use super::*;

    #[test]
    fn case_29_no_evaluation_takes_more_than_its_steps() {
        let groups: Vec<_> = (0..100_000).map(|number| format!("group-{number}")).collect();
        let long = "a".repeat(100_000);
        let facts = Facts::new()
            .with("client", json!({ "long": format!("{long}b") }))
            .with("jwt", json!({ "groups": groups, "long": long }));
        for clause in [
            r#"Contains(jwt.groups, "none")"#,
            r#"Matches(jwt.long, "**a**a**a**a**b")"#,
            "Equals(jwt.long, client.long)",
            "StartsWith(jwt.long, client.long)",
            "Contains(jwt.long, client.long)",
        ] {
            let clauses: Vec<_> = std::iter::repeat_n(format!("Not({clause})"), 20).collect();
            let expression = Expression::parse(&format!("And({})", clauses.join(","))).unwrap();
            let mut evaluation = Evaluation::new(expression.source(), &facts);
            assert_eq!(evaluation.condition(&expression.root).unwrap_err().cause, Cause::Steps, "{clause}");
            assert_eq!(evaluation.steps, 0);
        }
    }

    #[test]
    fn an_ordinary_condition_takes_few_steps() {
        let facts = Facts::new().with("jwt", json!({ "sub": "repo:acme/web:ref:refs/heads/main", "owner": "4711" }));
        let source = r#"And(Equals(jwt.owner, "4711"), Matches(jwt.sub, "repo:acme/*:ref:refs/heads/main"))"#;
        let expression = Expression::parse(source).unwrap();
        let mut evaluation = Evaluation::new(source, &facts);
        assert!(evaluation.condition(&expression.root).unwrap());
        assert!(MAX_STEPS - evaluation.steps < MAX_STEPS / 500, "{}", MAX_STEPS - evaluation.steps);
    }
}
