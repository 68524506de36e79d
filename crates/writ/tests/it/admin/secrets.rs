//! `/v1/tenants/{tenant}/clients/{client_id}/secrets`

use serde_json::{Value, json};
use writ_oauth::Refusal;

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::catalogue::{READ, SECRET, documents};
use crate::support::door::Door;
use crate::support::server::{Server, shared};

const SECRETS: &str = "/v1/tenants/default/clients/partner/secrets";

fn server() -> Server {
    let server = Server::new();
    server.apply("default", &documents());
    server
}

fn issue(server: &Server, body: &Value) -> Answer {
    server.administer(Call::post(SECRETS).json(body))
}

#[track_caller]
fn try_secret(server: &Server, secret: &str) -> Option<Refusal> {
    server.public(&Door::Oauth.ask(&[READ]).basic("partner", secret)).refusal
}

fn one(name: &str) -> String {
    format!("{SECRETS}/{name}")
}

#[test]
fn an_issued_secret_is_answered_with_its_value_and_works_at_once() {
    let server = server();
    let answer = server.administer(Call::post(SECRETS));
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let mut made = answer.json();
    let secret = made["secret"].take().as_str().unwrap().to_owned();
    assert_eq!(secret.len(), 40);
    let id = made["id"].take().as_str().unwrap().to_owned();
    assert!(id.starts_with("sec_"));
    let expected = json!({
        "id": null, "name": null, "status": "enabled", "state": "usable", "not_before": null, "expires": null,
        "created": "2027-01-15T08:00:00Z", "last_used": null, "secret": null,
    });
    assert_eq!(made, expected);
    assert_eq!(try_secret(&server, &secret), None);
    assert_eq!(try_secret(&server, SECRET), None, "the others go on");
}

