//! What is granted of what is asked for, at every kind of door.

use serde_json::{Value, json};
use writ_oauth::Refusal;

use super::{SECRET, ask, resources, screen, screen_with};
use crate::sample::with;
use crate::support::{Bench, Running, both_engines};
use crate::token::{Steps, TokenRequest, bearer, header};

both_engines!(
    the_contractors_get_what_they_were_given,
    case_59_what_is_not_granted_is_left_out_or_refused_and_never_widened,
    case_60_the_rules_of_one_server_are_nothing_on_another,
    case_113_a_rule_that_was_removed_is_in_no_new_token,
    rules_hold_in_their_time_and_from_their_networks,
    everything_is_what_no_rule_denies,
    at_the_other_doors_items_are_scopes_like_any_other,
    items_that_cannot_be_read_are_left_out,
    a_client_without_a_server_of_its_own_gets_no_such_token,
);

/// What is granted, and what is left out.
async fn asked(core: &Running, client: &str, scope: &str) -> (String, String) {
    let issued = core.token(&ask(client, scope)).await.unwrap_or_else(|refused| panic!("{scope}: {refused}"));
    assert_eq!(bearer(issued.access_token())["scope"], issued.scope);
    (issued.scope.clone(), issued.rejected.join(" "))
}

async fn the_contractors_get_what_they_were_given(bench: Bench) {
    let core = bench.open().await;
    core.apply(screen()).await;
    let (granted, rejected) =
        asked(&core, "ak_a", "announce:read announce:update revenue:read customer user-growth:read").await;
    assert_eq!(granted, "announce:read");
    assert_eq!(rejected, "announce:update revenue:read customer user-growth:read");
    let (granted, rejected) = asked(
        &core,
        "ak_b",
        "user-growth:2020:read user-growth:2019:* user-growth:2019:read revenue:create revenue:*:read customer:read",
    )
    .await;
    assert_eq!(granted, "user-growth:2019:* user-growth:2019:read revenue:create revenue:*:read customer:read");
    assert_eq!(rejected, "user-growth:2020:read");

    let issued = core.token(&ask("ak_a", "announce:read")).await.unwrap();
    let (token, expires_in) = (issued.access_token(), issued.expires_in);
    assert_eq!((&header(token)["typ"], expires_in), (&json!("JWT"), 600));
    let claims = bearer(token);
    let members: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = ["jti", "iat", "exp", "scope", "iss", "aud", "azp"];
    expected.sort_unstable();
    let mut members = members;
    members.sort_unstable();
    assert_eq!(members, expected);
    assert_eq!((&claims["aud"], &claims["azp"]), (&json!("ak_a"), &json!("screen")));
}

async fn case_59_what_is_not_granted_is_left_out_or_refused_and_never_widened(bench: Bench) {
    let core = bench.open().await;
    core.apply(screen()).await;
    let nothing = "announce announce:* announce:*:* * *:* *:*:* *:read announce:update announce:7:* revenue";
    assert_eq!(asked(&core, "ak_a", nothing).await, (String::new(), nothing.into()));
    // One instance is not all of them, and the actions that there are today are not all of them.
    let narrow = "user-growth:read user-growth user-growth:*:read revenue:* revenue revenue:7:delete customer:*";
    assert_eq!(asked(&core, "ak_b", narrow).await, (String::new(), narrow.into()));

    let mut strict = screen();
    strict["clients"][0]["unmet_scopes"] = json!("refuse");
    core.apply(strict).await;
    let refused = core.token(&ask("ak_a", "announce:read announce:update")).await.err().unwrap();
    assert_eq!((refused.refusal, refused.subject.as_deref()), (Refusal::PermissionNotGranted, Some("announce:update")));
    assert_eq!(asked(&core, "ak_a", "announce:read").await.0, "announce:read");

    // Named permissions that look like rules, and a client that is given one of them.
    let named = json!({ "kind": "application", "id": "named", "resource_server": { "audience": "api://named",
        "permissions": [{ "id": "user:*" }, { "id": "user:read:all" }, { "id": "user" }] } });
    let caller = json!({ "kind": "application", "id": "caller", "clients": [{
        "credentials": [{ "kind": "secret", "value": SECRET }],
        "authorizations": [{ "audience": "api://named", "permissions": ["user:*", "user"] }] }] });
    core.apply(json!([named, caller])).await;
    let request = |item: &str| TokenRequest::of("caller", SECRET).audience("api://named").scope(&[item]);
    assert_eq!(core.refusal(&request("user:read:all")).await, Refusal::PermissionNotGranted);
    assert_eq!(core.refusal(&request("user:read")).await, Refusal::PermissionUnknown);
    assert_eq!(core.scope(&request("user:*")).await, "user:*");
}

