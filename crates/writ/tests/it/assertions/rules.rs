//! What an assertion must say.

use serde_json::{Value, json};
use writ_oauth::Refusal;

use super::{refused, send};
use crate::support::assertion::{Assertion, issuer};
use crate::support::catalogue::{READ, SECRET};
use crate::support::door::Door;
use crate::support::server::{ROOT, shared};

/// A good assertion with a `jti` of the test.
fn of(door: Door, client: &str, id: &str) -> Assertion {
    Assertion::of(door, client).id(&format!("{id}-{}", door.name()))
}

fn audiences(door: Door) -> (String, String) {
    (issuer(door), format!("{}/token", issuer(door)))
}

#[test]
fn case_1_the_audience_is_this_door_and_no_other() {
    for (door, other) in [(Door::Oauth, Door::Idaas), (Door::Idaas, Door::Oauth)] {
        let (issuer, endpoint) = audiences(door);
        for (id, aud) in [("issuer", &issuer), ("endpoint", &endpoint)] {
            send(door, &of(door, "signer", id).claim("aud", aud.as_str()).by_secret(SECRET)).ok();
        }
        let (others, others_endpoint) = audiences(other);
        for aud in
            [&others, &others_endpoint, ROOT, "https://other.example/oauth2", "https://other.example/oauth2/token", ""]
        {
            refused(door, &of(door, "signer", "x").claim("aud", aud).by_secret(SECRET), Refusal::AssertionAudience);
        }
        refused(door, &of(door, "signer", "x").without("aud").by_secret(SECRET), Refusal::AssertionAudience);
    }
}

#[test]
fn case_2_the_strict_profile_takes_one_string_that_is_the_issuer() {
    for door in Door::BOTH {
        let (issuer, endpoint) = audiences(door);
        send(door, &of(door, "strict", "one string").by_secret(SECRET)).ok();
        let with = |aud: Value| of(door, "strict", "x").claim("aud", aud).by_secret(SECRET);
        refused(door, &with(json!([issuer])), Refusal::AssertionAudienceForm);
        refused(door, &with(json!(endpoint)), Refusal::AssertionAudience);
        refused(
            door,
            &of(door, "strict", "x").at("exp", 5 * 60 + 61).by_secret(SECRET),
            Refusal::AssertionLifetimeTooLong,
        );
    }
}

/// A recipient beside this one could send the assertion on.
#[test]
fn case_2_the_compatible_profile_takes_a_list_that_names_nobody_else() {
    for door in Door::BOTH {
        let (issuer, endpoint) = audiences(door);
        for (id, aud) in [("list of one", json!([issuer])), ("list of both", json!([endpoint, issuer]))] {
            send(door, &of(door, "signer", id).claim("aud", aud).by_secret(SECRET)).ok();
        }
        let with = |aud: Value| of(door, "signer", "x").claim("aud", aud).by_secret(SECRET);
        refused(door, &with(json!([issuer, "https://other.example"])), Refusal::AssertionAudienceForm);
        refused(door, &with(json!(["https://other.example"])), Refusal::AssertionAudience);
        refused(door, &with(json!([])), Refusal::AssertionAudience);
        for wrong in [json!(7), json!({}), json!([1]), json!(null)] {
            refused(door, &with(wrong), Refusal::AssertionClaimMalformed);
        }
    }
}

#[test]
fn case_4_the_audience_is_compared_byte_for_byte() {
    for door in Door::BOTH {
        let (issuer, endpoint) = audiences(door);
        for aud in [
            format!("{issuer}/"),
            format!("{endpoint}/"),
            format!("{endpoint}?"),
            issuer.replace("writ.example", "writ.example:443"),
            issuer.replace("writ.example", "WRIT.example"),
            issuer.replace("https", "HTTPS"),
            issuer.replace("https", "http"),
            issuer.replace("oauth2", "%6fauth2"),
            format!(" {issuer}"),
        ] {
            refused(door, &of(door, "signer", "x").claim("aud", aud).by_secret(SECRET), Refusal::AssertionAudience);
        }
    }
}

