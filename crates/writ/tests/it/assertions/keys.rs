//! Which key verifies an assertion.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use writ_oauth::Refusal;
use writ_oauth::jose::{Alg, SigningKey};

use super::{refused, send};
use crate::support::assertion::{Assertion, jwk, private_key, public_key, tampered};
use crate::support::catalogue::{READ, SECRET, client, documents};
use crate::support::door::Door;
use crate::support::key::KeyPair;
use crate::support::server::Server;

fn of(door: Door, client: &str, id: &str) -> Assertion {
    Assertion::of(door, client).id(&format!("{id}-{}", door.name()))
}

#[test]
fn case_13_an_unsigned_assertion_or_one_with_a_public_key_as_secret_is_refused() {
    for door in Door::BOTH {
        let good = of(door, "signer", "x");
        for alg in ["none", "nOnE", "NONE", "", "hs256", "HS257", "RS1", "ES256K"] {
            refused(door, &good.clone().header("alg", alg).by_secret(SECRET), Refusal::AssertionAlgUnknown);
        }
        for unsigned in [good.input("none"), format!("{}.", good.input("none")), format!("{}.", good.input("HS256"))] {
            refused(door, &unsigned, Refusal::AssertionMalformed);
        }
        // The public key is known to everybody. It is no secret, in any of its forms.
        let pem = public_key(1);
        let octets = URL_SAFE_NO_PAD.decode(jwk(1, "")["x"].as_str().unwrap()).unwrap();
        for secret in [pem.as_bytes(), pem.trim().as_bytes(), &octets] {
            let jwt = good.sign(Algorithm::HS256, &EncodingKey::from_secret(secret));
            refused(door, &jwt, Refusal::AssertionSignature);
        }
    }
}

#[test]
fn what_was_changed_after_it_was_signed_is_refused() {
    for door in Door::BOTH {
        let by_key = of(door, "signer", "changed by key").by_key(1);
        let by_secret = of(door, "signer", "changed by secret").by_secret(SECRET);
        for jwt in tampered(&by_key).into_iter().chain(tampered(&by_secret)) {
            refused(door, &jwt, Refusal::AssertionSignature);
        }
        // Nothing was used up.
        send(door, &by_key).ok();
        send(door, &by_secret).ok();
    }
}

#[test]
fn case_14_a_key_makes_the_signatures_it_is_for() {
    let server = Server::new();
    server.apply("default", &documents());
    let (p256, p384, rsa) = (KeyPair::on("P-256"), KeyPair::on("P-384"), KeyPair::rsa(2048));
    let with = |id: &str, credential: Value| {
        client(id, json!({"auth_methods": ["private_key_jwt"], "credentials": [credential]}))
    };
    let pem = |key: &KeyPair| json!({"kind": "public_key", "pem": key.public});
    server.apply(
        "default",
        &json!([
            with("p256", pem(&p256)),
            with("p384", pem(&p384)),
            with("only-ps256", json!({"kind": "public_key", "pem": rsa.public, "alg": "PS256"})),
        ]),
    );
    for door in Door::BOTH {
        let ask = |jwt: &str| server.public(&door.ask(&[READ]).assertion(jwt));
        ask(&of(door, "p256", "p256").by_pair(Alg::ES256, &p256)).ok();
        ask(&of(door, "p384", "p384").by_pair(Alg::ES384, &p384)).ok();
        ask(&of(door, "only-ps256", "ps256").by_pair(Alg::PS256, &rsa)).ok();
        ask(&of(door, "only-ps256", "x").by_pair(Alg::RS256, &rsa)).is(Refusal::AssertionKeyMissing);
        // The header is not obeyed: ES256 is P-256, and nothing of RSA.
        let lies = |client, alg: &str| of(door, client, "x").header("alg", alg);
        ask(&lies("p384", "ES256").by_pair(Alg::ES384, &p384)).is(Refusal::AssertionKeyMissing);
        ask(&lies("p256", "RS256").by_pair(Alg::ES256, &p256)).is(Refusal::AssertionKeyMissing);
    }
}

/// Newer clients call EdDSA by the name of its curve.
#[test]
fn ed25519_is_eddsa() {
    for door in Door::BOTH {
        send(door, &of(door, "signer", "Ed25519").header("alg", "Ed25519").by_key(1)).ok();
        for other in ["Ed448", "ed25519", "EdDSA ", "ESP256"] {
            refused(door, &of(door, "signer", "x").header("alg", other).by_key(1), Refusal::AssertionAlgUnknown);
        }
    }
}

