//! `client_secret_jwt` and `private_key_jwt` at both doors. One request for each refusal stands in `refusals`; here is
//! where the lines between right and wrong run.

mod keys;
mod method;
mod published;
mod replay;
mod rules;
mod seeds;

use writ_oauth::Refusal;

use crate::support::answer::Answer;
use crate::support::catalogue::READ;
use crate::support::door::Door;
use crate::support::server::shared;

/// Sends an assertion to the shared server.
fn send(door: Door, jwt: &str) -> Answer {
    shared().public(&door.ask(&[READ]).assertion(jwt))
}

/// Ends the test unless the assertion is refused by this rule, with the code that the door has for credentials.
#[track_caller]
fn refused(door: Door, jwt: &str, refusal: Refusal) {
    let answer = send(door, jwt).is(refusal);
    let (status, error) = match door {
        Door::Oauth => (401, "invalid_client"),
        Door::Idaas => (400, "invalid_client_credential"),
    };
    assert_eq!(answer.error(status), error, "{door:?} {refusal:?}");
}
