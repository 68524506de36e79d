//! Whom a token concerns, and what they are told.

use serde_json::{Value, json};

use super::{At, about, open, shared};
use crate::support::call::Call;
use crate::support::catalogue::{DASHBOARD, DASHBOARD_URL, PROFILE, READ, REVENUE, SECRET};
use crate::support::client_certificate::Party;
use crate::support::jwt::part;
use crate::support::server::{START, Server};

/// What is said of the holder's token.
fn expected(at: At, token: &str) -> Value {
    let (client_id, aud) = match at {
        At::Oauth | At::Idaas => ("partner", DASHBOARD),
        // The other way round: the client is the application, the audience the account.
        At::Authing => ("screen", "contractor-a"),
    };
    let lifetime = if at == At::Authing { 600 } else { 3600 };
    let mut body = json!({
        "active": true, "scope": at.granted(), "client_id": client_id, "aud": aud, "token_type": "Bearer",
        "iss": at.url(), "iat": START, "exp": START + lifetime, "jti": part(token, 1)["jti"],
    });
    if at != At::Authing {
        body["sub"] = "partner".into();
    }
    body
}

/// > Cache-Control [...] "no-store"
///
/// The answer is about a token, and ages at once.
#[test]
fn case_87_a_token_is_active_for_those_it_concerns_and_for_nobody_else() {
    for at in At::ALL {
        let token = at.token(shared());
        for client in [at.holder(), at.called()] {
            let answer = at.introspect(shared(), client, &token).ok();
            assert_eq!(answer.json(), expected(at, &token), "{at:?} {client}");
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert_eq!(answer.header("content-type"), Some("application/json"));
        }
        for client in at.others() {
            assert_eq!(at.introspect(shared(), client, &token).ok().text, r#"{"active":false}"#, "{at:?} {client}");
        }
    }
}

#[test]
fn every_client_of_the_application_that_is_called_is_told() {
    for at in [At::Oauth, At::Idaas] {
        let token = at.token(shared());
        assert_eq!(at.introspect(shared(), "second-guard", &token).ok().json(), expected(at, &token));
    }
}

/// The SDKs that are told the protocol is `oauth` go to the second one.
#[test]
fn the_twin_paths_of_the_vendors_sdks_are_the_same_endpoints() {
    let token = At::Authing.token(shared());
    for prefix in ["/oidc", "/oauth", "/t/default/oidc", "/t/default/oauth"] {
        let ask = Call::post(&format!("{prefix}/token/introspection"));
        // As the vendor's playground sends it: the application's id and secret in the form.
        let form = [("client_id", "screen"), ("client_secret", SECRET), ("token", &token)];
        let body = shared().public(&ask.form(&form)).ok().json();
        assert_eq!(body, expected(At::Authing, &token), "{prefix}");
        assert!(body["scope"].is_string());
    }
    let server = open();
    for prefix in ["/oidc", "/oauth", "/t/default/oauth"] {
        let token = At::Authing.token(&server);
        let form = [("client_id", "screen"), ("client_secret", SECRET), ("token", &token)];
        let answer = server.public(&Call::post(&format!("{prefix}/token/revocation")).form(&form)).ok();
        assert_eq!(answer.text, "");
        assert!(!At::Authing.is_active(&server, &token), "{prefix}");
    }
}

/// The vendor's playground splits `scope` without looking whether it is there.
#[test]
fn a_token_for_nothing_is_active_and_says_so() {
    let form = [("grant_type", "client_credentials"), ("scope", "announce:update customer")];
    let token = shared().public(&Call::post("/oidc/token").basic("contractor-a", SECRET).form(&form)).token();
    let body = At::Authing.introspect(shared(), "screen", &token).ok().json();
    assert_eq!((&body["active"], &body["scope"]), (&json!(true), &json!("")), "{body:#}");
}

#[test]
fn a_hint_is_only_a_hint() {
    for at in At::ALL {
        let token = at.token(shared());
        for hint in ["access_token", "refresh_token", "no such thing"] {
            let call = about(&at.introspection(), &token).and("token_type_hint", hint).and("strict", "true");
            let body = shared().public(&call.basic(at.called(), SECRET)).ok().json();
            assert_eq!(body["active"], true, "{at:?} {hint}");
        }
    }
}

/// > the introspection response [...] "cnf" [...] "x5t#S256"
///
/// <https://www.rfc-editor.org/rfc/rfc8705#section-3.2>
#[test]
fn case_42_what_a_token_is_bound_to_is_said() {
    let server = Server::new();
    server.apply("default", &crate::support::catalogue::documents());
    let permissions = json!([{"id": READ}, {"id": REVENUE}, {"id": "announce:*"}, {"id": PROFILE, "type": "user"}]);
    let guard = json!({"kind": "application", "id": "dashboard",
        "resource_server": {"audience": DASHBOARD, "resource_urls": [DASHBOARD_URL], "permissions": permissions},
        "clients": [{"client_id": "guard", "grants": [],
            "credentials": [{"kind": "secret", "name": "first", "value": SECRET}]}]});
    server.apply(
        "default",
        &json!([
        {"kind": "application", "id": "cert-own", "clients": [{"auth_methods": ["self_signed_tls_client_auth"],
            "credentials": [{"kind": "certificate", "pem": Party::get().own.pem}],
            "authorizations": [{"audience": DASHBOARD, "permissions": [READ]}]}]},
        guard]),
    );
    for at in [At::Oauth, At::Idaas] {
        let own = &Party::get().own;
        let scope = if at == At::Oauth { READ.to_owned() } else { format!("{DASHBOARD}|{READ}") };
        let form = [("grant_type", "client_credentials"), ("scope", &*scope), ("client_id", "cert-own")];
        let token = server.public(&Call::post(&format!("{}/token", at.issuer())).form(&form).certificate(own)).token();
        let body = at.introspect(&server, "guard", &token).ok().json();
        assert_eq!(body["cnf"], part(&token, 1)["cnf"], "{body:#}");
        assert!(body["cnf"]["x5t#S256"].is_string(), "{body:#}");
        // The certificate proves its client here as well, and nobody's id alone does.
        let call = about(&at.introspection(), &token).and("client_id", "cert-own");
        assert_eq!(server.public(&call.clone().certificate(own)).ok().json()["active"], true);
        let refused = server.public(&call);
        assert_eq!(refused.refusal, Some(writ_oauth::Refusal::AuthenticationMissing), "{}", refused.text);
    }
}
