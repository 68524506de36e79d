//! Client authentication at the token endpoints.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use url::form_urlencoded::byte_serialize;
use writ_oauth::Refusal;

use crate::support::call::{Call, basic};
use crate::support::catalogue::{EXPIRED, FUTURE, ODD_SECRET, READ, SECRET, SWITCHED_OFF, client, documents};
use crate::support::door::Door;
use crate::support::server::{Server, shared};

/// The code that each door has for credentials that do not authenticate.
fn failed(door: Door) -> (u16, &'static str) {
    match door {
        Door::Oauth | Door::Authing => (401, "invalid_client"),
        Door::Idaas => (400, "invalid_client_credential"),
    }
}

#[track_caller]
fn refused(door: Door, call: &Call, refusal: Refusal) -> String {
    let answer = shared().public(call).is(refusal);
    let (status, error) = failed(door);
    assert_eq!(answer.error(status), error, "{door:?} {refusal:?}");
    assert_eq!(answer.header("www-authenticate").is_some(), status == 401, "{door:?} {refusal:?}");
    answer.description()
}

#[test]
fn basic_is_accepted_as_every_client_writes_it() {
    for door in Door::BOTH {
        let ask = |header: String| shared().public(&door.ask(&[READ]).header("authorization", header));
        ask(basic("partner", SECRET)).ok();
        for scheme in ["basic", "BASIC", "bAsIc"] {
            ask(basic("partner", SECRET).replace("Basic", scheme)).ok();
        }
        ask(basic("partner", SECRET).replace("Basic ", "Basic   ")).ok();
        // The vendor's client always names itself in the body as well.
        shared().public(&door.ask(&[READ]).and("client_id", "partner").basic("partner", SECRET)).ok();
    }
}

#[test]
fn case_45_a_secret_is_read_form_encoded_and_raw_and_decoded_once() {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    for door in Door::BOTH {
        let ask = |secret: &str| door.ask(&[READ]).basic("odd", secret);
        shared().public(&ask(ODD_SECRET)).ok();
        shared().public(&ask(&encoded(ODD_SECRET))).ok();
        shared().public(&ask(&encoded(ODD_SECRET).replace('+', "%20"))).ok();
        // Encoded twice it is another secret, and so it is when what the raw form holds is decoded.
        refused(door, &ask(&encoded(&encoded(ODD_SECRET))), Refusal::SecretWrong);
        refused(door, &ask(&ODD_SECRET.replace("%41", "A")), Refusal::SecretWrong);
        shared().public(&door.ask(&[READ]).and("client_id", "odd").and("client_secret", ODD_SECRET)).ok();
        // In the body nothing is read twice: the form is decoded by the form's own rules.
        let post = door.ask(&[READ]).and("client_id", "odd").and("client_secret", &encoded(ODD_SECRET));
        refused(door, &post, Refusal::SecretWrong);
    }
}

#[test]
fn case_46_a_long_secret_counts_to_its_last_character() {
    let server = Server::new();
    let long = "x".repeat(511);
    let credentials = json!([{"kind": "secret", "value": format!("{long}a")}]);
    server.apply("default", &documents());
    server.apply("default", &client("long", json!({"credentials": credentials})));
    for door in Door::BOTH {
        server.public(&door.ask(&[READ]).basic("long", &format!("{long}a"))).ok();
        for other in [format!("{long}b"), long.clone(), format!("{long}aa"), long[..72].to_owned()] {
            let answer = server.public(&door.ask(&[READ]).basic("long", &other)).is(Refusal::SecretWrong);
            assert_eq!(answer.error(failed(door).0), failed(door).1);
        }
    }
}

#[test]
fn post_is_accepted_and_its_client_id_counts() {
    for door in Door::BOTH {
        shared().public(&door.ask(&[READ]).and("client_id", "partner").and("client_secret", SECRET)).ok();
        shared().public(&door.ask(&[READ]).and("client_id", "post-only").and("client_secret", SECRET)).ok();
        let nobody = door.ask(&[READ]).and("client_secret", SECRET);
        assert_eq!(shared().public(&nobody).refusal, Some(Refusal::AuthenticationMissing));
    }
}

#[test]
fn a_client_uses_the_methods_it_is_registered_for() {
    for door in Door::BOTH {
        refused(door, &door.ask(&[READ]).basic("post-only", SECRET), Refusal::MethodNotRegistered);
        // Whoever does not know the secret does not learn which methods there are.
        let wrong = door.ask(&[READ]).basic("post-only", "wrong-secret-0123456789");
        refused(door, &wrong, Refusal::SecretWrong);
    }
}

