//! `/v1/tenants/{tenant}/revocations`

use serde_json::{Value, json};

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::server::{Server, shared};

const REVOCATIONS: &str = "/v1/tenants/default/revocations";

fn revoke(server: &Server, body: &Value) -> Answer {
    server.administer(Call::post(REVOCATIONS).json(body))
}

/// Whether the administrator that Writ made still gets in with a token.
fn is_alive(server: &Server, token: &str) -> bool {
    let answer = server.admin(&Call::get("/v1/tenants/default/tenant").bearer(token));
    match answer.status {
        200 => true,
        401 => false,
        other => panic!("{other}: {}", answer.text),
    }
}

#[test]
fn case_90_every_kind_ends_the_tokens_it_is_about_and_answers_what_it_did() {
    let server = Server::new();
    let secrets = server.administer(Call::get("/v1/tenants/default/clients/writ-admin/secrets")).ok().json();
    let id = secrets[0]["id"].clone();
    for (body, revoked) in [
        (json!({"client_id": "writ-admin"}), json!({"client_id": "writ-admin"})),
        (
            json!({"client_id": "writ-admin", "audience": "urn:writ:admin"}),
            json!({"client_id": "writ-admin", "audience": "urn:writ:admin"}),
        ),
        (json!({"application": "writ-admin"}), json!({"application": "writ-admin"})),
        (
            json!({"client_id": "writ-admin", "credential": "bootstrap"}),
            json!({"client_id": "writ-admin", "credential": id}),
        ),
    ] {
        let token = server.admin_token();
        assert_eq!(revoke(&server, &body).ok().json(), json!({ "revoked": revoked }));
        assert!(!is_alive(&server, &token), "{body}");
        assert!(is_alive(&server, &server.admin_token()), "{body}");
    }
}

#[test]
fn case_90_one_token_ends_and_what_is_none_is_a_success() {
    let server = Server::new();
    let (token, other) = (server.admin_token(), server.admin_token());
    for _ in 0..2 {
        let revoked = revoke(&server, &json!({ "token": token })).ok().json()["revoked"].take();
        assert_eq!(revoked["expires"], "2027-01-15T09:00:00Z");
        assert_eq!(revoked["jti"].as_str().unwrap().len(), 21);
    }
    assert_eq!((is_alive(&server, &token), is_alive(&server, &other)), (false, true));
    for none in ["", "abc", "a.b.c"] {
        assert_eq!(revoke(&server, &json!({ "token": none })).ok().json(), json!({"revoked": null}));
    }
}

#[test]
fn what_is_unclear_revokes_nothing() {
    let token = shared().admin_token();
    for body in [
        json!({}),
        json!([]),
        json!({"audience": "urn:writ:admin"}),
        json!({"credential": "bootstrap"}),
        json!({"client_id": "writ-admin", "audience": "urn:writ:admin", "credential": "bootstrap"}),
        json!({"client_id": "writ-admin", "application": "writ-admin"}),
        json!({"client_id": "writ-admin", "token": token}),
        json!({"client": "writ-admin"}),
        json!({"client_id": null}),
    ] {
        assert_eq!(revoke(shared(), &body).error(400), "invalid_request", "{body}");
    }
    for body in [json!({"client_id": "nobody"}), json!({"client_id": "writ-admin", "audience": "urn:writ:admim"})] {
        assert_eq!(revoke(shared(), &body).error(404), "not_found", "{body}");
    }
    let unknown = Call::post("/v1/tenants/nobody/revocations").json(&json!({ "token": token }));
    assert_eq!(shared().administer(unknown).error(404), "not_found");
    assert!(is_alive(shared(), &token));
}
