//! What a token of a provider must be like.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::json;
use writ_oauth::Refusal;

use super::{refused, send, signed};
use crate::support::assertion::{issuer, jwk, tampered};
use crate::support::catalogue::{READ, documents};
use crate::support::door::Door;
use crate::support::federation::{CI_KEY, ID_TOKEN, OTHER_KEY, WRIT, robot, token, token_of, workload};
use crate::support::server::Server;

#[test]
fn a_token_of_the_provider_is_the_client_again_and_again() {
    for door in Door::BOTH {
        let jwt = signed(&token());
        for _ in 0..3 {
            send(door, "workload", &jwt).ok();
        }
        for written in [format!("{jwt}\n"), format!("\r\n {jwt} \n")] {
            send(door, "workload", &written).ok();
        }
        send(door, "workload", &signed(&token().claim("aud", WRIT))).ok();
        send(door, "workload", &signed(&token().header("typ", "JWT"))).ok();
        send(door, "workload", &signed(&token().header("typ", "at+jwt"))).ok();
        send(door, "workload", &signed(&token().without("iat"))).ok();
    }
}

#[test]
fn case_24_the_audience_is_one_that_was_configured_and_there_is_none_by_default() {
    for door in Door::BOTH {
        for aud in [
            json!("https://other.example"),
            json!(issuer(door)),
            json!(format!("{}/token", issuer(door))),
            json!("https://writ.example"),
            json!("HTTPS://writ.example/"),
            json!([WRIT, "https://other.example"]),
            json!([]),
            json!(""),
        ] {
            refused(door, &signed(&token().claim("aud", aud)), Refusal::FederatedAudience);
        }
        refused(door, &signed(&token().without("aud")), Refusal::FederatedAudience);
    }
}

#[test]
fn case_25_the_key_of_one_issuer_never_speaks_for_another_though_their_kids_are_the_same() {
    for door in Door::BOTH {
        // Both keys are called `first`.
        refused(door, &token().by_key(OTHER_KEY), Refusal::FederatedSignature);
        let of_other = token_of("https://other.example", "robot").claim("event_name", "push");
        refused(door, &of_other.by_key(OTHER_KEY), Refusal::FederatedIssuer);
        refused(door, &of_other.by_key(CI_KEY), Refusal::FederatedIssuer);
    }
}

#[test]
fn the_issuer_is_compared_byte_for_byte() {
    for door in Door::BOTH {
        for iss in ["https://ci.example/", "https://CI.example", "http://ci.example", "https://ci.example:443", ""] {
            refused(door, &signed(&token().claim("iss", iss)), Refusal::FederatedIssuer);
        }
        refused(door, &signed(&token().without("iss")), Refusal::FederatedIssuer);
    }
}

/// What can be told of a token alone is told to everyone in the same words.
#[test]
fn dates_and_types_are_told_whoever_asks() {
    for door in Door::BOTH {
        for (token, refusal) in [
            (token().at("iat", -3600).at("exp", -60), Refusal::AssertionExpired),
            (token().without("exp"), Refusal::AssertionExpiryMissing),
            (token().claim("exp", "1800003600"), Refusal::AssertionClaimMalformed),
            (token().at("nbf", 61), Refusal::AssertionNotYetValid),
            (token().at("iat", 61), Refusal::AssertionIssuedInFuture),
            (token().header("typ", "logout+jwt"), Refusal::AssertionTyp),
            (token().header("typ", "dpop+jwt"), Refusal::AssertionTyp),
            (token().header("crit", json!(["x"])), Refusal::AssertionMalformed),
        ] {
            let known = send(door, "workload", &signed(&token)).is(refusal);
            let stranger = send(door, "nobody-at-all", &signed(&token)).is(refusal);
            assert_eq!(known.description(), stranger.description());
        }
        send(door, "workload", &signed(&token().at("iat", -3600).at("exp", -59))).ok();
        send(door, "workload", &signed(&token().at("nbf", 60).at("iat", 60))).ok();
    }
}

