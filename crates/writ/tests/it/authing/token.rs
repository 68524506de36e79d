//! The token endpoint: how it is asked, and what it answers.

use serde_json::json;
use writ_oauth::Refusal;

use super::{SECRET, ask, granted, screen, server};
use crate::support::call::Call;
use crate::support::jwt::part;

#[test]
fn the_sdks_paths_headers_and_methods_are_taken() {
    let server = server();
    let form = [("grant_type", "client_credentials"), ("scope", "announce:read")];
    let own = |call: Call| call.header("x-authing-app-id", "screen").header("x-authing-lang", "zh-CN");
    let post =
        |path: &str| own(Call::post(path)).form(&form).and("client_id", "contractor-a").and("client_secret", SECRET);
    let basic = Call::post("/oidc/token").basic("contractor-a", SECRET).form(&form);
    for call in [post("/oidc/token"), post("/oauth/token"), basic] {
        let answer = server.public(&call);
        assert_eq!(granted(&answer), ("announce:read".into(), String::new()));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(part(&answer.token(), 1)["iss"], "https://writ.example/oidc");
    }
}

#[test]
fn with_nothing_left_the_token_holds_nothing_unless_the_client_says_otherwise() {
    let server = server();
    let nothing = ask("contractor-a", "revenue:read customer");
    let answer = server.public(&nothing);
    assert_eq!(granted(&answer), (String::new(), "revenue:read customer".into()));
    assert_eq!(part(&answer.token(), 1)["scope"], "");
    let mut strict = screen();
    strict["clients"][0]["unmet_scopes"] = "refuse".into();
    server.apply("default", &json!([strict]));
    let refused = server.public(&nothing).is(Refusal::PermissionNotGranted);
    assert_eq!(refused.error(400), "invalid_scope");
    assert!(refused.description().contains("revenue:read"), "{}", refused.text);
    strict["clients"][0]["unmet_scopes"] = "reduce".into();
    server.apply("default", &json!([strict]));
    assert_eq!(granted(&server.public(&nothing)).0, "");
}

#[test]
fn case_58_a_misspelt_scope_is_a_missing_one() {
    let server = server();
    let form = [("grant_type", "client_credentials"), ("scopes", "announce:read")];
    let misspelt = Call::post("/oidc/token").basic("contractor-a", SECRET).form(&form);
    let refused = server.public(&misspelt).is(Refusal::ScopeMissing);
    assert_eq!(refused.error(400), "invalid_request");
    let mut with_default = screen();
    with_default["clients"][0]["default_scopes"] = json!(["announce:7:read"]);
    server.apply("default", &json!([with_default]));
    assert_eq!(granted(&server.public(&misspelt)), ("announce:7:read".into(), String::new()));
}

#[test]
fn case_61_no_parameter_chooses_another_server() {
    let server = server();
    for audience in ["urn:writ:admin", "urn:screen", "https://other.example"] {
        let call = ask("contractor-a", "announce:read config:read").and("resource", audience).and("audience", audience);
        let answer = server.public(&call);
        assert_eq!(granted(&answer), ("announce:read".into(), "config:read".into()));
        assert_eq!(part(&answer.token(), 1)["azp"], "screen");
    }
}

#[test]
fn case_60_a_client_of_an_application_that_is_not_called_gets_no_token() {
    let server = server();
    let client = json!({"credentials": [{"kind": "secret", "value": SECRET}], "authorizations": [
        {"audience": "urn:screen", "rules": [{"resource": "announce:*", "actions": ["read"]}]}]});
    server.apply("default", &json!([{"kind": "application", "id": "caller", "clients": [client]}]));
    let refused = server.public(&ask("caller", "announce:read")).is(Refusal::OwnServerMissing);
    assert_eq!(refused.error(400), "unauthorized_client");
    // Nor does the administrators' client a token for the admin API that looks like another's.
    let admin = Call::post("/oidc/token").basic("writ-admin", server.bootstrap_secret());
    let answer = server.public(&admin.form(&[("grant_type", "client_credentials"), ("scope", "config:read")]));
    let token = answer.token();
    let read = Call::get("/v1/tenants/default/application").bearer(&token);
    assert_eq!(server.admin(&read).is(Refusal::TokenInvalid).status, 401);
}

#[test]
fn what_the_guides_clients_get_wrong_is_told_clearly() {
    let server = server();
    // The sample under an axios of its day.
    let json = json!({"grant_type": "client_credentials", "client_id": "contractor-a", "client_secret": SECRET});
    let call = Call::post("/oidc/token").raw_form(json.to_string());
    let refused = server.public(&call).is(Refusal::BodyIsJson);
    assert_eq!(refused.error(400), "invalid_request");
    assert!(refused.description().contains("URLSearchParams"), "{}", refused.text);
    // An SDK that is told to use Basic sends the application's secret there and the account's in the body.
    let both = ask("contractor-a", "announce:read").basic("screen", "secret-of-the-application");
    assert_eq!(server.public(&both).error(400), "invalid_request");
    // The documented spelling of an SDK's option makes it send the application's secret with the account's key.
    let form = [("client_id", "contractor-a"), ("client_secret", "secret-of-the-application")];
    let mixed =
        Call::post("/oidc/token").form(&form).and("grant_type", "client_credentials").and("scope", "announce:read");
    let refused = server.public(&mixed).is(Refusal::SecretWrong);
    assert_eq!(
        (refused.error(401), refused.description()),
        ("invalid_client".into(), "client authentication failed".into())
    );
    assert!(refused.header("www-authenticate").unwrap().starts_with("Basic "));
}

#[test]
fn a_page_of_another_origin_may_ask() {
    let server = server();
    let origin = |call: Call| call.header("origin", "https://playground.example");
    let answer = server.public(&origin(ask("contractor-a", "announce:read")));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    let refused = server.public(&origin(ask("nobody", "announce:read")));
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (401, Some("*")));
    let wanted = "content-type,x-authing-app-id,x-authing-request-from,x-authing-sdk-version,x-authing-lang";
    for path in ["/oidc/token", "/oauth/token", "/t/default/oidc/token"] {
        let preflight = origin(Call::new("OPTIONS", path))
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", wanted);
        let answer = server.public(&preflight);
        assert_eq!(answer.status, 204, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-methods"), Some("POST"));
        assert_eq!(answer.header("access-control-allow-headers"), Some(wanted));
    }
    // The other doors are no business of pages.
    let answer = server.public(&origin(Call::post("/oauth2/token").form(&[("grant_type", "client_credentials")])));
    assert_eq!(answer.header("access-control-allow-origin"), None);
}
