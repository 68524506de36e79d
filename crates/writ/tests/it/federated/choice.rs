//! Which credential is meant.

use writ_oauth::Refusal;

use super::{send, signed};
use crate::support::answer::Answer;
use crate::support::catalogue::READ;
use crate::support::door::Door;
use crate::support::federation::{CI_KEY, ID_TOKEN, OTHER_KEY, SVID, token, token_of};
use crate::support::server::shared;

fn unnamed(door: Door, client: &str, jwt: &str) -> Answer {
    shared().public(&door.ask(&[READ]).federated(client, ID_TOKEN, jwt))
}

fn named(door: Door, kind: &str, name: &str, jwt: &str) -> Answer {
    shared().public(&door.ask(&[READ]).federated("workload", kind, jwt).named(name))
}

#[test]
fn without_a_name_the_one_that_fits_is_found() {
    let of_other = token_of("https://other.example", "robot").by_key(OTHER_KEY);
    for door in Door::BOTH {
        unnamed(door, "workload", &signed(&token())).ok();
        unnamed(door, "workload", &of_other).ok();
        // The one that was disabled does not count.
        unnamed(door, "rotated", &signed(&token())).ok();
        unnamed(door, "twins", &signed(&token())).is(Refusal::FederatedAmbiguous);
        let second = door.ask(&[READ]).federated("twins", ID_TOKEN, &signed(&token())).named("two");
        shared().public(&second).ok();
        unnamed(door, "workload", &signed(&token().claim("sub", "another"))).is(Refusal::FederatedCondition);
    }
}

#[test]
fn a_name_means_one_credential_and_no_other() {
    let of_other = token_of("https://other.example", "robot").by_key(OTHER_KEY);
    for door in Door::BOTH {
        named(door, ID_TOKEN, "robot", &of_other).is(Refusal::FederatedIssuer);
        named(door, ID_TOKEN, "Robot", &signed(&token())).is(Refusal::FederatedCredentialUnknown);
        named(door, ID_TOKEN, "", &signed(&token())).ok();
        // The type and the credential disagree.
        named(door, ID_TOKEN, "corp", &signed(&token())).is(Refusal::FederatedTypeMismatch);
        named(door, ID_TOKEN, "svid", &signed(&token())).is(Refusal::FederatedTypeMismatch);
        named(door, SVID, "robot", &signed(&token())).is(Refusal::FederatedTypeMismatch);
    }
}

#[test]
fn what_is_switched_off_is_told_to_who_has_proven_it() {
    for door in Door::BOTH {
        send(door, "credential-off", &signed(&token())).is(Refusal::CredentialDisabled);
        send(door, "credential-off", &signed(&token().claim("sub", "another"))).is(Refusal::FederatedCondition);
        send(door, "not-federated", &signed(&token())).is(Refusal::MethodNotRegistered);
        let of_off = token_of("https://off.example", "robot").by_key(CI_KEY);
        named(door, ID_TOKEN, "off", &of_off).is(Refusal::FederatedProviderDisabled);
    }
}
