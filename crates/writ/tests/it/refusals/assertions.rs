//! One request for each rule of client assertions.

use serde_json::json;
use writ_oauth::Refusal;

use super::cases::Broken;
use crate::support::assertion::{Assertion, issuer};
use crate::support::call::Call;
use crate::support::catalogue::{READ, SECRET};
use crate::support::door::Door;

/// A request that is granted the first time.
pub(super) fn good(door: Door) -> Call {
    match door {
        Door::Oauth | Door::Idaas => send(door, &Assertion::of(door, "signer").by_secret(SECRET)),
        Door::Authing => door.ask(&["book:1:read"]).assertion(&Assertion::of(door, "own-books").by_secret(SECRET)),
    }
}

fn send(door: Door, jwt: &str) -> Call {
    door.ask(&[READ]).assertion(jwt)
}

/// Rules that are broken before anybody has proven anything.
pub(super) fn unproven(door: Door) -> Broken {
    let of = |client: &str| Assertion::of(door, client);
    let signed = |assertion: Assertion| send(door, &assertion.by_secret(SECRET));
    let unsigned = of("signer").header("alg", "none").by_secret(SECRET);
    vec![
        (Refusal::AssertionTooLong, send(door, &format!("{}.a.b", "x".repeat(16 * 1024)))),
        (Refusal::AssertionMalformed, send(door, "x.y.z")),
        (Refusal::AssertionAlgUnknown, send(door, &unsigned)),
        (Refusal::AssertionClaimMalformed, signed(of("signer").claim("exp", "1800000300"))),
        (Refusal::AssertionSubjectMissing, signed(of("signer").without("sub"))),
        (Refusal::AssertionIssuerMismatch, signed(of("signer").claim("iss", "partner"))),
        (Refusal::AssertionClientMismatch, signed(of("signer")).and("client_id", "partner")),
        // It stands at an address that is not fetched from.
        (Refusal::ClientKeysUnavailable, send(door, &of("publisher").by_key(1))),
        (Refusal::AssertionKeyMissing, send(door, &of("secret-signer").by_key(1))),
        (Refusal::AssertionKeyUnnamed, send(door, &of("named-key").header("kid", "the fourth").by_key(3))),
        (Refusal::AssertionSignature, send(door, &of("signer").by_key(9))),
    ]
}

/// Rules that are broken by what a key or secret of the client has signed.
pub(super) fn proven(door: Door) -> Broken {
    let of = |client: &str| Assertion::of(door, client);
    let signed = |assertion: Assertion| send(door, &assertion.by_secret(SECRET));
    let broken = |assertion: fn(Assertion) -> Assertion| signed(assertion(of("signer")));
    vec![
        (Refusal::AssertionAlgNotAllowed, signed(of("only-hs512"))),
        (Refusal::AssertionTyp, broken(|good| good.header("typ", "at+jwt"))),
        (Refusal::AssertionExpiryMissing, broken(|good| good.without("exp"))),
        (Refusal::AssertionExpired, broken(|good| good.at("iat", -300).at("exp", -60))),
        (Refusal::AssertionNotYetValid, broken(|good| good.at("nbf", 61))),
        (Refusal::AssertionIssuedInFuture, broken(|good| good.at("iat", 61))),
        (Refusal::AssertionLifetimeTooLong, broken(|good| good.at("exp", 30 * 60 + 61))),
        (Refusal::AssertionAudience, broken(|good| good.claim("aud", "https://other.example"))),
        (Refusal::AssertionAudienceForm, signed(of("strict").claim("aud", json!([issuer(door)])))),
        (Refusal::AssertionIdMissing, broken(|good| good.without("jti"))),
        (Refusal::AssertionIdTooLong, broken(|good| good.id(&"x".repeat(257)))),
    ]
}
