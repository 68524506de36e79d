//! The mapping to a subject.

use super::signed;
use crate::support::call::Call;
use crate::support::catalogue::{DASHBOARD, PEOPLE};
use crate::support::door::Door;
use crate::support::federation::{ID_TOKEN, token};
use crate::support::jwt::part;
use crate::support::server::shared;
use writ_oauth::Refusal;

fn ask(door: Door, audience: &str, permission: &str) -> Call {
    let jwt = signed(&token().claim("run", "4711"));
    door.ask_of(audience, &[permission]).federated("mapped", ID_TOKEN, &jwt)
}

#[test]
fn a_server_with_custom_subjects_gets_the_mapped_one() {
    for door in Door::BOTH {
        let issued = shared().public(&ask(door, PEOPLE, "person:read")).token();
        assert_eq!(part(&issued, 1)["sub"], "mapped:run:4711");
        let issued = shared().public(&ask(door, DASHBOARD, "announce:read:all")).token();
        assert_eq!(part(&issued, 1)["sub"], "mapped");
    }
}

#[test]
fn a_subject_that_cannot_be_made_refuses() {
    for door in Door::BOTH {
        for run in [serde_json::json!(7), serde_json::json!("a\u{7}b"), serde_json::json!("x".repeat(1024))] {
            let jwt = signed(&token().claim("run", run));
            let call = door.ask_of(PEOPLE, &["person:read"]).federated("mapped", ID_TOKEN, &jwt);
            shared().public(&call).is(Refusal::FederatedSubject);
        }
        // A credential that maps nothing has no subject to give.
        let call = door.ask_of(PEOPLE, &["person:read"]).federated("workload", ID_TOKEN, &signed(&token()));
        shared().public(&call).is(Refusal::SubjectMissing);
    }
}
