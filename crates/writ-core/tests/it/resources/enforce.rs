//! What a token lets through, under the rules of the moment.

use serde_json::{Value, json};
use writ_oauth::Refusal;

use super::{SECRET, ask, screen, screen_with};
use crate::present::Gateway;
use crate::support::{Bench, Running, both_engines};
use crate::token::{Steps, TokenRequest};

both_engines!(
    a_token_lets_through_what_its_items_contain,
    case_113_a_live_token_is_held_to_the_rules_of_now,
    case_59_the_models_are_never_mixed,
    case_60_a_token_is_for_the_server_of_its_application,
);

const AUDIENCE: &str = "api://screen";

async fn token(core: &Running, request: TokenRequest) -> String {
    core.token(&request).await.unwrap_or_else(|refused| panic!("{refused}")).access_token().to_owned()
}

/// Which of these a token does not suffice for.
async fn lacking<'a>(core: &Running, token: &str, permissions: &[&'a str]) -> Vec<&'a str> {
    let mut lacking = Vec::new();
    for permission in permissions {
        match core.refuses_for(token, AUDIENCE, permission).await {
            None => {}
            Some(Refusal::TokenInsufficient) => lacking.push(*permission),
            Some(other) => panic!("{permission}: {other:?}"),
        }
    }
    lacking
}

async fn a_token_lets_through_what_its_items_contain(bench: Bench) {
    let core = bench.open().await;
    core.apply(screen()).await;
    let everything = "user-growth:2019:* revenue:create revenue:*:read customer:read";
    let at_every_door = [
        ask("ak_b", everything),
        TokenRequest::of("ak_b", SECRET).scope(&everything.split(' ').collect::<Vec<_>>()),
        TokenRequest::of("ak_b", SECRET).scope(&everything.split(' ').collect::<Vec<_>>()).canonical().at("second"),
    ];
    for request in at_every_door {
        let token = token(&core, request).await;
        let good =
            ["user-growth:2019:read", "user-growth:2019:*", "revenue:7:create", "revenue:read", "customer:x:read"];
        assert_eq!(lacking(&core, &token, &good).await, [""; 0]);
        let bad = [
            "user-growth:2020:read",
            "user-growth:read",
            "user-growth",
            "revenue:update",
            "revenue:7:delete",
            "customer",
            "announce:read",
            "*",
            "customer:x:y:read",
            "",
            "customer::read",
        ];
        assert_eq!(lacking(&core, &token, &bad).await, bad);
    }
    // What the token does not hold does not count, though its client has it; and a token for nothing is good for nothing.
    let narrow = token(&core, ask("ak_b", "user-growth:2019:read")).await;
    assert_eq!(
        lacking(&core, &narrow, &["user-growth:2019:read", "user-growth:2019:update"]).await,
        ["user-growth:2019:update"]
    );
    let empty = token(&core, ask("ak_b", "announce:read")).await;
    assert_eq!(lacking(&core, &empty, &["announce:read", "customer:read", ""]).await.len(), 3);
}

async fn case_113_a_live_token_is_held_to_the_rules_of_now(bench: Bench) {
    let core = bench.open().await;
    let all = || json!({ "resource": "announce:*", "actions": ["read", "update"] });
    core.apply(screen_with(json!([all()]))).await;
    let live = token(&core, ask("ak", "announce:read announce:update")).await;
    let both = ["announce:7:read", "announce:7:update"];
    let changes: [(Value, &[&str]); 5] = [
        (json!([{ "resource": "announce:*", "actions": ["read"] }]), &["announce:7:update"]),
        (json!([{ "resource": "announce:8", "actions": ["*"] }]), &both),
        (json!([all(), { "resource": "announce:7", "actions": ["update"], "effect": "deny" }]), &["announce:7:update"]),
        (json!([{ "resource": "announce:*", "actions": ["*"], "expires": "2027-01-01T00:00:00Z" }]), &both),
        (json!([{ "resource": "announce:*", "actions": ["*"], "networks": ["198.51.100.0/24"] }]), &both),
    ];
    for (rules, lacks) in changes {
        core.apply(screen_with(rules.clone())).await;
        assert_eq!(lacking(&core, &live, &both).await, lacks, "{rules}");
        core.apply(screen_with(json!([all()]))).await;
        assert_eq!(lacking(&core, &live, &both).await, [""; 0], "{rules}");
    }
    core.apply(screen_with(json!([{ "resource": "announce:*", "actions": ["*"], "networks": ["198.51.100.0/24"] }])))
        .await;
    let needs = (AUDIENCE, "announce:7:read");
    assert_eq!(core.refuses_from("198.51.100.9", &live, needs).await, None);
    assert_eq!(core.refuses_from("192.0.2.1", &live, needs).await, Some(Refusal::TokenInsufficient));
    core.apply(screen_with(json!([]))).await;
    assert_eq!(lacking(&core, &live, &both).await, both);
    // And without the application there is nobody left for whom the token could be.
    let mut accounts = screen_with(json!([]));
    accounts.as_object_mut().unwrap().remove("resource_server");
    core.apply(accounts).await;
    assert_eq!(core.refuses_for(&live, AUDIENCE, "announce:read").await, Some(Refusal::TokenInvalid));
}

async fn case_59_the_models_are_never_mixed(bench: Bench) {
    let core = bench.open().await;
    let named = json!({ "kind": "application", "id": "named",
        "resource_server": { "audience": "api://named",
            "permissions": [{ "id": "user" }, { "id": "user:*" }, { "id": "user:read:all" }] },
        "clients": [{ "credentials": [{ "kind": "secret", "value": SECRET }],
            "authorizations": [{ "audience": "api://named", "permissions": "all" }] }] });
    core.apply(named).await;
    for request in [ask("named", "user user:* *"), TokenRequest::of("named", SECRET).scope(&["user", "user:*"])] {
        let token = token(&core, request).await;
        for (permission, refusal) in [
            ("user", None),
            ("user:*", None),
            ("user:read:all", Some(Refusal::TokenInsufficient)),
            ("user:read", Some(Refusal::TokenInsufficient)),
            ("*", Some(Refusal::TokenInsufficient)),
        ] {
            assert_eq!(core.refuses_for(&token, "api://named", permission).await, refusal, "{permission}");
        }
    }
}

async fn case_60_a_token_is_for_the_server_of_its_application(bench: Bench) {
    let core = bench.open().await;
    let other = json!({ "kind": "application", "id": "other", "resource_server": { "audience": "api://other",
        "resources": [{ "code": "announce", "actions": ["read"] }] } });
    let mut given = screen();
    given["clients"][0]["authorizations"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "audience": "api://other", "rules": [{ "resource": "*:*", "actions": ["*"] }] }));
    core.apply(json!([other, given])).await;
    let token = token(&core, ask("ak_a", "announce:read")).await;
    for _ in 0..2 {
        assert_eq!(core.refuses_for(&token, "api://other", "announce:read").await, Some(Refusal::TokenInvalid));
        assert_eq!(core.refuses_for(&token, "ak_a", "announce:read").await, Some(Refusal::TokenInvalid));
        assert_eq!(core.refuses_for(&token, AUDIENCE, "announce:read").await, None);
    }
}
