//! Clients that prove themselves by assertions: the same rules as where tokens are issued.

use serde_json::json;
use writ_oauth::Refusal;

use super::{At, about, open};
use crate::support::assertion::Assertion;
use crate::support::catalogue::SECRET;
use crate::support::door::Door;
use crate::support::server::Server;

/// An assertion of `signer` for an audience.
fn assertion(aud: &str, id: &str) -> Assertion {
    Assertion::of(Door::Oauth, "signer").claim("aud", aud).id(id)
}

fn token_of_signer(at: At, server: &Server) -> String {
    server.public(&at.ask().basic("signer", SECRET)).token()
}

#[test]
fn every_kind_of_signature_proves_the_client() {
    let server = open();
    for at in [At::Oauth, At::Idaas] {
        let token = token_of_signer(at, &server);
        for (number, aud) in [at.url(), format!("{}/token", at.url())].iter().enumerate() {
            let of = |kind: &str| assertion(aud, &format!("{kind}-{number}-{}", at.name()));
            for jwt in [of("secret").by_secret(SECRET), of("key").by_key(1)] {
                let call = about(&at.introspection(), &token).assertion(&jwt);
                assert_eq!(server.public(&call).ok().json()["active"], true, "{at:?} {aud}");
            }
        }
        let give_up = about(&at.revocation(), &token).assertion(&assertion(&at.url(), at.name()).by_key(1));
        assert_eq!(server.public(&give_up).ok().text, "");
        let again = about(&at.introspection(), &token)
            .assertion(&assertion(&at.url(), &format!("{}-last", at.name())).by_key(1));
        assert_eq!(server.public(&again.clone()).ok().json(), json!({"active": false}));
        server.public(&again).is(Refusal::AssertionSpent);
    }
}

#[test]
fn case_3_an_assertion_for_another_door_or_endpoint_is_refused() {
    let server = open();
    for at in At::ALL {
        for path in at.endpoints() {
            let others = At::ALL.into_iter().filter(|other| *other != at).map(At::url);
            let here = format!("https://writ.example{path}");
            for aud in others.chain([here, "https://elsewhere.example".into()]) {
                let call = about(&path, "x").assertion(&assertion(&aud, "unused").by_key(1));
                server.public(&call).is(Refusal::AssertionAudience);
            }
        }
    }
}

#[test]
fn case_3_and_6_an_assertion_is_used_once_whatever_it_is_used_for() {
    let server = open();
    for (number, (at, path)) in At::ALL.into_iter().flat_map(|at| at.endpoints().map(|path| (at, path))).enumerate() {
        let (first, second) =
            (assertion(&at.url(), &format!("a{number}")), assertion(&at.url(), &format!("b{number}")));
        let call = |jwt: &Assertion| about(&path, "x").assertion(&jwt.by_key(1));
        assert_eq!(server.public(&call(&first)).status, 200, "{at:?}");
        for endpoint in at.endpoints() {
            server.public(&about(&endpoint, "x").assertion(&first.by_key(1))).is(Refusal::AssertionSpent);
        }
        if at != At::Authing {
            server.public(&at.ask().assertion(&first.by_key(1))).is(Refusal::AssertionSpent);
            server.public(&at.ask().assertion(&second.by_key(1))).ok();
            server.public(&call(&second)).is(Refusal::AssertionSpent);
        }
    }
}

/// Whoever has seen a request cannot end another token with the assertion in it.
#[test]
fn case_3_an_assertion_that_was_used_ends_no_token() {
    let server = open();
    let at = At::Oauth;
    let (token, other) = (token_of_signer(at, &server), token_of_signer(at, &server));
    let jwt = assertion(&at.url(), "once").by_key(1);
    server.public(&about(&at.revocation(), &token).assertion(&jwt)).ok();
    server.public(&about(&at.revocation(), &other).assertion(&jwt)).is(Refusal::AssertionSpent);
    assert_eq!(at.introspect(&server, "guard", &other).ok().json()["active"], true);
    // What was refused has spent nothing.
    let anothers = at.token(&server);
    let jwt = assertion(&at.url(), "twice").by_key(1);
    server.public(&about(&at.revocation(), &anothers).assertion(&jwt)).is(Refusal::TokenOfAnother);
    server.public(&about(&at.revocation(), &other).assertion(&jwt)).ok();
    assert_eq!(at.introspect(&server, "guard", &other).ok().json(), json!({"active": false}));
}
