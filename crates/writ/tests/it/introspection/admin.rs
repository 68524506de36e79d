//! `POST /v1/tenants/{tenant}/introspect`

use serde_json::{Value, json};

use super::{At, open};
use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::server::{ROOT, Server};

fn ask(server: &Server, tenant: &str, body: &Value) -> Answer {
    server.administer(Call::post(&format!("/v1/tenants/{tenant}/introspect")).json(body))
}

#[test]
fn an_administrator_is_told_what_those_are_told_whom_it_concerns() {
    let server = open();
    for at in At::ALL {
        let token = at.token(&server);
        let told = at.introspect(&server, at.called(), &token).ok().json();
        assert_eq!(told["active"], true);
        let answer = ask(&server, "default", &json!({ "token": token })).ok();
        assert_eq!(answer.json(), told, "{at:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        at.revoke(&server, at.holder(), &token).ok();
        assert_eq!(ask(&server, "default", &json!({ "token": token })).ok().text, r#"{"active":false}"#);
    }
    let own = server.admin_token();
    let body = ask(&server, "default", &json!({ "token": own })).ok().json();
    assert_eq!((&body["client_id"], &body["iss"]), (&json!("writ-admin"), &json!(format!("{ROOT}/oauth2"))));
}

#[test]
fn a_token_is_one_of_its_tenant() {
    let server = open();
    server.make_tenant("acme");
    let token = json!({ "token": At::Oauth.token(&server) });
    assert_eq!(ask(&server, "acme", &token).ok().json(), json!({"active": false}));
    assert_eq!(ask(&server, "nobody", &token).error(404), "not_found");
    assert_eq!(ask(&server, "default", &json!({ "token": "x" })).ok().json(), json!({"active": false}));
    for body in [json!({}), json!([]), json!({"token": null}), json!({"token": "x", "client_id": "y"})] {
        assert_eq!(ask(&server, "default", &body).error(400), "invalid_request", "{body}");
    }
}
