//! One request for each rule of federated credentials.

use writ_oauth::Refusal;

use super::cases::Broken;
use crate::support::assertion::Assertion;
use crate::support::call::Call;
use crate::support::catalogue::READ;
use crate::support::door::Door;
use crate::support::federation::{CI_KEY, ID_TOKEN, token, token_of};

/// Rules that are broken before anybody has proven to be the client.
pub(super) fn unproven(door: Door) -> Broken {
    let send = |token: Assertion| ask(door, "workload", &token.by_key(CI_KEY)).named("robot");
    vec![
        (Refusal::AssertionNotOfItsType, ask(door, "workload", "MIIB")),
        (
            Refusal::AssertionClientMissing,
            door.ask(&[READ]).and("client_assertion_type", ID_TOKEN).and("client_assertion", &good()),
        ),
        (Refusal::FederatedCredentialUnknown, ask(door, "workload", &good()).named("nothing")),
        (Refusal::FederatedTypeMismatch, ask(door, "workload", &good()).named("corp")),
        (Refusal::FederatedCredentialMissing, ask(door, "partner", &good())),
        (Refusal::FederatedProviderDisabled, ask(door, "workload", &good()).named("off")),
        (Refusal::FederatedIssuer, send(token().claim("iss", "https://other.example"))),
        (Refusal::FederatedSignature, ask(door, "workload", &token().by_key(1)).named("robot")),
        (Refusal::FederatedLifetime, send(token().at("exp", 24 * 3600 + 61))),
        (Refusal::FederatedAudience, send(token().claim("aud", "https://other.example"))),
        (Refusal::FederatedTrustCondition, send(token().claim("event_name", "pull_request"))),
        (Refusal::FederatedCondition, send(token().claim("sub", "another"))),
        (
            Refusal::ProviderUnavailable,
            ask(door, "workload", &token_of("https://down.example", "robot").by_key(CI_KEY)).named("down"),
        ),
    ]
}

/// Rules that are broken by who has.
pub(super) fn proven(door: Door) -> Broken {
    vec![
        (Refusal::FederatedAmbiguous, ask(door, "twins", &good())),
        (Refusal::FederatedSubject, ask(door, "mapped", &good())),
    ]
}

fn good() -> String {
    token().by_key(CI_KEY)
}

fn ask(door: Door, client: &str, document: &str) -> Call {
    door.ask(&[READ]).federated(client, ID_TOKEN, document)
}
