//! `validate_token`: what a live token says.

use serde_json::json;

use super::{SECRET, ask, screen, server};
use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::jwt::part;
use crate::support::server::Server;

const PATH: &str = "/api/v2/oidc/validate_token";

fn validate(server: &Server, query: &str) -> Answer {
    server.public(&Call::get(&format!("{PATH}{query}")))
}

#[track_caller]
fn assert_not_good(answer: &Answer) {
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(answer.json(), json!({"code": 400, "message": "access_token 不合法"}));
}

#[test]
fn a_live_token_is_answered_with_what_it_says() {
    let server = server();
    let token = server.public(&ask("contractor-a", "announce:read")).token();
    let answer = validate(&server, &format!("?access_token={token}")).ok();
    assert_eq!(answer.json(), part(&token, 1));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    for tenant in ["", "/t/default"] {
        server.public(&Call::get(&format!("{tenant}{PATH}?access_token={token}"))).ok();
    }
}

#[test]
fn everything_else_is_answered_in_one_way() {
    let server = server();
    server.make_tenant("acme");
    let token = server.public(&ask("contractor-a", "announce:read")).token();
    let other = Call::post("/oauth2/token").basic("contractor-a", SECRET);
    let other = server.public(&other.form(&[("grant_type", "client_credentials"), ("scope", "announce:read")])).token();
    let (head, rest) = token.split_at(token.len() - 8);
    for query in [
        String::new(),
        "?access_token=".into(),
        "?access_token=a.b.c".into(),
        format!("?id_token={token}"),
        format!("?access_token={head}AAAAAAAA"),
        format!("?access_token={rest}"),
        format!("?access_token={token}&access_token={token}"),
        format!("?access_token={other}"),
        "?access_token=%zz".into(),
        format!("?access_token={}", "x".repeat(60_000)),
    ] {
        assert_not_good(&validate(&server, &query));
    }
    assert_not_good(&server.public(&Call::get(&format!("/t/acme{PATH}?access_token={token}"))));
    assert_eq!(server.public(&Call::post(PATH)).status, 405);
}

#[test]
fn what_was_taken_back_or_has_expired_is_not_good() {
    let server = server();
    let token = server.public(&ask("contractor-a", "announce:read")).token();
    let query = format!("?access_token={token}");
    let mut off = screen();
    off["clients"][0]["status"] = "disabled".into();
    server.apply("default", &json!([off]));
    assert_not_good(&validate(&server, &query));
    server.apply("default", &json!([screen_enabled()]));
    validate(&server, &query).ok();
    let revoke = Call::post("/v1/tenants/default/revocations").json(&json!({"token": token}));
    assert_eq!(server.administer(revoke).status / 100, 2);
    assert_not_good(&validate(&server, &query));
    let another = server.public(&ask("contractor-a", "announce:read")).token();
    let query = format!("?access_token={another}");
    validate(&server, &query).ok();
    server.advance(600);
    assert_not_good(&validate(&server, &query));
}

fn screen_enabled() -> serde_json::Value {
    let mut on = screen();
    on["clients"][0]["status"] = "enabled".into();
    on
}
