//! Federated credentials at both doors. One request for each refusal stands in `refusals`; here is where the lines between
//! right and wrong run.

mod change;
mod choice;
mod fetch;
mod profiles;
mod rules;
mod spiffe;
mod subject;
mod trial;
mod write;

use writ_oauth::Refusal;

use crate::support::answer::Answer;
use crate::support::catalogue::READ;
use crate::support::door::Door;
use crate::support::federation::{CI_KEY, ID_TOKEN};
use crate::support::server::shared;

/// Presents a token of the client's provider to the shared server, for the credential `robot`.
fn send(door: Door, client: &str, jwt: &str) -> Answer {
    shared().public(&door.ask(&[READ]).federated(client, ID_TOKEN, jwt).named("robot"))
}

/// Ends the test unless the token is refused by this rule, in the words that a stranger gets.
#[track_caller]
fn refused(door: Door, jwt: &str, refusal: Refusal) {
    let answer = send(door, "workload", jwt).is(refusal);
    let stranger = send(door, "nobody-at-all", jwt).is(Refusal::ClientUnknown);
    assert_eq!(
        (answer.status, answer.description()),
        (stranger.status, stranger.description()),
        "{door:?} {refusal:?}"
    );
}

fn signed(token: &crate::support::assertion::Assertion) -> String {
    token.by_key(CI_KEY)
}