/// A key with text before it is that key or none; it is never taken for a secret.
#[test]
fn case_15_a_pem_with_something_before_it_is_no_secret() {
    let server = Server::new();
    server.apply("default", &documents());
    for (id, before) in [("bom", "\u{feff}"), ("blanks", "  \n\t"), ("text", "a comment\n")] {
        let pem = format!("{before}{}", public_key(1));
        let credentials = json!([{"kind": "public_key", "pem": pem}]);
        let methods = json!(["client_secret_jwt", "private_key_jwt"]);
        let document = client(id, json!({"auth_methods": methods, "credentials": credentials}));
        let call = crate::support::call::Call::post("/v1/tenants/default/apply").json(&document);
        let applied = server.administer(call).status;
        assert!([200, 422, 400].contains(&applied), "{id}: {applied}");
        for door in Door::BOTH {
            let jwt = of(door, id, "x").sign(Algorithm::HS256, &EncodingKey::from_secret(pem.as_bytes()));
            let answer = server.public(&door.ask(&[READ]).assertion(&jwt));
            let expected = if applied == 200 { Refusal::AssertionKeyMissing } else { Refusal::ClientUnknown };
            answer.is(expected);
        }
    }
}

#[test]
fn case_16_a_kid_is_compared_and_nothing_else() {
    for door in Door::BOTH {
        // Registered as PEM, without an id: any is as good as none, and so is the thumbprint.
        let thumbprint = SigningKey::from_pkcs8(Alg::EdDSA, &private_key(2)).unwrap().kid().to_owned();
        for kid in ["../../etc/passwd", "' OR 1=1 --", "https://evil.example/jwks", &thumbprint] {
            send(door, &of(door, "signer", kid).header("kid", kid).by_key(2)).ok();
        }
        // Registered with an id.
        let named = |id: &str| of(door, "named-key", id);
        send(door, &named("own").header("kid", "the third").by_key(3)).ok();
        send(door, &named("none").by_key(3)).ok();
        let thumbprint = SigningKey::from_pkcs8(Alg::EdDSA, &private_key(3)).unwrap().kid().to_owned();
        send(door, &named("thumbprint").header("kid", thumbprint).by_key(3)).ok();
        for kid in ["the fourth", "The third", "the third ", "", "%"] {
            refused(door, &named("x").header("kid", kid).by_key(3), Refusal::AssertionKeyUnnamed);
        }
        for kid in [json!(7), json!(null), json!(["the third"])] {
            refused(door, &named("x").header("kid", kid).by_key(3), Refusal::AssertionMalformed);
        }
        let long = named("x").header("kid", "x".repeat(15 * 1024)).by_key(3);
        refused(door, &long, Refusal::AssertionTooLong);
        let huge = named("x").header("kid", "x".repeat(1024 * 1024)).by_key(3);
        assert_eq!(send(door, &huge).refusal, Some(Refusal::BodyTooLarge));
    }
}

#[test]
fn case_17_keys_and_places_in_the_header_are_not_trusted() {
    for door in Door::BOTH {
        let good = of(door, "signer", "x");
        for (name, value) in [
            ("jwk", jwk(9, "own")),
            ("jku", json!("https://evil.example/jwks")),
            ("x5u", json!("https://evil.example/x5u")),
            ("x5c", json!(["MIIB"])),
        ] {
            refused(door, &good.clone().header(name, value).by_key(9), Refusal::AssertionSignature);
        }
        for (name, value) in
            [("crit", json!(["exp"])), ("b64", json!(false)), ("zip", json!("DEF")), ("cty", json!("JWT"))]
        {
            refused(door, &good.clone().header(name, value).by_key(1), Refusal::AssertionMalformed);
        }
    }
}

/// Keys change one after the other: for a while there are two.
#[test]
fn every_key_that_may_be_used_is_tried_and_what_is_said_of_one_is_said_to_who_has_it() {
    let server = Server::new();
    server.apply("default", &documents());
    let key = |number: u8| json!({"kind": "public_key", "name": number.to_string(), "pem": public_key(number)});
    // Those that may not be used any more do not keep the others from being tried.
    let keys = |stale: u8, all: u8| {
        let mut keys: Vec<_> = (1..=all).map(key).collect();
        for (number, key) in (1..).zip(&mut keys).take(stale.into()) {
            match number % 2 {
                0 => key["status"] = "disabled".into(),
                _ => key["expires"] = "2027-01-01T00:00:00Z".into(),
            }
        }
        json!({"auth_methods": ["private_key_jwt"], "credentials": keys})
    };
    server.apply("default", &json!([client("many", keys(8, 12)), client("few", keys(2, 3))]));
    for door in Door::BOTH {
        let ask = |client: &str, number: u8, id: &str| {
            server.public(&door.ask(&[READ]).assertion(&of(door, client, id).by_key(number)))
        };
        for number in 9..=12 {
            ask("many", number, &number.to_string()).ok();
        }
        ask("few", 1, "x").is(Refusal::CredentialExpired);
        ask("few", 2, "x").is(Refusal::CredentialDisabled);
        ask("few", 3, "x").ok();
        ask("few", 4, "x").is(Refusal::AssertionSignature);
    }
}
