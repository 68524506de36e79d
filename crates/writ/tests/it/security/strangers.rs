//! What a stranger can learn about who is registered: nothing.

use axum::http::HeaderMap;

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::catalogue::{DASHBOARD, READ, SCREEN, SECRET};
use crate::support::door::Door;
use crate::support::server::shared;

/// Everything a caller sees, the id of the request aside.
fn seen(answer: Answer) -> (u16, HeaderMap, String) {
    let id = answer.header("x-request-id").unwrap().to_owned();
    let mut headers = answer.headers;
    headers.remove("x-request-id");
    (answer.status, headers, answer.text.replace(&id, ""))
}

/// The same is said of a client that does not exist, a wrong secret, and clients that could not get a token anyway.
/// That both cost the same digests is a property of the code: `Core::by_secret` makes them before it looks.
#[test]
fn case_43_and_44_an_unknown_client_and_a_wrong_secret_are_told_apart_by_nothing() {
    let wrong = "a-wrong-secret-0123456789";
    let clients =
        ["nobody", "client-off", "application-off", "post-only", "secrets", "oauth-only", "no-grant", "office"];
    for door in Door::BOTH {
        let basic = |id: &str| seen(shared().public(&door.ask(&[READ]).basic(id, wrong)));
        let post =
            |id: &str| seen(shared().public(&door.ask(&[READ]).and("client_id", id).and("client_secret", wrong)));
        let (expected_basic, expected_post) = (basic("partner"), post("partner"));
        for client in clients {
            assert_eq!(basic(client), expected_basic, "{door:?} {client}");
            assert_eq!(post(client), expected_post, "{door:?} {client}");
        }
        // Asking again, when the unknown id is known to be unknown, changes nothing.
        assert_eq!(basic("nobody"), expected_basic);
    }
}

#[test]
fn case_44_what_is_wrong_later_in_a_request_is_not_said_before_the_client_is_proven() {
    for door in Door::BOTH {
        let ask = |call: Call| seen(shared().public(&call.basic("nobody", SECRET)));
        let expected = ask(door.ask(&[READ]));
        assert_eq!(ask(door.grant()), expected, "no scope");
        assert_eq!(ask(door.ask(&["no:such"])), expected, "a wrong scope");
        assert_eq!(ask(door.ask_of("urn:nothing", &[READ])), expected, "a wrong audience");
    }
}

/// Which permissions and audiences exist is said to those who may have them.
#[test]
fn what_exists_and_is_not_granted_reads_like_what_does_not_exist() {
    for door in Door::BOTH {
        let ask = |audience: &str, permission: &str| {
            let answer = shared().public(&door.ask_of(audience, &[permission]).basic("both", SECRET));
            seen(answer).2.replace(permission, "").replace(audience, "")
        };
        assert_eq!(ask(DASHBOARD, "announce:*"), ask(DASHBOARD, "no:such"));
        let of_partner = |audience: &str| {
            let answer = shared().public(&door.ask_of(audience, &[READ]).basic("partner", SECRET));
            seen(answer).2.replace(audience, "")
        };
        assert_eq!(of_partner(SCREEN), of_partner("urn:nothing"));
    }
}
