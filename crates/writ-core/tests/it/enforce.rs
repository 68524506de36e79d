//! Which tokens meet a requirement, under the rules of the moment.

use std::time::Duration;

use serde_json::{Value, json};
use writ_core::Requirement;
use writ_oauth::Refusal;

use crate::present::Gateway;
use crate::sample::{SECRET, caller, caller_with, dashboard, with};
use crate::support::{Bench, Running, TENANT, both_engines, only_on};
use crate::token::{Steps, TokenRequest};

both_engines!(
    a_token_meets_what_it_and_its_client_both_hold,
    case_101_the_audience_is_checked_on_every_use_also_of_a_known_token,
    a_token_of_another_tenant_is_none_here,
    case_113_what_is_taken_back_ends_at_once_and_may_come_back,
    a_token_is_good_until_its_expiry_and_says_how_long,
    case_100_a_configuration_that_is_not_confirmed_decides_nothing,
);
only_on!(Postgres: case_100_an_unknown_client_cannot_be_looked_up_without_the_database);

async fn token(core: &Running, request: &TokenRequest) -> String {
    core.token(request).await.unwrap_or_else(|refused| panic!("{refused}")).access_token().to_owned()
}

async fn open(bench: &Bench) -> (Running, String) {
    let core = bench.open().await;
    let other = json!({ "audience": "api://other", "permissions": [{ "id": "announce:read" }] });
    let both = json!([
        { "audience": "api://dashboard", "permissions": ["announce:read", "announce:write"] },
        { "audience": "api://other", "permissions": ["announce:read"] },
    ]);
    let other = json!({ "kind": "application", "id": "other", "resource_server": other });
    core.apply(json!([dashboard(), other, caller_with(json!({ "authorizations": both }))])).await;
    let narrow = TokenRequest::of("caller", SECRET).audience("api://dashboard").scope(&["announce:read"]);
    let token = token(&core, &narrow).await;
    (core, token)
}

async fn a_token_meets_what_it_and_its_client_both_hold(bench: Bench) {
    let (core, narrow) = open(&bench).await;
    let wide = token(&core, &TokenRequest::of("caller", SECRET).audience("api://dashboard")).await;
    let refuses = async |token: &str, permission: &str| core.refuses_for(token, "api://dashboard", permission).await;
    assert_eq!(refuses(&narrow, "announce:read").await, None);
    assert_eq!(refuses(&wide, "announce:write").await, None);
    // The client has it, the token does not.
    assert_eq!(refuses(&narrow, "announce:write").await, Some(Refusal::TokenInsufficient));
    // Exactly this permission: no other case, no part, no list.
    for permission in ["Announce:Read", "announce", "announce:*", "announce:read announce:write", "", "nothing"] {
        assert_eq!(refuses(&wide, permission).await, Some(Refusal::TokenInsufficient), "{permission}");
    }
    for bad in ["", "a", "a.b.c", &wide[1..], &format!("{wide}x"), &wide.replace('.', "..")] {
        assert_eq!(refuses(bad, "announce:read").await, Some(Refusal::TokenInvalid), "{bad}");
    }
}

async fn case_101_the_audience_is_checked_on_every_use_also_of_a_known_token(bench: Bench) {
    let (core, token) = open(&bench).await;
    for _ in 0..2 {
        assert_eq!(core.refuses_for(&token, "api://other", "announce:read").await, Some(Refusal::TokenInvalid));
        assert_eq!(core.refuses(&token).await, None);
    }
}

async fn a_token_of_another_tenant_is_none_here(bench: Bench) {
    let (core, token) = open(&bench).await;
    core.apply(json!({ "kind": "tenant", "name": "acme" })).await;
    let by = core.sign_in().await;
    let documents = writ_core::document::list_from_json(json!([dashboard(), caller()])).unwrap();
    core.apply_to("acme", &by, documents).await;
    assert_eq!(core.refuses(&token).await, None);
    let snapshot = core.snapshot();
    let requirement =
        Requirement { audience: "api://dashboard", permission: "announce:read", origin: [192, 0, 2, 1].into() };
    for _ in 0..2 {
        let refused = core.enforce(snapshot.tenant("acme").unwrap(), &token, requirement).await.err().unwrap();
        assert_eq!(refused.refusal, Refusal::TokenInvalid);
    }
}

async fn case_113_what_is_taken_back_ends_at_once_and_may_come_back(bench: Bench) {
    let (core, token) = open(&bench).await;
    let granted = json!([{ "audience": "api://dashboard", "permissions": ["announce:read"] }]);
    let good = || caller_with(json!({ "authorizations": granted }));
    let changes: [(Value, Refusal); 4] = [
        (caller_with(json!({ "authorizations": [] })), Refusal::TokenInsufficient),
        (with(good(), "/clients/0", json!({ "status": "disabled" })), Refusal::TokenRevoked),
        (with(good(), "", json!({ "status": "disabled" })), Refusal::TokenRevoked),
        (with(good(), "/clients/0/credentials/0", json!({ "status": "disabled" })), Refusal::TokenRevoked),
    ];
    for (document, refusal) in changes {
        core.apply(json!([document])).await;
        assert_eq!(core.refuses(&token).await, Some(refusal), "{document}");
        core.apply(json!([with(good(), "/clients/0/credentials/0", json!({ "status": "enabled" }))])).await;
        assert_eq!(core.refuses(&token).await, None, "{document}");
    }
    core.apply(json!([with(dashboard(), "", json!({ "status": "disabled" }))])).await;
    assert_eq!(core.refuses(&token).await, Some(Refusal::TokenRevoked));
}

async fn a_token_is_good_until_its_expiry_and_says_how_long(bench: Bench) {
    let (core, token) = open(&bench).await;
    let requirement =
        Requirement { audience: "api://dashboard", permission: "announce:read", origin: [192, 0, 2, 1].into() };
    for (second, left) in [(0, 3600), (10, 3590), (3599, 1)] {
        bench.set_time(second);
        core.wait_until_confirmed().await;
        let snapshot = core.snapshot();
        let enforced = core.enforce(snapshot.tenant(TENANT).unwrap(), &token, requirement).await;
        let enforced = enforced.unwrap_or_else(|refused| panic!("{refused}"));
        assert_eq!(enforced.expires_in(), Duration::from_secs(left));
        assert_eq!(
            (enforced.client_id(), enforced.subject(), enforced.scope()),
            ("caller", Some("caller"), "announce:read")
        );
    }
    bench.set_time(3600);
    core.wait_until_confirmed().await;
    assert_eq!(core.refuses(&token).await, Some(Refusal::TokenInvalid));
}

async fn case_100_a_configuration_that_is_not_confirmed_decides_nothing(bench: Bench) {
    let (core, token) = open(&bench).await;
    core.close().await;
    bench.set_time(299);
    assert_eq!(core.refuses(&token).await, None, "a known client needs no database");
    bench.set_time(301);
    assert_eq!(core.refuses(&token).await, Some(Refusal::ConfigurationStale));
}

async fn case_100_an_unknown_client_cannot_be_looked_up_without_the_database(bench: Bench) {
    let (core, token) = open(&bench).await;
    // Another process knows the configuration, but not yet this client.
    let other = bench.open().await;
    bench.set_reachable(false).await;
    assert_eq!(other.refuses(&token).await, Some(Refusal::StoreUnavailable));
    assert_eq!(core.refuses(&token).await, None);
    bench.set_reachable(true).await;
}