#[test]
fn the_list_shows_states_and_no_values() {
    let list = shared().administer(Call::get("/v1/tenants/default/clients/secrets/secrets")).ok();
    let mut states: Vec<_> = list.json().as_array().unwrap().iter().map(|secret| secret["state"].to_string()).collect();
    // Made in the same second, they are in no order.
    states.sort_unstable();
    assert_eq!(states, [r#""disabled""#, r#""expired""#, r#""not_yet_valid""#]);
    assert!(!list.text.contains("-secret-0123456789"));
}

#[test]
fn a_secret_is_shown_again_by_id_or_name() {
    let server = server();
    let shown = server.administer(Call::get(&one("first"))).ok().json();
    assert_eq!(shown["secret"], SECRET);
    let by_id = server.administer(Call::get(&one(shown["id"].as_str().unwrap()))).ok().json();
    assert_eq!(by_id["secret"], SECRET);
}

/// The rotation of a partner's secret: two of them for a while, then the old one ends.
#[test]
fn case_48_an_old_secret_ends_to_the_second_and_a_revoked_one_at_once() {
    let server = server();
    let next = issue(&server, &json!({"name": "next"})).json()["secret"].as_str().unwrap().to_owned();
    let expires = json!({"expires": "2027-01-15T09:00:00Z"});
    let changed = server.administer(Call::new("PATCH", &one("first")).json(&expires)).ok().json();
    assert_eq!((&changed["expires"], &changed["state"]), (&expires["expires"], &json!("usable")));
    assert!(changed.get("secret").is_none());
    server.advance(3599);
    assert_eq!(try_secret(&server, SECRET), None);
    server.advance(1);
    assert_eq!(try_secret(&server, SECRET), Some(Refusal::CredentialExpired));
    assert_eq!(try_secret(&server, &next), None);

    let revoked = server.administer(Call::new("DELETE", &one("next"))).ok().json();
    assert_eq!(revoked, json!({"revoked": "next"}));
    assert_eq!(try_secret(&server, &next), Some(Refusal::SecretWrong));
}

#[test]
fn a_secret_is_switched_off_and_on() {
    let server = server();
    let switch =
        |status: &str| server.administer(Call::new("PATCH", &one("first")).json(&json!({"status": status}))).ok();
    assert_eq!(switch("disabled").json()["state"], "disabled");
    assert_eq!(try_secret(&server, SECRET), Some(Refusal::CredentialDisabled));
    assert_eq!(switch("enabled").json()["state"], "usable");
    assert_eq!(try_secret(&server, SECRET), None);
}

#[test]
fn a_secret_does_not_end_before_it_begins() {
    let server = server();
    let body = json!({"name": "next", "not_before": "2027-01-15T09:00:00Z", "expires": "2027-01-15T10:00:00Z"});
    assert_eq!(issue(&server, &body).status, 201);
    for early in ["2027-01-15T08:30:00Z", "2027-01-15T09:00:00Z"] {
        let answer = server.administer(Call::new("PATCH", &one("next")).json(&json!({"expires": early})));
        let told = answer.json();
        assert_eq!((answer.status, &told["path"]), (422, &json!("expires")), "{told:#}");
        assert_eq!(told["error_description"], "the credential would expire before it becomes valid");
    }
    let kept = server.administer(Call::get(&one("next"))).ok().json();
    assert_eq!(kept["expires"], body["expires"]);
}

#[test]
fn a_secret_comes_into_force_at_its_time() {
    let server = server();
    let body = json!({"name": "next", "value": "a-secret-for-later-0123456789", "not_before": "2027-01-15T08:01:00Z"});
    assert_eq!(issue(&server, &body).json()["state"], "not_yet_valid");
    assert_eq!(try_secret(&server, "a-secret-for-later-0123456789"), Some(Refusal::CredentialNotYetValid));
    server.advance(60);
    assert_eq!(try_secret(&server, "a-secret-for-later-0123456789"), None);
}

#[test]
fn what_is_wrong_with_a_new_secret_is_said() {
    let server = server();
    for (body, status, error) in [
        (json!({"value": "short"}), 422, "invalid_document"),
        (json!({"value": "with a line break 0123456789\n"}), 422, "invalid_document"),
        (json!({"name": "a b"}), 422, "invalid_document"),
        (json!({"not_before": "2027-02-01T00:00:00Z", "expires": "2027-01-31T00:00:00Z"}), 422, "invalid_document"),
        (json!({"name": "first"}), 409, "conflict"),
        (json!({"value": SECRET}), 409, "conflict"),
        (json!({"nme": "x"}), 400, "invalid_request"),
        (json!({"expires": "tomorrow"}), 400, "invalid_request"),
        (json!([]), 400, "invalid_request"),
        (json!(["name"]), 400, "invalid_request"),
        (json!(null), 400, "invalid_request"),
    ] {
        let answer = issue(&server, &body);
        assert_eq!(answer.error(status), error, "{body}");
        assert!(!answer.text.contains(SECRET), "{}", answer.text);
    }
    assert_eq!(server.administer(Call::get(SECRETS)).ok().json().as_array().unwrap().len(), 1);
    let answer =
        server.administer(Call::new("PATCH", &one("first")).json(&json!({"value": "another-secret-0123456789"})));
    assert_eq!(answer.error(400), "invalid_request");
}

#[test]
fn unknown_clients_and_secrets_are_404() {
    let server = server();
    for (method, path) in [
        ("GET", "/v1/tenants/default/clients/nobody/secrets"),
        ("POST", "/v1/tenants/default/clients/nobody/secrets"),
        ("GET", "/v1/tenants/nobody/clients/partner/secrets"),
        ("POST", "/v1/tenants/nobody/clients/partner/secrets"),
        ("GET", &one("nothing")),
        ("PATCH", &one("nothing")),
        ("DELETE", &one("nothing")),
    ] {
        let answer = server.administer(Call::new(method, path));
        assert_eq!(answer.error(404), "not_found", "{method} {path}");
    }
}