async fn case_60_the_rules_of_one_server_are_nothing_on_another(bench: Bench) {
    let core = bench.open().await;
    let other = json!({ "kind": "application", "id": "other",
        "resource_server": { "audience": "api://other", "resources": resources() } });
    let mut given = screen();
    given["clients"][0]["authorizations"] = json!([
        { "audience": "api://other", "rules": [{ "resource": "*:*", "actions": ["*"] }] },
        { "audience": "api://screen", "rules": [{ "resource": "announce:*", "actions": ["read"] }] },
    ]);
    core.apply(json!([other, given])).await;
    assert_eq!(asked(&core, "ak_a", "announce:read revenue:read *").await.0, "announce:read");
    let at = |audience: &str| TokenRequest::of("ak_a", SECRET).audience(audience).scope(&["revenue:read"]);
    assert_eq!(core.scope(&at("api://other")).await, "revenue:read");
    assert_eq!(core.refusal(&at("api://screen")).await, Refusal::PermissionNotGranted);
    let at_b = TokenRequest::of("ak_b", SECRET).audience("api://other").scope(&["revenue:read"]);
    assert_eq!(core.refusal(&at_b).await, Refusal::AudienceNotGranted);
}

async fn case_113_a_rule_that_was_removed_is_in_no_new_token(bench: Bench) {
    let core = bench.open().await;
    let rules = |actions: Value| screen_with(json!([{ "resource": "announce:*", "actions": actions }]));
    core.apply(rules(json!(["read", "update"]))).await;
    assert_eq!(asked(&core, "ak", "announce:read announce:update").await.0, "announce:read announce:update");
    core.apply(rules(json!(["read"]))).await;
    assert_eq!(asked(&core, "ak", "announce:read announce:update").await.0, "announce:read");
}

async fn rules_hold_in_their_time_and_from_their_networks(bench: Bench) {
    let core = bench.open().await;
    // The tests begin at 2027-01-15T08:00:00Z.
    core.apply(screen_with(json!([
        { "resource": "announce:*", "actions": ["read"], "networks": ["192.0.2.0/24"] },
        { "resource": "revenue:*", "actions": ["read"], "expires": "2027-01-15T08:00:10Z" },
        { "resource": "customer:*", "actions": ["read"], "not_before": "2027-01-15T08:00:10Z" },
        { "resource": "user-growth:*", "actions": ["read"] },
        { "resource": "user-growth:2019", "actions": ["*"], "effect": "deny", "networks": ["192.0.2.0/24"] },
    ])))
    .await;
    let scope = "announce:read revenue:read customer:read user-growth:2019:read user-growth:read";
    let from = async |origin: &str| core.token(&ask("ak", scope).from(origin)).await.unwrap().scope;
    assert_eq!(from("192.0.2.7").await, "announce:read revenue:read");
    assert_eq!(from("198.51.100.7").await, "revenue:read user-growth:2019:read user-growth:read");
    bench.at(&core, 10).await;
    assert_eq!(from("192.0.2.7").await, "announce:read customer:read");
    let strict = |item: &str| TokenRequest::of("ak", SECRET).scope(&[item]);
    assert_eq!(core.refusal(&strict("revenue:read")).await, Refusal::PermissionExpired);
    assert_eq!(core.refusal(&strict("user-growth:2019:read")).await, Refusal::PermissionDenied);
    assert_eq!(core.refusal(&strict("user-growth:read")).await, Refusal::PermissionDenied);
    assert_eq!(core.scope(&strict("user-growth:2020:read")).await, "user-growth:2020:read");
}

