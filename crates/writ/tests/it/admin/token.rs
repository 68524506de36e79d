//! `POST /v1/token` and the metadata that leads to it.

use serde_json::json;
use writ_core::admin::CLIENT;
use writ_oauth::Refusal;

use crate::support::call::Call;
use crate::support::catalogue::SECRET;
use crate::support::jwt::verify;
use crate::support::server::{Server, shared};

fn grant() -> Call {
    Call::post("/v1/token").form(&[("grant_type", "client_credentials")])
}

#[test]
fn the_bootstrap_credential_gets_everything_and_nothing_else_does() {
    let answer = shared().admin(&grant().basic(CLIENT, shared().bootstrap_secret())).ok();
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let scope = "config:read config:write secret:read secret:write key:write token:revoke token:introspect token:feed";
    assert_eq!(answer.json()["scope"], scope);
    assert_eq!(answer.json()["expires_in"], json!(3600));
    let wrong = shared().admin(&grant().basic(CLIENT, "wrong-secret-0123456789")).is(Refusal::SecretWrong);
    assert_eq!(wrong.error(401), "invalid_client");
    assert!(wrong.header("www-authenticate").unwrap().starts_with("Basic "));
}

#[test]
fn the_token_is_one_of_the_operators_front_door() {
    let token = shared().admin_token();
    let jwks = Call::get("/oauth2/jwks");
    let jwt = verify(shared(), &jwks, &token, "https://writ.example/oauth2", "urn:writ:admin");
    assert_eq!(jwt.header["typ"], "at+jwt");
    assert_eq!(jwt.claims["sub"], "writ-admin");
}

#[test]
fn it_refuses_as_the_front_door_does() {
    let refused = |call: &Call, refusal| shared().admin(call).is(refusal);
    refused(&grant(), Refusal::AuthenticationMissing);
    refused(&Call::post("/v1/token").json(&json!({})), Refusal::ContentTypeNotForm);
    refused(
        &grant().and("scope", "config:nothing").basic(CLIENT, shared().bootstrap_secret()),
        Refusal::PermissionUnknown,
    );
    let answer = refused(&Call::get("/v1/token"), Refusal::MethodNotAllowed);
    assert_eq!(answer.header("allow"), Some("POST"));
    // Any client of the operator may get its token here; it is the same door.
    shared().admin(&grant().basic("defaults", SECRET)).ok();
}

/// > resource REQUIRED. The protected resource's resource identifier
///
/// <https://www.rfc-editor.org/rfc/rfc9728#section-2>
#[test]
fn the_metadata_says_where_tokens_come_from() {
    let answer = shared().admin(&Call::get("/.well-known/oauth-protected-resource")).ok();
    let expected = json!({
        "resource": "http://127.0.0.1:8081",
        "authorization_servers": ["https://writ.example/oauth2"],
        "scopes_supported": ["config:read", "config:write", "secret:read", "secret:write", "key:write",
            "token:revoke", "token:introspect", "token:feed"],
        "bearer_methods_supported": ["header"],
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[test]
fn an_operator_whose_other_door_is_gone_still_administers() {
    let server = Server::new();
    server.administer(Call::new("DELETE", "/v1/tenants/default/issuer/idaas")).ok();
    let answer = server.administer(Call::new("DELETE", "/v1/tenants/default/issuer/oauth"));
    assert_eq!(answer.error(409), "conflict");
    server.administer(Call::get("/v1/tenants/default/issuer")).ok();
}
