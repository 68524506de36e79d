//! JWT-SVIDs.

use serde_json::json;
use writ_oauth::Refusal;

use crate::support::answer::Answer;
use crate::support::assertion::tampered;
use crate::support::catalogue::READ;
use crate::support::door::Door;
use crate::support::federation::{CI_KEY, ID_TOKEN, SVID, TRUST_DOMAIN_KEY, svid};
use crate::support::server::shared;

fn send(door: Door, kind: &str, jwt: &str) -> Answer {
    shared().public(&door.ask(&[READ]).federated("workload", kind, jwt))
}

#[test]
fn case_23_a_svid_is_of_the_trust_domain_and_the_id_that_were_configured() {
    let good = || svid("spiffe://prod.example/billing");
    for door in Door::BOTH {
        send(door, SVID, &good().by_key(TRUST_DOMAIN_KEY)).ok();
        send(door, SVID, &good().header("typ", "JOSE").by_key(TRUST_DOMAIN_KEY)).ok();
        // What it says of an issuer and of itself does not matter.
        send(door, SVID, &good().claim("iss", "https://spire.example").claim("jti", "1").by_key(TRUST_DOMAIN_KEY)).ok();
        for (id, refusal) in [
            ("spiffe://evil.example/billing", Refusal::FederatedIssuer),
            ("spiffe://prod.example.evil/billing", Refusal::FederatedIssuer),
            ("spiffe://prod.example", Refusal::FederatedIssuer),
            ("SPIFFE://prod.example/billing", Refusal::FederatedIssuer),
            ("spiffe://prod.example/billing2", Refusal::FederatedCondition),
            ("spiffe://prod.example/billing/x", Refusal::FederatedCondition),
            ("spiffe://prod.example/Billing", Refusal::FederatedCondition),
        ] {
            send(door, SVID, &svid(id).by_key(TRUST_DOMAIN_KEY)).is(refusal);
        }
        send(door, SVID, &good().by_key(CI_KEY)).is(Refusal::FederatedSignature);
        send(door, SVID, &good().claim("aud", "https://other.example").by_key(TRUST_DOMAIN_KEY))
            .is(Refusal::FederatedAudience);
        send(door, SVID, &good().claim("aud", json!(["https://writ.example/", "x"])).by_key(TRUST_DOMAIN_KEY))
            .is(Refusal::FederatedAudience);
        send(door, SVID, &good().at("exp", 24 * 3600 + 61).at("iat", 0).by_key(TRUST_DOMAIN_KEY))
            .is(Refusal::FederatedLifetime);
        for jwt in tampered(&good().by_key(TRUST_DOMAIN_KEY)) {
            send(door, SVID, &jwt).is(Refusal::FederatedSignature);
        }
        for alg in ["none", "HS256", ""] {
            send(door, SVID, &good().header("alg", alg).by_key(TRUST_DOMAIN_KEY)).is(Refusal::AssertionAlgUnknown);
        }
        send(door, SVID, &good().header("alg", "ES256").by_key(TRUST_DOMAIN_KEY)).is(Refusal::FederatedSignature);
        send(door, SVID, &good().at("exp", -60).by_key(TRUST_DOMAIN_KEY)).is(Refusal::AssertionExpired);
        send(door, SVID, &good().at("nbf", 61).by_key(TRUST_DOMAIN_KEY)).is(Refusal::AssertionNotYetValid);
        send(door, SVID, &good().without("exp").by_key(TRUST_DOMAIN_KEY)).is(Refusal::AssertionExpiryMissing);
        send(door, SVID, &good().without("sub").by_key(TRUST_DOMAIN_KEY)).is(Refusal::AssertionSubjectMissing);
    }
}

/// Under another type it is a token without an issuer.
#[test]
fn case_23_a_svid_counts_under_its_own_type_alone() {
    for door in Door::BOTH {
        let jwt = svid("spiffe://prod.example/billing").by_key(TRUST_DOMAIN_KEY);
        send(door, ID_TOKEN, &jwt).is(Refusal::FederatedIssuer);
    }
}

#[test]
fn case_23_a_svid_is_of_the_credential_that_is_named() {
    let jwt = svid("spiffe://prod.example/billing").by_key(TRUST_DOMAIN_KEY);
    for door in Door::BOTH {
        let named = |name| shared().public(&door.ask(&[READ]).federated("workload", SVID, &jwt).named(name));
        named("svid").ok();
        named("Svid").is(Refusal::FederatedCredentialUnknown);
        named("corp").is(Refusal::FederatedTypeMismatch);
    }
}
