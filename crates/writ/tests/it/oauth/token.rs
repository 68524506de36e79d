//! `POST R/oauth2/token`: what is issued.

use serde_json::{Value, json};
use writ_oauth::Refusal;

use crate::support::call::Call;
use crate::support::catalogue::{DASHBOARD, PROFILE, READ, REVENUE, SECRET};
use crate::support::door::Door::Oauth;
use crate::support::jwt::{Jwt, verify};
use crate::support::server::{START, shared};

const ISSUER: &str = "https://writ.example/oauth2";

#[track_caller]
fn read(token: &str) -> Jwt {
    verify(shared(), &Call::get("/oauth2/jwks"), token, ISSUER, DASHBOARD)
}

#[test]
fn the_answer_has_the_standard_members_and_always_a_scope() {
    let answer = shared().public(&Oauth.ask(&[READ]).basic("partner", SECRET)).ok();
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let mut body = answer.json();
    let token = body["access_token"].take();
    assert!(token.as_str().is_some_and(|token| token.split('.').count() == 3));
    assert_eq!(body, json!({"access_token": null, "token_type": "Bearer", "expires_in": 3600, "scope": READ}));
}

/// > JWT access tokens MUST include this media type in the "typ" header parameter
///
/// <https://www.rfc-editor.org/rfc/rfc9068#section-2.1>
#[test]
fn the_token_is_laid_out_as_rfc_9068_has_it() {
    let token = shared().public(&Oauth.ask(&[READ, REVENUE]).basic("partner", SECRET)).token();
    let Jwt { header, claims } = read(&token);
    assert_eq!(header, json!({"alg": "ES256", "typ": "at+jwt", "kid": header["kid"]}));
    let jti = claims["jti"].as_str().unwrap();
    assert_eq!(jti.len(), 21);
    let expected = json!({
        "iss": ISSUER, "sub": "partner", "aud": DASHBOARD, "client_id": "partner",
        "scope": format!("{READ} {REVENUE}"), "iat": START, "exp": START + 3600, "jti": jti,
    });
    assert_eq!(claims, expected);
}

#[test]
fn no_two_tokens_have_the_same_id() {
    let call = Oauth.ask(&[READ]).basic("partner", SECRET);
    let id = || read(&shared().public(&call).token()).claims["jti"].clone();
    assert_ne!(id(), id());
}

#[test]
fn the_scope_keeps_the_order_asked_and_names_each_permission_once() {
    let scope = |asked: &str| {
        let call = Oauth.grant().and("scope", asked).basic("partner", SECRET);
        shared().public(&call).ok().json()["scope"].clone()
    };
    assert_eq!(scope(&format!("{REVENUE} {READ}")), format!("{REVENUE} {READ}"));
    assert_eq!(scope(&format!("{READ}  {REVENUE} {READ} ")), format!("{READ} {REVENUE}"));
}

#[test]
fn permissions_are_compared_byte_by_byte() {
    let call = Oauth.ask(&["revenue:read:all"]).basic("partner", SECRET);
    assert_eq!(shared().public(&call).is(Refusal::PermissionUnknown).error(400), "invalid_scope");
}

#[test]
fn without_a_scope_the_configured_default_is_issued_and_named() {
    let scope_of = |client: &str| shared().public(&Oauth.grant().basic(client, SECRET)).ok().json()["scope"].clone();
    assert_eq!(scope_of("defaults"), READ);
    // Everything granted, in registered order, and nothing that is for people.
    assert_eq!(scope_of("whole"), format!("{READ} {REVENUE} announce:*"));
    let call = Oauth.grant().and("scope", "").basic("defaults", SECRET);
    assert_eq!(shared().public(&call).ok().json()["scope"], READ, "an empty parameter is an absent one");
}

#[test]
fn the_lifetime_of_the_client_goes_before_that_of_the_issuer() {
    let answer = shared().public(&Oauth.grant().basic("defaults", SECRET)).ok().json();
    assert_eq!(answer["expires_in"], json!(600));
    let claims = read(answer["access_token"].as_str().unwrap()).claims;
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
}

/// The three settings of a client for what it may not have.
#[test]
fn unmet_scopes_are_refused_or_left_out_and_reported() {
    let ask = |client: &str| shared().public(&Oauth.ask(&[READ, "no:such", PROFILE]).basic(client, SECRET));
    for client in ["partner", "refuses"] {
        assert_eq!(ask(client).is(Refusal::PermissionUnknown).error(400), "invalid_scope", "{client}");
    }
    let body = ask("reduces").ok().json();
    assert_eq!(body["scope"], READ);
    assert_eq!(body["rejected_scope"], format!("no:such {PROFILE}"));
    assert_eq!(read(body["access_token"].as_str().unwrap()).claims["scope"], READ);
}

#[test]
fn what_is_reduced_to_nothing_is_refused() {
    let answer = shared().public(&Oauth.ask(&["no:such"]).basic("reduces", SECRET));
    assert_eq!(answer.is(Refusal::NothingGranted).error(400), "invalid_scope");
}

#[test]
fn a_default_of_nothing_is_refused_in_a_whole_sentence() {
    let answer = shared().public(&Oauth.grant().basic("for-personal", SECRET)).is(Refusal::NothingGranted);
    assert_eq!(answer.error(400), "invalid_scope");
    assert_eq!(answer.description(), "Nothing at all is granted on the resource server.");
}

#[test]
fn unknown_parameters_are_ignored() {
    let call = Oauth.ask(&[READ]).and("colour", "blue").and("access_token", "x").basic("partner", SECRET);
    shared().public(&call).ok();
}

/// > Parameters sent without a value MUST be treated as if they were omitted from the request.
///
/// <https://www.rfc-editor.org/rfc/rfc6749#section-3.2>
#[test]
fn an_empty_secret_in_the_body_is_no_second_method() {
    let call = Oauth.ask(&[READ]).and("client_secret", "").and("client_assertion", "").basic("partner", SECRET);
    shared().public(&call).ok();
}

/// > The parameters can only be transmitted in the request-body and MUST NOT be included in the request URI.
///
/// <https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1>
#[test]
fn parameters_in_the_query_count_for_nothing() {
    let target = format!("/oauth2/token?client_id=partner&client_secret={SECRET}&scope={READ}");
    let call = Call::post(&target).form(&[("grant_type", "client_credentials")]);
    assert_eq!(shared().public(&call).is(Refusal::AuthenticationMissing).error(401), "invalid_client");
    let call = Call::post("/oauth2/token?grant_type=client_credentials").form(&[]).basic("defaults", SECRET);
    assert_eq!(shared().public(&call).is(Refusal::GrantTypeMissing).error(400), "invalid_request");
}

#[test]
fn the_peer_library_refuses_a_token_that_was_changed() {
    let token = shared().public(&Oauth.ask(&[READ]).basic("partner", SECRET)).token();
    let (head, signature) = token.rsplit_once('.').unwrap();
    let (header, _) = head.split_once('.').unwrap();
    let other = shared().public(&Oauth.ask(&[REVENUE]).basic("partner", SECRET)).token();
    let payload = other.split('.').nth(1).unwrap();
    let forged = format!("{header}.{payload}.{signature}");
    assert!(std::panic::catch_unwind(|| read(&forged)).is_err());
    let _: Value = read(&token).claims;
}