#[test]
fn the_window_is_bounded_by_the_provider() {
    for door in Door::BOTH {
        send(door, "workload", &signed(&token().at("exp", 24 * 3600 + 60))).ok();
        refused(door, &signed(&token().at("exp", 24 * 3600 + 61)), Refusal::FederatedLifetime);
        // Without `iat` it counts from now.
        refused(door, &signed(&token().without("iat").at("exp", 25 * 3600)), Refusal::FederatedLifetime);
    }
}

#[test]
fn an_algorithm_is_of_a_key_and_never_of_the_token() {
    let secret =
        EncodingKey::from_secret(URL_SAFE_NO_PAD.decode(jwk(CI_KEY, "")["x"].as_str().unwrap()).unwrap().as_ref());
    for door in Door::BOTH {
        let symmetric = token().sign(Algorithm::HS256, &secret);
        send(door, "workload", &symmetric).is(Refusal::AssertionAlgUnknown);
        for alg in ["none", "nOnE", "", "HS256"] {
            send(door, "workload", &signed(&token().header("alg", alg))).is(Refusal::AssertionAlgUnknown);
        }
        refused(door, &signed(&token().header("alg", "ES256")), Refusal::FederatedSignature);
        refused(door, &signed(&token().header("kid", "second")), Refusal::FederatedSignature);
    }
}

#[test]
fn case_17_a_token_brings_no_key_along() {
    for door in Door::BOTH {
        let with = |name: &str, value: serde_json::Value| token().header(name, value).by_key(7);
        for jwt in [
            with("jwk", jwk(7, "first")),
            with("jku", json!("https://127.0.0.1/jwks")),
            with("x5u", json!("https://127.0.0.1/chain")),
            with("x5c", json!(["MIIB"])),
        ] {
            refused(door, &jwt, Refusal::FederatedSignature);
        }
    }
}

#[test]
fn what_was_changed_after_it_was_signed_is_refused() {
    for door in Door::BOTH {
        for jwt in tampered(&signed(&token())) {
            refused(door, &jwt, Refusal::FederatedSignature);
        }
    }
}

/// A fault is never an answer, neither of the condition nor of what stands around it; nor does an evaluation go on for ever.
#[test]
fn case_29_a_condition_that_cannot_be_evaluated_denies() {
    let server = Server::new();
    server.apply("default", &documents());
    let is_robot = r#"Equals(jwt.claims.sub, "robot")"#;
    let dear = vec![r#"Matches(jwt.claims.note, "**a**a**a**b:c")"#; 60].join(", ");
    for (number, condition) in [
        format!(r#"Or(Equals(jwt.claims.nothing, "x"), {is_robot})"#),
        format!(r#"Or(Equals(jwt.claims.run, "7"), {is_robot})"#),
        format!(r#"And({is_robot}, Not(Equals(jwt.claims.nothing, "x")))"#),
        format!(r#"Or(StartsWith(jwt.claims.list, "x"), {is_robot})"#),
        format!("Or({dear}, {is_robot})"),
    ]
    .iter()
    .enumerate()
    {
        let mut credential = robot("robot", "ci");
        credential["condition"] = condition.as_str().into();
        let client = format!("faulty-{number}");
        server.apply("default", &json!([workload(&client, &json!([credential]))]));
        let token = token().claim("run", 7).claim("list", json!(["x"])).claim("note", "a".repeat(8000));
        for door in Door::BOTH {
            let begun = Instant::now();
            let call = door.ask(&[READ]).federated(&client, ID_TOKEN, &signed(&token)).named("robot");
            server.public(&call).is(Refusal::FederatedCondition);
            assert!(begun.elapsed() < Duration::from_secs(10), "{condition}");
        }
    }
}

#[test]
fn case_20_what_is_not_signed_by_the_provider_is_never_judged() {
    for door in Door::BOTH {
        // Everything in it is as the condition wants it, except for who signed.
        refused(door, &token().by_key(1), Refusal::FederatedSignature);
        let (good, bad) = (signed(&token().claim("sub", "another")), signed(&token()));
        let parts = |jwt: &str| jwt.split('.').map(str::to_owned).collect::<Vec<_>>();
        let (good, bad) = (parts(&good), parts(&bad));
        refused(door, &format!("{}.{}.{}", good[0], bad[1], good[2]), Refusal::FederatedSignature);
    }
}
