//! `resource` (RFC 8707) at `POST R/oauth2/token`: which resource server a token is for.

use writ_oauth::Refusal;

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::catalogue::{DASHBOARD, DASHBOARD_URL, READ, REVENUE, SCREEN, SECRET};
use crate::support::door::Door::Oauth;
use crate::support::jwt::part;
use crate::support::server::shared;

fn ask(client: &str, scope: &str, resources: &[&str]) -> Answer {
    let call = Oauth.grant().and("scope", scope).basic(client, SECRET);
    let call = resources.iter().fold(call, |call: Call, resource| call.and("resource", resource));
    shared().public(&call)
}

#[track_caller]
fn audience(answer: Answer) -> String {
    let claims = part(&answer.token(), 1);
    claims["aud"].as_str().unwrap_or_else(|| panic!("one audience, as a string: {claims}")).to_owned()
}

#[test]
fn a_resource_is_named_by_its_audience_or_by_its_url_and_aud_is_the_audience() {
    for resource in [DASHBOARD, DASHBOARD_URL] {
        assert_eq!(audience(ask("both", READ, &[resource])), DASHBOARD);
    }
    assert_eq!(audience(ask("both", READ, &[SCREEN])), SCREEN);
}

#[test]
fn without_a_resource_the_only_server_that_holds_everything_is_meant() {
    assert_eq!(audience(ask("both", "screen:update", &[])), SCREEN);
    assert_eq!(audience(ask("both", &format!("screen:update {READ}"), &[])), SCREEN);
    assert_eq!(audience(ask("partner", READ, &[])), DASHBOARD);
}

#[test]
fn several_servers_that_hold_what_is_asked_are_ambiguous() {
    assert_eq!(ask("both", READ, &[]).is(Refusal::ResourceAmbiguous).error(400), "invalid_target");
    // And so is a permission that none of several holds.
    assert_eq!(ask("both", "no:such", &[]).is(Refusal::ResourceAmbiguous).error(400), "invalid_target");
}

#[test]
fn a_token_has_one_audience() {
    let answer = ask("both", READ, &[DASHBOARD, SCREEN]);
    assert_eq!(answer.is(Refusal::SeveralResources).error(400), "invalid_target");
}

#[test]
fn case_60_a_permission_of_one_server_is_not_issued_for_another() {
    assert_eq!(ask("both", REVENUE, &[SCREEN]).is(Refusal::PermissionUnknown).error(400), "invalid_scope");
    assert_eq!(ask("both", "screen:update", &[DASHBOARD]).is(Refusal::PermissionUnknown).error(400), "invalid_scope");
    for scope in [format!("{SCREEN}|screen:update"), format!("{DASHBOARD}|{READ}")] {
        assert_eq!(ask("both", &scope, &[DASHBOARD]).is(Refusal::PermissionUnknown).error(400), "invalid_scope");
    }
}

/// > If the requested resource is invalid, missing, unknown, or malformed: invalid_target
///
/// <https://www.rfc-editor.org/rfc/rfc8707#section-2>
#[test]
fn case_61_a_resource_is_compared_exactly_and_must_be_authorized() {
    let not_granted = [
        // Another spelling of the same thing.
        "api://Dashboard.example",
        "api://dashboard.example/",
        "https://dashboard.example/api/",
        "https://dashboard.example:443/api",
        "https://dashboard.example/%61pi",
        "https://dashboard.example",
        // It exists, and is not this client's.
        SCREEN,
        "urn:writ:admin",
        // It does not exist.
        "urn:nothing",
    ];
    for resource in not_granted {
        let answer = ask("partner", READ, &[resource]).is(Refusal::ResourceNotGranted);
        assert_eq!(answer.error(400), "invalid_target", "{resource}");
    }
    for resource in ["dashboard", "https://dashboard.example/api#part", "/api", "%", "../x"] {
        let answer = ask("partner", READ, &[resource]).is(Refusal::ResourceMalformed);
        assert_eq!(answer.error(400), "invalid_target", "{resource}");
    }
}

#[test]
fn an_empty_resource_is_an_absent_one() {
    assert_eq!(audience(ask("partner", READ, &["", DASHBOARD, ""])), DASHBOARD);
}
