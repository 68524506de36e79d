//! `POST R/api/v2/iauths_system/oauth2/token`: what is issued.

use serde_json::json;
use writ_oauth::Refusal;

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::catalogue::{BOOKS, DASHBOARD, PROFILE, READ, REVENUE, SCREEN, SECRET};
use crate::support::door::Door::Idaas;
use crate::support::jwt::{Jwt, part, verify};
use crate::support::server::{START, shared};

const ISSUER: &str = "https://writ.example/api/v2/iauths_system/oauth2";

fn ask(client: &str, scope: &str) -> Answer {
    shared().public(&Idaas.grant().and("scope", scope).and("client_id", client).basic(client, SECRET))
}

#[track_caller]
fn scope(answer: Answer) -> String {
    part(&answer.token(), 1)["scope"].as_str().unwrap().to_owned()
}

/// The vendor's Python client raises a TypeError for strings, and caches nothing without `expires_at`.
#[test]
fn the_answer_has_the_documented_members_with_integers() {
    let mut body = ask("partner", &format!("{DASHBOARD}|{READ}")).ok().json();
    assert_eq!(body["access_token"].take().as_str().unwrap().split('.').count(), 3);
    let expected =
        json!({"token_type": "Bearer", "access_token": null, "expires_in": 3600, "expires_at": START + 3600});
    assert_eq!(body, expected);
    assert!(body["expires_in"].is_i64() && body["expires_at"].is_i64());
}

#[test]
fn the_token_is_an_rs256_jwt_with_bare_scope_values() {
    let token = ask("partner", &format!("{DASHBOARD}|{READ} {DASHBOARD}|{REVENUE}")).token();
    let Jwt { header, claims } =
        verify(shared(), &Call::get(&format!("{}/jwks", Idaas.path())), &token, ISSUER, DASHBOARD);
    assert_eq!(header, json!({"alg": "RS256", "typ": "JWT", "kid": header["kid"]}));
    let expected = json!({
        "iss": ISSUER, "sub": "partner", "aud": DASHBOARD, "client_id": "partner",
        "scope": format!("{READ} {REVENUE}"), "iat": START, "exp": START + 3600, "jti": claims["jti"],
    });
    assert_eq!(claims, expected);
}

#[test]
fn permissions_are_compared_without_case_and_printed_as_registered() {
    for asked in ["revenue:read:all", "REVENUE:READ:ALL", REVENUE] {
        assert_eq!(scope(ask("partner", &format!("{DASHBOARD}|{asked}"))), REVENUE, "{asked}");
    }
    // Two spellings of one permission are one permission.
    let twice = format!("{DASHBOARD}|revenue:read:ALL {DASHBOARD}|{REVENUE}");
    assert_eq!(scope(ask("partner", &twice)), REVENUE);
}

#[test]
fn case_is_ignored_of_ascii_letters_and_of_permissions_only() {
    let kelvin = "Revenue:Read:ALL".replace("Re", "\u{212a}e");
    assert_eq!(ask("partner", &format!("{DASHBOARD}|{kelvin}")).error(400), "invalid_scope");
    let answer = ask("partner", &format!("API://dashboard.example|{READ}")).is(Refusal::AudienceNotGranted);
    assert_eq!(answer.error(400), "invalid_scope");
}

#[test]
fn dot_all_is_everything_that_is_granted_then() {
    assert_eq!(scope(ask("partner", &format!("{DASHBOARD}|.all"))), format!("{READ} {REVENUE} announce:*"));
    assert_eq!(scope(ask("whole", &format!("{DASHBOARD}|.all"))), format!("{READ} {REVENUE} announce:*"));
    let with_another = format!("{DASHBOARD}|{REVENUE} {DASHBOARD}|.all");
    assert_eq!(scope(ask("partner", &with_another)), format!("{READ} {REVENUE} announce:*"));
}

#[test]
fn dot_all_of_nothing_is_refused() {
    let answer = ask("for-personal", "urn:personal|.all").is(Refusal::NothingGranted);
    assert_eq!(answer.error(400), "invalid_scope");
    assert_eq!(answer.description(), "Invalid scope: urn:personal|.all");
    let answer = ask("partner", &format!("{SCREEN}|.all")).is(Refusal::AudienceNotGranted);
    assert_eq!(answer.description(), format!("Invalid scope: {SCREEN}|.all"));
}

