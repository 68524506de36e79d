//! Explanations: of requests and calls before they are made, and of refusals after they were.

mod agreement;
mod call;
mod command;
mod refusals;
mod request;

use serde_json::{Value, json};

use crate::support::call::Call;
use crate::support::server::Server;

const EXPLAIN: &str = "/v1/tenants/default/explain";

/// What is said of a request for a token.
#[track_caller]
fn of_request(server: &Server, request: &Value) -> Value {
    server.administer(Call::post(EXPLAIN).json(&json!({ "request": request }))).ok().json()
}

/// What is said of a call of the gateway.
#[track_caller]
fn of_call(server: &Server, call: &Value) -> Value {
    server.administer(Call::post(EXPLAIN).json(&json!({ "call": call }))).ok().json()
}

/// The first step that did not hold: its name, and the rule.
fn broken(explained: &Value) -> Option<(&str, &str)> {
    let steps = explained["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["outcome"] == "did_not_hold")?;
    Some((step["step"].as_str().unwrap(), step["refusal"]["rule"].as_str().unwrap()))
}

/// A step by its name.
#[track_caller]
fn step<'a>(explained: &'a Value, name: &str) -> &'a Value {
    let steps = explained["steps"].as_array().unwrap();
    steps.iter().find(|step| step["step"] == name).unwrap_or_else(|| panic!("no step {name}: {explained:#}"))
}

/// An item as it is asked for.
#[track_caller]
fn item<'a>(explained: &'a Value, name: &str) -> &'a Value {
    let items = explained["items"].as_array().unwrap();
    items.iter().find(|item| item["item"] == name).unwrap_or_else(|| panic!("no item {name}: {explained:#}"))
}