#[test]
fn case_10_every_date_is_read_and_a_date_of_the_wrong_type_is_not_absent() {
    for door in Door::BOTH {
        let broken = |change: &dyn Fn(Assertion) -> Assertion| change(of(door, "signer", "x")).by_secret(SECRET);
        refused(door, &broken(&|it| it.without("exp")), Refusal::AssertionExpiryMissing);
        refused(door, &broken(&|it| it.at("exp", -60)), Refusal::AssertionExpired);
        refused(door, &broken(&|it| it.at("exp", 1861)), Refusal::AssertionLifetimeTooLong);
        refused(door, &broken(&|it| it.without("iat").at("exp", 1921)), Refusal::AssertionLifetimeTooLong);
        refused(door, &broken(&|it| it.at("iat", 61)), Refusal::AssertionIssuedInFuture);
        for name in ["exp", "nbf", "iat"] {
            for wrong in [json!("1800000300"), json!(null), json!(true), json!([1_800_000_300]), json!(1e300)] {
                refused(door, &broken(&|it| it.claim(name, wrong.clone())), Refusal::AssertionClaimMalformed);
            }
        }
        for name in ["iss", "sub", "jti"] {
            refused(door, &broken(&|it| it.claim(name, 7)), Refusal::AssertionClaimMalformed);
        }
    }
}

#[test]
fn case_11_nbf_is_heeded() {
    for door in Door::BOTH {
        send(door, &of(door, "signer", "nbf now").at("nbf", 0).by_secret(SECRET)).ok();
        refused(door, &of(door, "signer", "x").at("nbf", 61).by_secret(SECRET), Refusal::AssertionNotYetValid);
    }
}

#[test]
fn case_112_a_clock_may_be_off_by_a_minute() {
    for door in Door::BOTH {
        for (id, change) in [
            ("just expired", (|it| it.at("exp", -59)) as fn(Assertion) -> Assertion),
            ("a minute ahead", |it| it.at("iat", 60).at("nbf", 60)),
            ("half an hour and a minute", |it| it.at("exp", 1860)),
            ("without iat", |it| it.without("iat").at("exp", 1800)),
            ("a part of a second", |it| it.claim("exp", 1_800_000_300.75)),
        ] {
            send(door, &change(of(door, "signer", id)).by_secret(SECRET)).ok();
        }
    }
}

#[test]
fn case_12_issuer_subject_and_client_id_are_one() {
    for door in Door::BOTH {
        let good = of(door, "signer", "x");
        for iss in ["strict", "", "Signer", "signer "] {
            refused(door, &good.clone().claim("iss", iss).by_secret(SECRET), Refusal::AssertionIssuerMismatch);
        }
        refused(door, &good.clone().without("iss").by_secret(SECRET), Refusal::AssertionIssuerMismatch);
        refused(door, &good.clone().without("sub").by_secret(SECRET), Refusal::AssertionSubjectMissing);
        refused(door, &good.clone().claim("sub", "").by_secret(SECRET), Refusal::AssertionSubjectMissing);
        let beside = |id: &str, client_id: &str| {
            let jwt = of(door, "signer", id).by_secret(SECRET);
            shared().public(&door.ask(&[READ]).assertion(&jwt).and("client_id", client_id))
        };
        beside("the same", "signer").ok();
        beside("x", "strict").is(Refusal::AssertionClientMismatch);
    }
}

#[test]
fn the_id_is_there_and_short() {
    for door in Door::BOTH {
        let with = |id: &str| Assertion::of(door, "signer").id(id).by_secret(SECRET);
        refused(door, &Assertion::of(door, "signer").without("jti").by_secret(SECRET), Refusal::AssertionIdMissing);
        refused(door, &with(""), Refusal::AssertionIdMissing);
        refused(door, &with(&"x".repeat(257)), Refusal::AssertionIdTooLong);
        send(door, &with(&format!("{:x>256}", door.name()))).ok();
    }
}

#[test]
fn the_type_is_that_of_an_assertion_or_absent() {
    for door in Door::BOTH {
        for typ in ["JWT", "jwt", "application/jwt", "client-authentication+jwt"] {
            send(door, &of(door, "signer", typ).header("typ", typ).by_secret(SECRET)).ok();
        }
        for typ in ["at+jwt", "dpop+jwt", "JOSE", ""] {
            refused(door, &of(door, "signer", "x").header("typ", typ).by_secret(SECRET), Refusal::AssertionTyp);
        }
    }
}
