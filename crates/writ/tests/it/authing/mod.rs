//! `R/oidc`: the door that speaks as the vendor's does, for partners who may call some rows of an API.

mod accounts;
mod bad_input;
mod binding;
mod golden;
mod models;
mod published;
mod story;
mod token;
mod upgrade;
mod validation;

use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::server::Server;

const SECRET: &str = "the-secret-key-of-a-partner-0001";
const AUDIENCE: &str = "urn:screen";

/// The application of the vendor's guide, with what it gives to its two contractors.
fn screen() -> Value {
    let resource = |code: &str, name: &str| json!({"code": code, "name": name, "type": "api", "actions": ["create", "read", "update", "delete"]});
    json!({"kind": "application", "id": "screen", "name": "大屏展示",
    "resource_server": {"audience": AUDIENCE, "resources": [
        resource("user-growth", "用户增长"), resource("customer", "客户"),
        resource("announce", "公告"), resource("revenue", "营收")]},
    "clients": [
        account("contractor-a", json!([{"resource": "announce:*", "actions": ["announce:read"]}])),
        account("contractor-b", json!([
            {"resource": "user-growth:2019", "actions": ["*"]},
            {"resource": "revenue:*", "actions": ["create", "read", "update"]},
            {"resource": "customer:*", "actions": ["read"]}])),
        account("everything", json!([{"resource": "*:*", "actions": ["*"]}])),
    ]})
}

#[expect(clippy::needless_pass_by_value, reason = "tests read better so")]
fn account(id: &str, rules: Value) -> Value {
    json!({"client_id": id,
        "credentials": [{"kind": "secret", "name": "sk", "value": SECRET}],
        "authorizations": [{"audience": AUDIENCE, "rules": rules}]})
}

fn server() -> Server {
    let server = Server::new();
    server.apply("default", &json!([screen()]));
    server
}

/// A request as the vendor's SDKs send it.
fn ask(client: &str, scope: &str) -> Call {
    let (id, grant) = (("client_id", client), ("grant_type", "client_credentials"));
    Call::post("/oidc/token").form(&[id, ("client_secret", SECRET), grant, ("scope", scope)])
}

/// What is granted, and what is left out.
#[track_caller]
fn granted(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("no {name}: {body:#}")).to_owned();
    (text("scope"), text("rejected_scope"))
}
