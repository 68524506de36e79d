//! Expressions in documents: what each is for decides what it may yield and read.

use writ_oauth::expression::Expression;

use super::credential::{Fault, check_expression, fault};

/// The model that expressions read of the client itself, whatever its provider is.
pub(crate) const CLIENT_MODEL: &str = "client";

/// A condition on what a provider vouches for, which it says under `model`.
pub(crate) fn condition(path: &str, source: &str, model: &str) -> Result<Expression, Fault> {
    let expression = parse(path, source, model)?;
    if expression.is_condition() {
        return Ok(expression);
    }
    fault(path, "a condition is a call that answers yes or no, such as `Equals`")
}

/// A mapping to a text.
pub(crate) fn text(path: &str, source: &str, model: &str) -> Result<Expression, Fault> {
    let expression = parse(path, source, model)?;
    if expression.is_text() { Ok(expression) } else { fault(path, "a text is needed here: a path, or `Append`") }
}

/// A mapping to a time in seconds, or such a time: of documents that do not say it, which are then taken in one fixed span
/// of time.
pub(crate) fn seconds(path: &str, source: &str, model: &str) -> Result<Expression, Fault> {
    let expression = parse(path, source, model)?;
    if !expression.is_integer() {
        return fault(path, "a path to a number is needed here: seconds since 1970");
    }
    if expression.reads(model) || expression.models().is_empty() {
        Ok(expression)
    } else {
        fault(path, format!("it does not read `{model}`"))
    }
}

fn parse(path: &str, source: &str, model: &str) -> Result<Expression, Fault> {
    check_expression(source).map_err(|message| (path.to_owned(), message))?;
    let expression = Expression::parse(source).map_err(|problem| (path.to_owned(), problem.to_string()))?;
    let strange = expression.models().into_iter().find(|known| ![CLIENT_MODEL, model].contains(known));
    match strange.map(str::to_owned) {
        None => Ok(expression),
        Some(strange) => {
            fault(path, format!("there is no model `{strange}` here; there are `{CLIENT_MODEL}` and `{model}`"))
        }
    }
}
