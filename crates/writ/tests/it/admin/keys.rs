//! `/v1/tenants/{tenant}/issuers/{issuer}/keys`

use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::server::{RUNTIME, Server, shared};

const KEYS: &str = "/v1/tenants/default/issuers/oauth/keys";

fn server() -> Server {
    let server = Server::new();
    RUNTIME.block_on(server.app.core.tend_keys(server.app.core.now())).unwrap();
    let sequence = RUNTIME.block_on(server.app.core.store().sequence()).unwrap();
    assert!(RUNTIME.block_on(server.app.core.wait_until_live(sequence)));
    server
}

fn rotate(server: &Server, body: &Value) -> Answer {
    server.administer(Call::post(&format!("{KEYS}/rotate")).json(body))
}

fn states(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|key| key["state"].as_str().unwrap()).collect()
}

fn published(server: &Server) -> Vec<String> {
    let set = server.public(&Call::get("/oauth2/jwks")).ok().json();
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn keys_are_listed_with_their_states_and_times() {
    let server = server();
    let list = server.administer(Call::get(KEYS)).ok().json();
    assert_eq!(states(&list), ["next", "active"]);
    for (key, kid) in list.as_array().unwrap().iter().rev().zip(published(&server)) {
        let time = "2027-01-15T08:00:00Z";
        let expected = json!({"kid": kid, "alg": "ES256", "state": key["state"], "created": time, "changed": time,
            "forget_at": null});
        assert_eq!(*key, expected);
    }
}

#[test]
fn case_79_rotating_too_early_is_a_conflict_that_says_from_when_on() {
    let server = server();
    let before = published(&server);
    let early = rotate(&server, &json!({}));
    assert_eq!(early.error(409), "conflict");
    assert!(early.description().contains("possible from 2027-01-15T08:10:00Z on"), "{}", early.text);
    assert_eq!(published(&server), before);
    server.advance(600);
    let list = server.administer(Call::post(&format!("{KEYS}/rotate"))).ok().json();
    assert_eq!(states(&list), ["next", "active", "retired"]);
    assert_eq!(list[1]["kid"], before[1].as_str());
    assert_eq!(list[2]["forget_at"], "2027-01-15T09:16:00Z");
    assert_eq!(rotate(&server, &json!({"now": false})).error(409), "conflict");
    assert_eq!(states(&rotate(&server, &json!({"now": true})).ok().json()).len(), 4);
}

#[test]
fn case_79_a_revoked_key_leaves_the_published_set_and_its_tokens_end() {
    let server = server();
    let before = published(&server);
    let token = server.admin_token();
    let revoke = Call::post(&format!("{KEYS}/{}/revoke", before[0]));
    let list = server.admin(&revoke.clone().bearer(&token)).ok().json();
    assert_eq!(states(&list), ["next", "active", "revoked"]);
    assert!(!published(&server).contains(&before[0]));
    assert_eq!(published(&server)[0], before[1]);
    assert_eq!(server.admin(&Call::get(KEYS).bearer(&token)).error(401), "invalid_token");
    server.administer(revoke).ok();
}

#[test]
fn what_is_not_there_and_what_is_not_understood() {
    for call in [
        Call::get("/v1/tenants/default/issuers/nothing/keys"),
        Call::get("/v1/tenants/nobody/issuers/oauth/keys"),
        Call::post("/v1/tenants/default/issuers/nothing/keys/rotate"),
        Call::post(&format!("{KEYS}/nothing/revoke")),
    ] {
        assert_eq!(shared().administer(call).error(404), "not_found");
    }
    for body in [json!({"now": "yes"}), json!({"later": true}), json!([true])] {
        assert_eq!(rotate(shared(), &body).error(400), "invalid_request", "{body}");
    }
    assert_eq!(shared().administer(Call::new("DELETE", KEYS)).status, 405);
}
