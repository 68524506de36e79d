//! `GET /v1/tenants/{tenant}/revocations`

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::catalogue::{DASHBOARD, SECRET};
use crate::support::door::Door;
use crate::support::server::{START, Server, shared};

const FEED: &str = "/v1/tenants/default/revocations";

fn feed(server: &Server, query: &str) -> Answer {
    server.administer(Call::get(&format!("{FEED}?{query}")))
}

fn revoke(server: &Server, what: &Value) {
    server.administer(Call::post(FEED).json(what)).ok();
}

fn server() -> Server {
    let server = Server::new();
    let client = json!({"credentials": [{"kind": "secret", "name": "first", "value": SECRET}],
        "authorizations": [{"audience": DASHBOARD, "permissions": "all"}], "default_scopes": "all"});
    server.apply(
        "default",
        &json!([
            {"kind": "application", "id": "dashboard", "resource_server": {
                "audience": DASHBOARD, "permissions": [{"id": "a"}]}},
            {"kind": "application", "id": "partner", "clients": [client]},
        ]),
    );
    server
}

#[test]
fn it_begins_empty_and_says_what_others_can_check() {
    let server = server();
    let answer = feed(&server, "").ok();
    assert_eq!(answer.json(), json!({"revocations": [], "next": "0", "more": false}));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let token = server.public(&Door::Oauth.grant().basic("partner", SECRET)).token();
    revoke(&server, &json!({"token": token}));
    revoke(&server, &json!({"client_id": "partner", "audience": DASHBOARD}));
    let all = feed(&server, "after=0").ok().json();
    let jti = crate::support::jwt::part(&token, 1)["jti"].clone();
    let expected = json!([
        {"type": "token", "jti": jti, "exp": START + 3600},
        {"type": "authorization", "client_id": "partner", "audience": DASHBOARD, "azp": "dashboard",
            "issued_until": START + 1, "exp": START + 30 * 24 * 3600},
    ]);
    assert_eq!(all["revocations"], expected);
    // Page by page, the same.
    let first = feed(&server, "limit=1").ok().json();
    assert_eq!((&first["revocations"][0], &first["more"]), (&expected[0], &json!(true)));
    let second = feed(&server, &format!("limit=1&after={}", first["next"].as_str().unwrap())).ok().json();
    assert_eq!((&second["revocations"][0], &second["more"]), (&expected[1], &json!(false)));
    assert_eq!(second["next"], all["next"]);
    let after = second["next"].as_str().unwrap();
    assert_eq!(
        feed(&server, &format!("after={after}")).ok().json(),
        json!({"revocations": [], "next": after, "more": false})
    );
}

#[test]
fn what_is_no_question_is_refused() {
    for query in [
        "after=x",
        "after=-1",
        "after=1.",
        "after=1.2.3",
        "after=99999999999999999999",
        "limit=0",
        "limit=1001",
        "limit=all",
        "wait=31",
        "wait=1m",
        "wait=-1",
        "after=0&after=1",
        "after=",
        "wait=",
        "aftr=0",
    ] {
        assert_eq!(feed(shared(), query).error(400), "invalid_request", "{query}");
    }
    let unknown = shared().administer(Call::get("/v1/tenants/nobody/revocations"));
    assert_eq!(unknown.error(404), "not_found");
    assert_eq!(shared().administer(Call::new("DELETE", FEED)).status, 405);
}

#[test]
fn a_place_that_never_was_is_gone_and_says_how_to_go_on() {
    let answer = feed(shared(), "after=1000000.1");
    assert_eq!(answer.error(410), "start_over");
    assert!(answer.description().contains("after=0"), "{}", answer.text);
}

#[test]
fn a_reader_that_waits_is_answered_when_something_comes() {
    let server = server();
    let begun = Instant::now();
    assert_eq!(feed(&server, "wait=1s").ok().json()["revocations"], json!([]));
    assert!(begun.elapsed() >= Duration::from_secs(1));
    let begun = Instant::now();
    let seen = std::thread::scope(|scope| {
        let reader = scope.spawn(|| feed(&server, "wait=30").ok().json());
        std::thread::sleep(Duration::from_millis(300));
        revoke(&server, &json!({"client_id": "partner"}));
        reader.join().unwrap()
    });
    assert_eq!(seen["revocations"][0]["client_id"], "partner");
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}
