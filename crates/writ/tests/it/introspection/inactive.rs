//! Everything else reads the same.

use serde_json::json;

use super::{At, about, open, seen, shared};
use crate::support::call::Call;
use crate::support::catalogue::SECRET;
use crate::support::jwt::part;
use crate::support::server::Server;

fn revoke_as_administrator(server: &Server, token: &str) {
    server.administer(Call::post("/v1/tenants/default/revocations").json(&json!({ "token": token }))).ok();
}

/// > If the token is not active, does not exist on this server, or the protected resource is not allowed to introspect
/// > this particular token, then the authorization server MUST return an introspection response with the "active" field
/// > set to "false".
///
/// <https://www.rfc-editor.org/rfc/rfc7662#section-2.2>
#[test]
fn case_88_whatever_is_not_active_is_told_apart_by_nothing() {
    let server = open();
    server.make_tenant("acme");
    let expired = At::ALL.map(|at| at.token(&server));
    server.advance(3600);
    for (at, expired) in At::ALL.into_iter().zip(expired) {
        let (revoked, live) = (at.token(&server), at.token(&server));
        revoke_as_administrator(&server, &revoked);
        let (head, signature) = live.rsplit_once('.').unwrap();
        let other_door = if at == At::Oauth { At::Idaas } else { At::Oauth }.token(&server);
        let at_acme = |token: &str| {
            let call = about(&format!("/t/acme{}", at.introspection()), token);
            server.public(&call.basic(at.called(), SECRET))
        };
        let expected = seen(at.introspect(&server, at.called(), "unknown"));
        assert_eq!((expected.0, &*expected.2), (200, r#"{"active":false}"#), "{at:?}");
        for (what, token) in [
            ("three parts", "a.b.c".to_owned()),
            ("not ASCII", "токен".to_owned()),
            ("long", "x".repeat(60_000)),
            ("expired", expired),
            ("revoked", revoked),
            ("unsigned", format!("{head}.")),
            ("forged", format!("{head}.{}", signature.chars().rev().collect::<String>())),
            ("of another door", other_door),
            ("of administrators", server.admin_token()),
        ] {
            assert_eq!(seen(at.introspect(&server, at.called(), &token)), expected, "{at:?} {what}");
        }
        for client in at.others() {
            assert_eq!(seen(at.introspect(&server, client, &live)), expected, "{at:?} {client}");
        }
        assert!(at.is_active(&server, &live), "{at:?}");
        // Nobody of this tenant is a client there.
        assert_ne!(at_acme(&live).status, 200, "{at:?}");
    }
}

#[test]
fn a_token_of_another_tenant_is_unknown() {
    let server = open();
    server.make_tenant("acme");
    server.apply("acme", &super::documents());
    for at in At::ALL {
        let theirs = {
            let path = format!("/t/acme{}/token", at.issuer());
            let form = [("grant_type", "client_credentials"), ("scope", at.scope())];
            server.public(&Call::post(&path).basic(at.holder(), SECRET).form(&form)).token()
        };
        for client in [at.holder(), at.called()] {
            assert_eq!(at.introspect(&server, client, &theirs).ok().json(), json!({"active": false}), "{at:?}");
        }
        // To be given up at home only, and that is no error here.
        assert_eq!(at.revoke(&server, at.holder(), &theirs).ok().text, "");
        let there = about(&format!("/t/acme{}", at.introspection()), &theirs).basic(at.called(), SECRET);
        assert_eq!(server.public(&there).ok().json()["active"], true, "{at:?}");
    }
}

#[test]
fn a_token_is_active_until_its_expiry_to_the_second() {
    for (at, lifetime) in [(At::Oauth, 3600), (At::Idaas, 3600), (At::Authing, 600)] {
        let server = open();
        let token = at.token(&server);
        server.advance(lifetime - 1);
        assert!(at.is_active(&server, &token), "{at:?}");
        server.advance(1);
        assert!(!at.is_active(&server, &token), "{at:?}");
    }
}

/// A text that is signed with the key of the door, and that this server would not have made, is no token.
#[test]
fn what_has_another_kind_of_id_is_no_token() {
    let mut claims = part(&At::Oauth.token(shared()), 1);
    claims["jti"] = "not one of this server".into();
    let token = writ_oauth::jose::sign_jwt(&shared().signing_key(), "at+jwt", &claims).unwrap();
    assert!(!At::Oauth.is_active(shared(), &token));
}