async fn everything_is_what_no_rule_denies(bench: Bench) {
    let core = bench.open().await;
    core.apply(screen_with(json!([
        { "resource": "announce:*", "actions": ["read", "update"] },
        { "resource": "announce:7", "actions": ["update"], "effect": "deny" },
        { "resource": "revenue:2019", "actions": ["*"] },
        { "resource": "revenue:2019", "actions": ["read"] },
    ])))
    .await;
    let everything = TokenRequest::of("ak", SECRET).audience("api://screen");
    assert_eq!(core.scope(&everything).await, "announce:*:read revenue:2019:* revenue:2019:read");
    core.apply(screen_with(json!([{ "resource": "*:*", "actions": ["*"] }]))).await;
    assert_eq!(core.scope(&everything).await, "*:*:*");
}

async fn at_the_other_doors_items_are_scopes_like_any_other(bench: Bench) {
    let core = bench.open().await;
    let mut documents = screen();
    documents["clients"][0]["default_scopes"] = json!(["announce:7:read"]);
    core.apply(documents.clone()).await;
    let request = || TokenRequest::of("ak_a", SECRET);
    assert_eq!(
        core.scope(&request().scope(&["announce:read", "announce:7:read"])).await,
        "announce:read announce:7:read"
    );
    let canonical = request().scope(&["announce:read", "announce:*:read", "announce:7:read"]).canonical();
    assert_eq!(core.scope(&canonical.audience("api://screen")).await, "announce:*:read announce:7:read");
    assert_eq!(core.refusal(&request().scope(&["announce:read", "revenue"])).await, Refusal::PermissionNotGranted);
    let issued = core.token(&request().scope(&["revenue", "announce:read"]).reduce()).await.unwrap();
    assert_eq!((&*issued.scope, issued.rejected.join(" ")), ("announce:read", "revenue".to_owned()));
    assert_eq!(bearer(issued.access_token())["aud"], "api://screen");
    let mut nothing = request();
    nothing.asked.wanted.everything = false;
    assert_eq!(core.scope(&nothing).await, "announce:7:read");
    // Nothing left is a refusal here, whatever the client's setting.
    documents["clients"][0]["unmet_scopes"] = json!("reduce");
    core.apply(documents).await;
    assert_eq!(core.refusal(&request().scope(&["revenue"])).await, Refusal::NothingGranted);
}

async fn items_that_cannot_be_read_are_left_out(bench: Bench) {
    let core = bench.open().await;
    core.apply(screen_with(json!([{ "resource": "*:*", "actions": ["*"] }]))).await;
    let long = format!("announce:{}:read", "7".repeat(129));
    for item in [
        ":",
        "::",
        "announce:",
        ":read",
        "announce::read",
        "announce:7:read:8",
        "announce:7:8:read",
        "an*ounce:read",
        "announce:**",
        "announce:7*:read",
        "announce\u{ff1a}read",
        "announce:\u{2217}",
        "\u{430}nnounce:read",
        "announce:re\u{301}ad",
        "Announce:read",
        "announce:READ",
        "announce:anounce",
        "openid",
        "api://screen|announce",
        &long,
    ] {
        assert_eq!(asked(&core, "ak", item).await, (String::new(), item.to_owned()));
    }
    assert_eq!(asked(&core, "ak", "announce:7%3A8:read").await.0, "announce:7%3A8:read");
    assert_eq!(asked(&core, "ak", "announce * *").await.0, "announce *");
}

async fn a_client_without_a_server_of_its_own_gets_no_such_token(bench: Bench) {
    let core = bench.open().await;
    let caller = json!({ "kind": "application", "id": "caller", "clients": [with(screen()["clients"][0].clone(), "",
        json!({ "client_id": "caller" }))] });
    let mut screen = screen();
    screen["clients"] = json!([]);
    core.apply(json!([screen, caller])).await;
    assert_eq!(core.refusal(&ask("caller", "announce:read")).await, Refusal::OwnServerMissing);
    assert_eq!(core.scope(&TokenRequest::of("caller", SECRET).scope(&["announce:read"])).await, "announce:read");
}
