//! The story of the vendor's guide: an application with four resources, two contractors who get different rows of it, and
//! the API behind the gateway.

use serde_json::{Value, json};
use writ_oauth::Refusal;

use super::{AUDIENCE, account, ask, granted, screen};
use crate::support::call::Call;
use crate::support::jwt::part;
use crate::support::server::Server;
use crate::support::upstream::Upstream;

fn route(name: &str, path: &str, method: &str, permission: &str, upstream: &Upstream) -> Value {
    json!({"kind": "route", "name": name, "match": {"path": path, "methods": [method]},
        "require": {"audience": AUDIENCE, "permission": permission}, "upstream": {"url": upstream.url()}})
}

fn scene() -> (Server, Upstream) {
    let (server, upstream) = (Server::new(), Upstream::plain());
    server.apply(
        "default",
        &json!([
            screen(),
            route("announcements", "/announcements/**", "GET", "announce:read", &upstream),
            route("one", "/announcements/{id}", "GET", "announce:{id}:read", &upstream),
            route("announce", "/announcements/{id}", "PUT", "announce:{id}:update", &upstream),
            route("growth", "/growth/{year}", "GET", "user-growth:{year}:read", &upstream),
            route("revenue", "/revenue/{id}", "GET", "revenue:{id}:read", &upstream),
            route("new-revenue", "/revenue", "POST", "revenue:create", &upstream),
            route("no-revenue", "/revenue/{id}", "DELETE", "revenue:{id}:delete", &upstream),
            route("customers", "/customers/**", "GET", "customer:read", &upstream),
        ]),
    );
    (server, upstream)
}

const OF_A: &str = "announce:read announce:update revenue:read customer user-growth:read";
const OF_B: &str =
    "user-growth:2020:read user-growth:2019:* user-growth:2019:read revenue:create revenue:*:read customer:read";

#[test]
fn each_contractor_gets_the_documented_scopes() {
    let (server, _upstream) = scene();
    let answer = server.public(&ask("contractor-a", OF_A));
    let rejected = "announce:update revenue:read customer user-growth:read";
    assert_eq!(granted(&answer), ("announce:read".into(), rejected.into()));
    let body = answer.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(600)));
    let token = body["access_token"].as_str().unwrap();
    let claims = part(token, 1);
    assert_eq!(
        (&claims["scope"], &claims["aud"], &claims["azp"], &claims["iss"]),
        (&json!("announce:read"), &json!("contractor-a"), &json!("screen"), &json!("https://writ.example/oidc"))
    );
    assert!(claims.get("sub").is_none() && claims.get("client_id").is_none(), "{claims:#}");

    let of_b = "user-growth:2019:* user-growth:2019:read revenue:create revenue:*:read customer:read";
    let answer = server.public(&ask("contractor-b", OF_B));
    assert_eq!(granted(&answer), (of_b.into(), "user-growth:2020:read".into()));
    assert_eq!(part(&answer.token(), 1)["scope"], of_b);
}

#[test]
fn the_gateway_lets_each_contractor_at_its_rows_and_no_others() {
    let (server, upstream) = scene();
    let of_a = server.public(&ask("contractor-a", OF_A)).token();
    let of_b = server.public(&ask("contractor-b", OF_B)).token();
    for (method, path, a, b) in [
        ("GET", "/announcements", 200, 403),
        ("GET", "/announcements/7", 200, 403),
        ("PUT", "/announcements/7", 403, 403),
        ("GET", "/growth/2019", 403, 200),
        ("GET", "/growth/2020", 403, 403),
        ("GET", "/growth/2019x", 403, 403),
        ("GET", "/revenue/2019", 403, 200),
        ("POST", "/revenue", 403, 200),
        ("DELETE", "/revenue/2019", 403, 403),
        ("GET", "/customers/acme/invoices", 403, 200),
    ] {
        for (token, status) in [(&of_a, a), (&of_b, b)] {
            upstream.forget();
            let answer = server.gateway(&Call::new(method, path).bearer(token));
            assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
            assert_eq!(upstream.seen().len(), usize::from(status == 200), "{method} {path}");
            if status == 403 {
                assert_eq!(answer.refusal, Some(Refusal::TokenInsufficient), "{method} {path}");
            }
        }
    }
    for path in ["/growth/*", "/growth/2019:read", "/growth/%2A", "/growth/2019%3Aread", "/growth/2019%2F"] {
        let answer = server.gateway(&Call::get(path).bearer(&of_b));
        assert_eq!(answer.status, 400, "{path}: {}", answer.text);
    }
}

#[test]
fn the_api_learns_who_calls_and_that_nobody_is_behind_it() {
    let (server, upstream) = scene();
    let token = server.public(&ask("contractor-a", OF_A)).token();
    server.gateway(&Call::get("/announcements").bearer(&token).header("x-writ-subject", "root")).ok();
    let head = upstream.seen().pop().unwrap().head.to_ascii_lowercase();
    for line in
        ["x-writ-client: contractor-a", "x-writ-scope: announce:read", "x-writ-issuer: https://writ.example/oidc"]
    {
        assert!(head.contains(&format!("{line}\r\n")), "{head}");
    }
    assert!(!head.contains("x-writ-subject"), "{head}");
}

#[test]
fn case_113_what_is_taken_back_is_in_no_new_token_and_ends_with_the_live_ones() {
    let (server, _upstream) = scene();
    let live = server.public(&ask("contractor-b", OF_B)).token();
    let get = |path: &str| server.gateway(&Call::get(path).bearer(&live)).status;
    assert_eq!((get("/growth/2019"), get("/revenue/1")), (200, 200));
    let mut changed = screen();
    changed["clients"][1] = account(
        "contractor-b",
        json!([
        {"resource": "user-growth:2019", "actions": ["*"]},
        {"resource": "revenue:*", "actions": ["*"]},
        {"resource": "revenue:1", "actions": ["read"], "effect": "deny"}]),
    );
    server.apply("default", &json!([changed]));
    assert_eq!((get("/growth/2019"), get("/revenue/1"), get("/revenue/2"), get("/customers/1")), (200, 403, 200, 403));
    let again = granted(&server.public(&ask("contractor-b", OF_B)));
    let rest = "user-growth:2019:* user-growth:2019:read revenue:create";
    assert_eq!(again, (rest.into(), "user-growth:2020:read revenue:*:read customer:read".into()));
    changed["clients"].as_array_mut().unwrap().remove(1);
    server.apply("default", &json!([changed]));
    assert_eq!(get("/growth/2019"), 401);
    assert_eq!(server.public(&ask("contractor-b", OF_B)).is(Refusal::ClientUnknown).error(401), "invalid_client");
}