#[test]
fn a_request_without_a_scope_is_refused_whatever_the_client_has_as_default() {
    for client in ["partner", "defaults", "whole"] {
        let answer = shared().public(&Idaas.grant().basic(client, SECRET)).is(Refusal::ScopeMissing);
        assert_eq!(answer.error(400), "invalid_request");
        assert_eq!(answer.description(), "Require parameter variable: scope");
    }
}

#[test]
fn what_is_not_granted_is_refused_unless_the_client_reduces() {
    let asked = format!("{DASHBOARD}|{READ} {DASHBOARD}|no:such {DASHBOARD}|{PROFILE}");
    for client in ["partner", "refuses"] {
        let answer = ask(client, &asked).is(Refusal::PermissionUnknown);
        assert_eq!(answer.error(400), "invalid_scope", "{client}");
        assert_eq!(answer.description(), format!("Invalid scope: {DASHBOARD}|no:such"));
    }
    let body = ask("reduces", &asked).ok().json();
    assert_eq!(body["rejected_scope"], format!("{DASHBOARD}|no:such {DASHBOARD}|{PROFILE}"));
    assert_eq!(part(body["access_token"].as_str().unwrap(), 1)["scope"], READ);
}

#[test]
fn several_audiences_are_refused() {
    let answer = ask("both", &format!("{DASHBOARD}|{READ} {SCREEN}|{READ}")).is(Refusal::SeveralAudiences);
    assert_eq!(answer.error(400), "invalid_scope");
}

/// A bar or a blank inside a part cannot be written: an identifier holds neither.
#[test]
fn case_60_the_bar_separates_exactly_once() {
    let malformed = [
        READ.to_owned(),
        format!("{DASHBOARD}|"),
        format!("|{READ}"),
        "|".to_owned(),
        format!("{DASHBOARD}|{READ}|x"),
        format!("{DASHBOARD}||{READ}"),
        format!("{DASHBOARD}|announce read"),
        format!("{DASHBOARD} x|{READ}"),
        // Encoded twice: the second encoding is a part of the word.
        format!("{DASHBOARD}%7C{READ}"),
    ];
    for scope in malformed {
        assert_eq!(ask("both", &scope).is(Refusal::ScopeItemMalformed).error(400), "invalid_scope", "{scope}");
    }
    for scope in
        [format!("{DASHBOARD}\u{ff5c}{READ}"), format!("{DASHBOARD}|{READ}\n"), format!("{DASHBOARD}|\"{READ}")]
    {
        assert_eq!(ask("both", &scope).is(Refusal::ScopeMalformed).error(400), "invalid_scope", "{scope}");
    }
}

#[test]
fn resource_is_no_parameter_of_this_door() {
    let call = Idaas.ask(&[READ]).and("resource", SCREEN).basic("partner", SECRET);
    assert_eq!(part(&shared().public(&call).token(), 1)["aud"], DASHBOARD);
}

#[test]
fn items_of_resources_are_asked_for_in_any_form_and_printed_in_one() {
    for (asked, granted) in [
        ("film:read", "film:*:read"),
        ("film:*:read", "film:*:read"),
        ("film:8:read", "film:8:read"),
        ("book:7:*", "book:7:*"),
        (".all", "film:*:read book:7:*"),
    ] {
        assert_eq!(scope(ask("for-films", &format!("{BOOKS}|{asked}"))), granted, "{asked}");
    }
    assert_eq!(scope(ask("for-films", &format!("{BOOKS}|film:read {BOOKS}|film:*:read"))), "film:*:read");
    for refused in ["film", "film:*", "*", "*:*", "book:7", "book:*:*", "FILM:read", "film:8:9:read", "film::read"] {
        assert_eq!(ask("for-films", &format!("{BOOKS}|{refused}")).error(400), "invalid_scope", "{refused}");
    }
    // What a rule denies in part is not among everything.
    ask("for-books", &format!("{BOOKS}|.all")).is(Refusal::NothingGranted);
    assert_eq!(scope(ask("for-books", &format!("{BOOKS}|book:8:read"))), "book:8:read");
    // The same rules, asked for where they are none.
    ask("for-films", &format!("{DASHBOARD}|film:read")).is(Refusal::AudienceNotGranted);
}
