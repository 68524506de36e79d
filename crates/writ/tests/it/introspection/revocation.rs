//! A client gives up its own tokens, and no others.

use serde_json::json;
use writ_oauth::Refusal;

use super::{At, about, behind_gateway, open, seen};
use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::catalogue::SECRET;
use crate::support::server::{RUNTIME, Server};
use crate::support::upstream::Upstream;

/// The status and error code of what is refused because the token is another client's.
fn refused_as_anothers(at: At, answer: Answer) {
    let answer = answer.is(Refusal::TokenOfAnother);
    let error = match at {
        At::Oauth => "unauthorized_client",
        At::Idaas => "access_denied",
        At::Authing => "invalid_request",
    };
    assert_eq!(answer.error(400), error);
    if at == At::Authing {
        assert_eq!(answer.description(), "this token does not belong to you");
    }
}

/// > The authorization server responds with HTTP status code 200 if the token has been revoked successfully
///
/// <https://www.rfc-editor.org/rfc/rfc7009#section-2.2>
#[test]
fn case_90_a_token_that_is_given_up_is_dead_at_once_and_everywhere() {
    let upstream = Upstream::plain();
    let server = behind_gateway(&upstream.url());
    for at in At::ALL {
        let (token, other) = (at.token(&server), at.token(&server));
        let status = |token: &str| server.gateway(&Call::get(at.route()).bearer(token)).status;
        assert_eq!(status(&token), 200, "{at:?}");
        for _ in 0..2 {
            let answer = at.revoke(&server, at.holder(), &token).ok();
            assert_eq!((&*answer.text, answer.header("content-type")), ("", None), "{at:?}");
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
        let refused = server.gateway(&Call::get(at.route()).bearer(&token)).is(Refusal::TokenRevoked);
        assert_eq!(refused.error(401), "invalid_token");
        assert!(!at.is_active(&server, &token), "{at:?}");
        assert_eq!((status(&other), at.is_active(&server, &other)), (200, true), "{at:?}");
    }
}

#[test]
fn case_90_a_token_of_another_client_is_refused_and_lives() {
    let server = open();
    for at in At::ALL {
        let token = at.token(&server);
        for client in at.others() {
            refused_as_anothers(at, at.revoke(&server, client, &token));
        }
        if at != At::Authing {
            // Who is called may know that it is active, and refuse it; it is not theirs to end.
            refused_as_anothers(at, at.revoke(&server, at.called(), &token));
        }
        assert!(at.is_active(&server, &token), "{at:?}");
    }
}

/// The authorized party is the application itself: it ends the tokens of its accounts.
#[test]
fn the_application_that_stands_in_a_token_may_end_it() {
    let server = open();
    let token = At::Authing.token(&server);
    assert_eq!(At::Authing.revoke(&server, "screen", &token).ok().text, "");
    assert!(!At::Authing.is_active(&server, &token));
}

/// Nor a client elsewhere that was given the application's id.
#[test]
fn a_client_of_another_application_with_its_id_is_not_the_application() {
    let server = open();
    let secret = json!([{"kind": "secret", "name": "first", "value": SECRET}]);
    let rules = json!([{"resource": "book:*", "actions": ["read"]}]);
    let account = json!({"client_id": "reader", "credentials": secret,
        "authorizations": [{"audience": "urn:shelf", "rules": rules}]});
    server.apply(
        "default",
        &json!([
            {"kind": "application", "id": "shelf", "resource_server": {"audience": "urn:shelf",
                "resources": [{"code": "book", "actions": ["read"]}]}, "clients": [account]},
            {"kind": "application", "id": "impostor", "clients": [{"client_id": "shelf", "credentials": secret}]},
        ]),
    );
    let form = [("grant_type", "client_credentials"), ("scope", "book:read")];
    let token = server.public(&Call::post("/oidc/token").basic("reader", SECRET).form(&form)).token();
    refused_as_anothers(At::Authing, At::Authing.revoke(&server, "shelf", &token));
    assert_eq!(At::Authing.introspect(&server, "shelf", &token).ok().json(), json!({"active": false}));
    assert_eq!(At::Authing.introspect(&server, "reader", &token).ok().json()["active"], true);
}

/// > The authorization server responds with HTTP status code 200 [...] if the client submitted an invalid token.
///
/// <https://www.rfc-editor.org/rfc/rfc7009#section-2.2>
#[test]
fn case_90_what_is_no_token_is_given_up_already() {
    let server = open();
    let expired = At::ALL.map(|at| at.token(&server));
    server.advance(3700);
    for (at, expired) in At::ALL.into_iter().zip(expired) {
        let (revoked, live) = (at.token(&server), at.token(&server));
        let expected = seen(at.revoke(&server, at.holder(), &revoked));
        assert_eq!((expected.0, &*expected.2), (200, ""));
        for text in ["unknown", "a.b.c", &expired, &revoked, &live[..live.len() - 8]] {
            assert_eq!(seen(at.revoke(&server, at.holder(), text)), expected, "{at:?} {text}");
            // An expired token of another is no token of anybody.
            if text != revoked {
                assert_eq!(seen(at.revoke(&server, "another", text)), expected, "{at:?} {text}");
            }
        }
        assert!(at.is_active(&server, &live), "{at:?}");
    }
}

/// > OPTIONAL. A hint about the type of the token submitted for revocation.
///
/// <https://www.rfc-editor.org/rfc/rfc7009#section-2.1>
#[test]
fn a_hint_keeps_no_token_alive() {
    let server = open();
    for at in At::ALL {
        for hint in ["access_token", "refresh_token", "no such thing"] {
            let token = at.token(&server);
            let call = about(&at.revocation(), &token).and("token_type_hint", hint);
            server.public(&call.basic(at.holder(), SECRET)).ok();
            assert!(!at.is_active(&server, &token), "{at:?} {hint}");
        }
    }
}

/// Who gives a token up means it: a 200 must not leave it alive because the client asked at the door beside.
#[test]
fn a_token_of_another_door_of_the_tenant_is_ended_too() {
    let server = open();
    let token = At::Oauth.token(&server);
    At::Idaas.revoke(&server, "partner", &token).ok();
    assert!(!At::Oauth.is_active(&server, &token));
    let token = At::Authing.token(&server);
    refused_as_anothers(At::Oauth, At::Oauth.revoke(&server, "partner", &token));
    At::Oauth.revoke(&server, "contractor-a", &token).ok();
    assert!(!At::Authing.is_active(&server, &token));
}

#[test]
fn who_gave_up_what_is_audited() {
    let server = open();
    let records = |server: &Server| RUNTIME.block_on(server.app.core.store().audit_after("default", 0, 1000)).unwrap();
    let before = records(&server).len();
    let token = At::Authing.token(&server);
    for _ in 0..2 {
        At::Authing.revoke(&server, "screen", &token).ok();
    }
    let new = &records(&server)[before..];
    let [record] = new else { panic!("{} records", new.len()) };
    assert_eq!((&*record.actor, &*record.action), ("client screen", "revoke_tokens"));
    assert_eq!((&*record.kind, &*record.name), ("token", "contractor-a"));
    assert_eq!(record.detail["client_id"], json!("contractor-a"));
    assert!(!record.detail.to_string().contains(&token));
}
