//! What is refused at both endpoints of every door.

use writ_oauth::Refusal;

use super::{At, about, shared};
use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::catalogue::SECRET;

/// Ends the test unless a request is refused by a rule, with this status; authentication that failed is 400 at the one
/// door whose vendor documents it so.
#[track_caller]
fn refused(at: At, call: &Call, refusal: Refusal, status: u16) -> Answer {
    let answer = shared().public(call).is(refusal);
    let status = if at == At::Idaas && status == 401 { 400 } else { status };
    assert_eq!(answer.status, status, "{at:?} {}", answer.text);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("www-authenticate").is_some(), status == 401, "{at:?} {refusal:?}");
    answer
}

#[test]
fn a_request_without_a_token_is_malformed() {
    for at in At::ALL {
        for path in at.endpoints() {
            let empty = Call::post(&path).basic(at.called(), SECRET);
            for call in [empty.clone().form(&[]), empty.clone().form(&[("token", "")]), empty.form(&[("Token", "x")])] {
                let answer = refused(at, &call, Refusal::TokenParameterMissing, 400);
                assert_eq!(answer.error(400), "invalid_request");
            }
        }
    }
}

/// > If the protected resource uses OAuth 2.0 client credentials to authenticate to the introspection endpoint and its
/// > credentials are invalid, the authorization server responds with an HTTP 401 (Unauthorized)
///
/// <https://www.rfc-editor.org/rfc/rfc7662#section-2.3>
#[test]
fn case_72_and_87_who_proves_nothing_is_told_nothing() {
    for at in At::ALL {
        let token = at.token(shared());
        for path in at.endpoints() {
            let call = || about(&path, &token);
            refused(at, &call(), Refusal::AuthenticationMissing, 401);
            // The method `none`: an id is no proof.
            for id in ["screen", "guard", "partner", "contractor-a"] {
                refused(at, &call().and("client_id", id), Refusal::AuthenticationMissing, 401);
            }
            refused(at, &call().basic(at.holder(), "wrong"), Refusal::SecretWrong, 401);
            refused(at, &call().basic("nobody", SECRET), Refusal::ClientUnknown, 401);
            let post = call().and("client_id", at.called()).and("client_secret", "wrong");
            refused(at, &post, Refusal::SecretWrong, 401);
            // A token is no credential here, not even itself or an administrator's.
            for bearer in [&token, &shared().admin_token()] {
                refused(at, &call().bearer(bearer), Refusal::AuthorizationSchemeUnknown, 401);
            }
        }
        assert!(at.is_active(shared(), &token), "{at:?}");
    }
}

#[test]
fn who_may_not_use_the_door_may_not_ask_there_either() {
    for at in At::ALL {
        for path in at.endpoints() {
            let call = |client| about(&path, "x").basic(client, SECRET);
            refused(at, &call("office-guard"), Refusal::AddressNotAllowed, 400);
            assert_eq!(shared().public(&call("office-guard").from("203.0.113.7")).status, 200);
            let elsewhere = if at == At::Oauth { "bound-to-idaas" } else { "bound-to-oauth" };
            refused(at, &call(elsewhere), Refusal::IssuerNotAllowed, 400);
            refused(at, &call("off"), Refusal::ClientDisabled, if at == At::Idaas { 400 } else { 401 });
        }
    }
}

#[test]
fn case_57_and_19_what_could_be_read_in_two_ways_is_refused() {
    for at in At::ALL {
        for path in at.endpoints() {
            let call = || about(&path, "x").basic(at.called(), SECRET);
            refused(at, &call().and("token", "y"), Refusal::ParameterRepeated, 400);
            refused(
                at,
                &call().and("token_type_hint", "a").and("token_type_hint", "b"),
                Refusal::ParameterRepeated,
                400,
            );
            refused(at, &call().and("token[0]", "y"), Refusal::ParameterNameBracketed, 400);
            refused(at, &call().and("client_secret", SECRET), Refusal::SeveralAuthenticationMethods, 400);
            refused(at, &call().basic(at.called(), SECRET), Refusal::AuthorizationRepeated, 400);
            refused(at, &call().and("client_id", "another"), Refusal::ClientIdMismatch, 400);
            let json = Call::post(&path).basic(at.called(), SECRET);
            refused(at, &json.clone().raw_form(r#"{"token":"x"}"#), Refusal::BodyIsJson, 400);
            refused(at, &json.clone().json(&serde_json::json!({"token": "x"})), Refusal::ContentTypeNotForm, 400);
            refused(at, &json.raw_form("token=%zz"), Refusal::FormMalformed, 400);
            refused(at, &call().and("x", &"x".repeat(70_000)), Refusal::BodyTooLarge, 413);
        }
    }
}

/// What stands in a query stands in logs.
#[test]
fn other_methods_are_refused() {
    for at in At::ALL {
        for path in at.endpoints() {
            for method in ["GET", "PUT", "DELETE"] {
                let call = Call::new(method, &format!("{path}?token=x")).basic(at.called(), SECRET);
                let answer = refused(at, &call, Refusal::MethodNotAllowed, 405);
                assert_eq!(answer.header("allow"), Some("POST"));
            }
            let query = Call::post(&format!("{path}?token=x")).basic(at.called(), SECRET).form(&[]);
            refused(at, &query, Refusal::TokenParameterMissing, 400);
        }
    }
}
