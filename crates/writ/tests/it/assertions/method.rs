//! Which method an assertion is of, and who may use it.

use serde_json::json;
use writ_oauth::Refusal;

use super::{refused, send};
use crate::support::assertion::{Assertion, JWT_BEARER};
use crate::support::catalogue::{READ, SECRET, client, documents};
use crate::support::door::Door;
use crate::support::server::{Server, shared};

fn of(door: Door, client: &str, id: &str) -> Assertion {
    Assertion::of(door, client).id(&format!("{id}-{}", door.name()))
}

#[test]
fn case_18_a_client_uses_the_method_it_is_registered_for() {
    for door in Door::BOTH {
        send(door, &of(door, "secret-signer", "own").by_secret(SECRET)).ok();
        send(door, &of(door, "key-signer", "own").by_key(1)).ok();
        // A key that is registered, of a client that may not sign with it.
        refused(door, &of(door, "key-not-registered", "x").by_key(1), Refusal::MethodNotRegistered);
        // Secrets are no keys where no assertion may be signed with them.
        refused(door, &of(door, "key-signer", "x").by_secret(SECRET), Refusal::AssertionKeyMissing);
        refused(door, &of(door, "partner", "x").by_secret(SECRET), Refusal::AssertionKeyMissing);
        refused(door, &of(door, "secret-signer", "x").by_key(1), Refusal::AssertionKeyMissing);
        // And whoever signs does not send the secret along.
        shared().public(&door.ask(&[READ]).basic("secret-signer", SECRET)).is(Refusal::MethodNotRegistered);
        let post = door.ask(&[READ]).and("client_id", "key-signer").and("client_secret", SECRET);
        shared().public(&post).is(Refusal::MethodNotRegistered);
    }
}

#[test]
fn case_19_an_assertion_stands_alone() {
    for door in Door::BOTH {
        let with = door.ask(&[READ]).assertion(&of(door, "signer", "x").by_secret(SECRET));
        for several in [with.clone().and("client_secret", SECRET), with.basic("signer", SECRET)] {
            assert_eq!(
                shared().public(&several).is(Refusal::SeveralAuthenticationMethods).error(400),
                "invalid_request"
            );
        }
        for (name, value) in [("client_assertion", "x"), ("client_assertion_type", JWT_BEARER)] {
            let half = shared().public(&door.ask(&[READ]).and(name, value)).is(Refusal::AssertionIncomplete);
            assert_eq!(half.error(400), "invalid_request");
        }
    }
}

/// What the unsigned half of an assertion says of itself decides nothing.
#[test]
fn case_20_what_is_not_proven_has_no_influence() {
    for door in Door::BOTH {
        let lies = of(door, "key-not-registered", "x").claim("token_endpoint_auth_method", "private_key_jwt");
        refused(door, &lies.claim("scope", READ).by_key(1), Refusal::MethodNotRegistered);
        let other = of(door, "signer", "x").header("client_id", "strict").by_key(9);
        refused(door, &other, Refusal::AssertionSignature);
    }
}

#[test]
fn case_44_who_has_proven_nothing_learns_nothing() {
    for door in Door::BOTH {
        let text = |client: &str, refusal| {
            let answer = send(door, &of(door, client, "x").by_key(9)).is(refusal);
            (answer.status, answer.json()["error"].clone(), answer.description())
        };
        let unknown = text("nobody", Refusal::ClientUnknown);
        for (client, refusal) in [
            ("signer", Refusal::AssertionSignature),
            ("key-not-registered", Refusal::AssertionSignature),
            ("secret-signer", Refusal::AssertionKeyMissing),
            ("signer-off", Refusal::AssertionKeyMissing),
            ("partner", Refusal::AssertionKeyMissing),
        ] {
            assert_eq!(text(client, refusal), unknown, "{door:?} {client}");
        }
        let named = send(door, &of(door, "named-key", "x").header("kid", "other").by_key(3));
        assert_eq!(named.description(), unknown.2);
        // Who signs with the client's secret is told what is the matter with the client.
        let told = send(door, &of(door, "signer-off", "x").by_secret(SECRET)).is(Refusal::ClientDisabled);
        assert_ne!(told.description(), unknown.2);
    }
}

#[test]
fn case_22_a_secret_signs_as_long_as_it_may_be_used() {
    let server = Server::new();
    server.apply("default", &documents());
    let secret = |name: &str, more: serde_json::Value| {
        let mut secret =
            json!({"kind": "secret", "name": name, "value": format!("{name}-0123456789-0123456789-0123456789")});
        secret.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        secret
    };
    let credentials = json!([
        secret("expired", json!({"expires": "2027-01-01T00:00:00Z"})),
        secret("future", json!({"not_before": "2027-02-01T00:00:00Z"})),
        secret("disabled", json!({"status": "disabled"})),
        secret("old", json!({"expires": "2027-01-15T08:00:30Z"})),
        secret("new", json!({})),
    ]);
    let settings = json!({"auth_methods": ["client_secret_jwt"], "credentials": credentials});
    server.apply("default", &client("rotating", settings));
    let ask = |door: Door, name: &str, id: &str| {
        let jwt = of(door, "rotating", id).by_secret(&format!("{name}-0123456789-0123456789-0123456789"));
        server.public(&door.ask(&[READ]).assertion(&jwt))
    };
    for door in Door::BOTH {
        for name in ["old", "new"] {
            ask(door, name, name).ok();
        }
        for (name, refusal) in [
            ("expired", Refusal::CredentialExpired),
            ("future", Refusal::CredentialNotYetValid),
            ("disabled", Refusal::CredentialDisabled),
            ("unknown", Refusal::AssertionSignature),
        ] {
            ask(door, name, "x").is(refusal);
        }
        let told = ask(door, "expired", "x").description();
        let expected = match door {
            Door::Oauth | Door::Authing => "The credential presented has expired (client_secret_jwt)",
            Door::Idaas => "Invalid client_assertion, reasons(s): [credential expired]",
        };
        assert_eq!(told, expected);
    }
    server.advance(30);
    ask(Door::Oauth, "old", "later").is(Refusal::CredentialExpired);
    ask(Door::Oauth, "new", "later").ok();
}
