//! Resource servers of the model `resource`: documents, decisions, tokens and enforcement.

mod decide;
mod documents;
mod enforce;

use serde_json::{Value, json};

use crate::token::TokenRequest;

const SECRET: &str = "a-secret-of-an-access-account";

/// An application with four resources and the access accounts of two contractors.
fn screen() -> Value {
    json!({
        "kind": "application", "id": "screen", "name": "大屏展示",
        "resource_server": { "audience": "api://screen", "resources": resources() },
        "clients": [
            account("ak_a", json!([{ "resource": "announce:*", "actions": ["read"], "effect": "allow" }])),
            account("ak_b", json!([
                { "resource": "user-growth:2019", "actions": ["*"], "effect": "allow" },
                { "resource": "revenue:*", "actions": ["create", "read", "update"], "effect": "allow" },
                { "resource": "customer:*", "actions": ["read"], "effect": "allow" },
            ])),
        ],
    })
}

fn resources() -> Value {
    let resource = |code: &str| json!({ "code": code, "actions": ["create", "read", "update", "delete"] });
    json!([resource("user-growth"), resource("customer"), resource("announce"), resource("revenue")])
}

fn account(client_id: &str, rules: Value) -> Value {
    json!({
        "client_id": client_id,
        "credentials": [{ "kind": "secret", "name": "sk", "value": SECRET }],
        "authorizations": [{ "audience": "api://screen", "rules": rules }],
    })
}

/// [`screen`] with one account that has these rules.
fn screen_with(rules: Value) -> Value {
    let mut screen = screen();
    screen["clients"] = json!([account("ak", rules)]);
    screen
}

fn ask(client_id: &str, scope: &str) -> TokenRequest {
    TokenRequest::of(client_id, SECRET).inverted().scope(&scope.split(' ').collect::<Vec<_>>())
}