#[test]
fn what_is_said_of_a_secret_is_said_to_who_knows_it() {
    for door in Door::BOTH {
        for (secret, refusal) in [
            (EXPIRED, Refusal::CredentialExpired),
            (FUTURE, Refusal::CredentialNotYetValid),
            (SWITCHED_OFF, Refusal::CredentialDisabled),
        ] {
            refused(door, &door.ask(&[READ]).basic("secrets", secret), refusal);
        }
        for client in ["client-off", "application-off"] {
            let answer = shared().public(&door.ask(&[READ]).basic(client, "wrong-secret-0123456789"));
            assert_eq!(answer.refusal, Some(Refusal::SecretWrong), "{client}");
        }
    }
}

#[test]
fn malformed_basic_credentials_are_refused_as_credentials() {
    let headers = [
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic !!!".to_owned(),
        format!("Basic {}", STANDARD.encode("partner")),
        format!("Basic {}", STANDARD.encode(":secret")),
        format!("Basic {}", STANDARD.encode("partner:")),
        format!("Basic {}", STANDARD.encode("partner:line\nbreak")),
        format!("Basic {}", STANDARD.encode(b"partner:\xff\xfe")),
        format!("Basic {}", STANDARD.encode(format!("partner:{SECRET}")).replace('=', "")),
    ];
    for door in Door::BOTH {
        for header in &headers {
            refused(door, &door.ask(&[READ]).header("authorization", header), Refusal::BasicMalformed);
        }
    }
}

#[test]
fn other_schemes_and_assertions_are_refused_by_name() {
    const UNKNOWN: [&str; 3] = [
        "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
        "urn:cloud:idaas:params:oauth:client-assertion-type:saml2-bearer",
        "URN:IETF:params:oauth:client-assertion-type:jwt-bearer",
    ];
    for door in Door::BOTH {
        let bearer = door.ask(&[READ]).bearer("abc");
        assert!(refused(door, &bearer, Refusal::AuthorizationSchemeUnknown).contains("Bearer"));
        for unknown in UNKNOWN {
            let assertion = door.ask(&[READ]).and("client_assertion_type", unknown).and("client_assertion", "x.y.z");
            let description = refused(door, &assertion, Refusal::AssertionTypeUnknown);
            assert!(description.contains(unknown) && !description.contains("x.y.z"), "{description}");
        }
    }
}

/// > The client MUST NOT use more than one authentication method in each request.
///
/// <https://www.rfc-editor.org/rfc/rfc6749#section-2.3>
#[test]
fn one_request_uses_one_method() {
    for door in Door::BOTH {
        let basic_and = |name, value| door.ask(&[READ]).and(name, value).basic("partner", SECRET);
        let several = [
            basic_and("client_secret", SECRET),
            basic_and("client_assertion", "x"),
            door.ask(&[READ]).and("client_id", "partner").and("client_secret", SECRET).and("client_assertion", "x"),
        ];
        for call in several {
            let answer = shared().public(&call).is(Refusal::SeveralAuthenticationMethods);
            assert_eq!(answer.error(400), "invalid_request");
        }
        let twice = door.ask(&[READ]).basic("partner", SECRET).basic("partner", SECRET);
        assert_eq!(shared().public(&twice).is(Refusal::AuthorizationRepeated).error(400), "invalid_request");
        let other = door.ask(&[READ]).and("client_id", "whole").basic("partner", SECRET);
        assert_eq!(shared().public(&other).is(Refusal::ClientIdMismatch).error(400), "invalid_request");
    }
}

#[test]
fn client_ids_and_secrets_are_compared_byte_by_byte() {
    for door in Door::BOTH {
        for id in ["Partner", "partner ", " partner", "partner\u{200b}", "PARTNER"] {
            refused(door, &door.ask(&[READ]).basic(id, SECRET), Refusal::ClientUnknown);
        }
        refused(door, &door.ask(&[READ]).basic("partner", &SECRET.to_uppercase()), Refusal::SecretWrong);
        // Another client's secret is a wrong one, although it is right somewhere.
        refused(door, &door.ask(&[READ]).basic("odd", SECRET), Refusal::SecretWrong);
    }
}

#[test]
fn a_client_that_was_unknown_a_moment_ago_is_known_once_it_is_applied() {
    let server = Server::new();
    server.apply("default", &documents());
    let call = Door::Oauth.ask(&[READ]).basic("newcomer", SECRET);
    server.public(&call).is(Refusal::ClientUnknown);
    server.apply("default", &client("newcomer", json!({})));
    server.public(&call).ok();
}
