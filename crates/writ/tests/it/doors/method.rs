//! Wrong methods and unknown paths.

use writ_oauth::Refusal;

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::door::Door;
use crate::support::server::shared;

#[track_caller]
fn is_json_refusal(answer: &Answer, status: u16) {
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.error(status);
    assert_eq!(answer.json()["request_id"].as_str(), answer.header("x-request-id"));
}

/// > The origin server MUST generate an Allow header field in a 405 response containing a list of the target
/// > resource's currently supported methods.
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-15.5.6>
#[test]
fn case_75_a_wrong_method_is_405_with_allow_and_json() {
    for door in Door::BOTH {
        for prefix in ["", "/t/default"] {
            for method in ["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
                let answer = shared().public(&Call::new(method, &format!("{prefix}{}/token", door.path())));
                let answer = answer.is(Refusal::MethodNotAllowed);
                is_json_refusal(&answer, 405);
                assert_eq!(answer.header("allow"), Some("POST"), "{method}");
            }
            let answer = shared().public(&Call::post(&format!("{prefix}{}/jwks", door.path())));
            is_json_refusal(&answer, 405);
            assert_eq!(answer.header("allow"), Some("GET,HEAD"));
        }
    }
}

#[test]
fn head_answers_as_get_without_the_body() {
    let answer = shared().public(&Call::new("HEAD", "/oauth2/jwks")).ok();
    assert_eq!(answer.text, "");
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[test]
fn an_unknown_path_is_404_with_json() {
    for path in [
        "/",
        "/oauth2",
        "/oauth2/",
        "/oauth2/token/",
        "/oauth2//token",
        "/OAUTH2/token",
        "/oauth2/token;x=1",
        "/oauth2/%74oken%2F",
        "/oauth2/authorize",
        "/oauth2/introspection",
        "/api/v2/iauths_system/oauth2/revocation",
        "/t/",
        "/v1/tenants/default/application",
        "/healthz",
        "/.well-known/openid-configuration",
        "/favicon.ico",
    ] {
        for method in ["GET", "POST"] {
            let answer = shared().public(&Call::new(method, path));
            assert_eq!(answer.refusal, Some(Refusal::PathUnknown), "{method} {path}");
            is_json_refusal(&answer, 404);
        }
    }
}
