//! What can be written, and how it is read back.

use serde_json::{Value, json};
use writ_core::apply::{ApplyError, Options};

use super::{ask, resources, screen, screen_with};
use crate::sample::with;
use crate::support::{Bench, Running, both_engines, plan};
use crate::token::Steps;

both_engines!(
    rules_are_stored_as_they_are_printed,
    every_spelling_of_a_rule_means_the_same,
    what_goes_goes_whole,
    what_is_not_there_is_refused_with_its_place,
    what_is_referred_to_cannot_be_taken_away,
    a_permission_model_is_immutable,
    a_route_asks_for_what_is_there,
);

/// Every field that a rule has.
fn every_field() -> Value {
    json!([
        { "resource": "announce:7", "actions": ["read", "update"], "effect": "allow",
          "not_before": "2026-01-01T00:00:00Z", "expires": "2030-01-01T00:00:00Z",
          "networks": ["192.0.2.0/24", "2001:db8::/32"] },
        { "resource": "announce:*", "actions": ["delete"], "effect": "deny" },
        { "resource": "*:*", "actions": ["*"], "effect": "allow" },
    ])
}

async fn unchanged(core: &Running, documents: Value) {
    let applied = core.apply(documents.clone()).await;
    assert_eq!((plan(&applied), applied.sequence), (Vec::new(), None), "{documents}");
}

async fn rules_are_stored_as_they_are_printed(bench: Bench) {
    let core = bench.open().await;
    let mut documents = json!([screen(), with(screen_with(every_field()), "", json!({ "id": "other" }))]);
    documents[0]["resource_server"]["resources"][0] =
        json!({ "code": "user-growth", "name": "用户增长", "type": "api", "actions": ["user-growth:read", "create"] });
    documents[1]["resource_server"] = Value::Null;
    documents[1].as_object_mut().unwrap().remove("resource_server");
    core.apply(documents.clone()).await;
    unchanged(&core, documents).await;
    let printed = core.get_applications().await;
    unchanged(&core, printed.clone()).await;
    assert_eq!(printed[0]["clients"][0]["authorizations"][0]["rules"], every_field());
    let resource = &printed[1]["resource_server"]["resources"][0];
    assert_eq!((&resource["actions"], &resource["type"]), (&json!(["read", "create"]), &json!("api")));
    assert!(!printed[1]["resource_server"].as_object().unwrap().contains_key("permissions"));
}

async fn every_spelling_of_a_rule_means_the_same(bench: Bench) {
    let core = bench.open().await;
    let twice = json!([
        { "resource": "announce", "actions": ["announce:read", "read"] },
        { "resource": "announce:*", "actions": ["read"], "effect": "allow" },
    ]);
    core.apply(screen_with(twice)).await;
    unchanged(&core, screen_with(json!([{ "resource": "announce:*", "actions": ["read"] }]))).await;
    let applied = core.apply(screen_with(json!([{ "resource": "announce:*", "actions": ["update"] }]))).await;
    assert_eq!(plan(&applied), ["update application screen"]);
    assert_eq!(core.token(&ask("ak", "announce:update announce:read")).await.unwrap().scope, "announce:update");
}

async fn what_goes_goes_whole(bench: Bench) {
    let core = bench.open().await;
    let before = bench.dump().await;
    let is_configuration = |line: &String| {
        line.starts_with("resource") || line.starts_with("authorization_rule") || line.starts_with("client")
    };
    core.apply(screen_with(every_field())).await;
    let rows = bench.dump().await.into_iter().filter(is_configuration).count();
    assert!(rows > 20, "{rows}");
    let prune = Options { prune: true, ..Options::default() };
    assert_eq!(plan(&core.apply_with(json!([]), prune).await.unwrap()), ["delete application screen"]);
    let left: Vec<_> = bench.dump().await.into_iter().filter(is_configuration).collect();
    assert_eq!(left, before.into_iter().filter(is_configuration).collect::<Vec<_>>());
    // And it can be made again, in the other model.
    let named = json!({ "audience": "api://screen", "permissions": [{ "id": "announce:read" }] });
    core.apply(json!({ "kind": "application", "id": "screen", "resource_server": named })).await;
}

async fn what_is_not_there_is_refused_with_its_place(bench: Bench) {
    let core = bench.open().await;
    let rule = |resource: &str, action: &str| screen_with(json!([{ "resource": resource, "actions": [action] }]));
    let of_named = json!({ "kind": "application", "id": "screen",
        "resource_server": { "audience": "api://screen", "permissions": [{ "id": "announce:read" }] },
        "clients": screen()["clients"] });
    let mut permissions = screen();
    permissions["clients"][0]["authorizations"] = json!([{ "audience": "api://screen", "permissions": "all" }]);
    let mut elsewhere = screen();
    elsewhere["clients"][0]["authorizations"][0]["audience"] = json!("api://nothing");
    let authorizations = "clients[0].authorizations";
    for (document, path, words) in [
        (rule("announce:*", "revenue:read"), "clients[0].authorizations[0].rules[0].actions", "of another resource"),
        (rule("*:*", "read"), "clients[0].authorizations[0].rules[0].actions", "only with all actions"),
        (rule("a:b:c", "read"), "clients[0].authorizations[0].rules[0].resource", "is written"),
        (rule("announce:a|b", "read"), "clients[0].authorizations[0].rules[0].resource", "is written"),
        (rule("anounce:*", "read"), authorizations, "the resource `anounce` of `api://screen`"),
        (rule("anounce:*", "*"), authorizations, "the resource `anounce` of `api://screen`"),
        (rule("announce:7", "reed"), authorizations, "the action `reed` of the resource `announce`"),
        (of_named, authorizations, "which has no `resources`"),
        (permissions, authorizations, "takes `rules`"),
        (elsewhere, authorizations, "`api://nothing`"),
    ] {
        let ApplyError::Document(fault) = core.refuse(document.clone()).await else { panic!("{document}") };
        assert_eq!(fault.path, path, "{fault}");
        assert!(fault.message.contains(words), "{fault}");
    }
    let scopes = |list: Value| {
        let mut screen = screen();
        screen["clients"][0]["default_scopes"] = list;
        screen
    };
    assert!(core.refuse(scopes(json!(["announce:7:update"]))).await.to_string().contains("announce:7:update"));
    core.apply(scopes(json!(["announce:7:read"]))).await;
}

async fn what_is_referred_to_cannot_be_taken_away(bench: Bench) {
    let core = bench.open().await;
    let mut accounts = json!({ "kind": "application", "id": "accounts", "clients": screen()["clients"] });
    accounts["clients"][1]["authorizations"] = json!([]);
    let server = |resources: Value| {
        json!({ "kind": "application", "id": "screen",
        "resource_server": { "audience": "api://screen", "resources": resources } })
    };
    core.apply(json!([accounts, server(resources())])).await;
    for (resources, words) in [
        (json!([{ "code": "revenue", "actions": ["read"] }]), "the resource `announce`"),
        (json!([{ "code": "announce", "actions": ["update"] }]), "the action `read` of the resource `announce`"),
    ] {
        let refused = core.refuse(server(resources)).await;
        assert!(matches!(&refused, ApplyError::Conflict(message) if message.contains(words)), "{refused:?}");
    }
    core.apply(server(json!([{ "code": "announce", "actions": ["read"] }]))).await;
}

async fn a_permission_model_is_immutable(bench: Bench) {
    let core = bench.open().await;
    let server = |fields: Value| {
        json!({ "kind": "application", "id": "screen",
        "resource_server": with(json!({ "audience": "api://screen" }), "", fields) })
    };
    core.apply(server(json!({ "resources": resources() }))).await;
    for named in [json!({}), json!({ "permissions": [{ "id": "x" }] })] {
        let refused = core.refuse(server(named)).await;
        assert!(refused.to_string().contains("`resource` is stored"), "{refused}");
    }
    let both = core.refuse(server(json!({ "resources": resources(), "permissions": [{ "id": "x" }] }))).await;
    assert!(both.to_string().contains("not both"), "{both}");
    let named = json!({ "kind": "application", "id": "named", "resource_server": { "audience": "api://named" } });
    core.apply(named.clone()).await;
    let refused = core.refuse(with(named, "/resource_server", json!({ "resources": resources() }))).await;
    assert!(refused.to_string().contains("`named` is stored"), "{refused}");
}

async fn a_route_asks_for_what_is_there(bench: Bench) {
    let core = bench.open().await;
    let route = |permission: &str| {
        json!({ "kind": "route", "name": "growth", "match": { "path": "/growth/{year}" },
        "require": { "audience": "api://screen", "permission": permission }, "upstream": { "url": "http://127.0.0.1:9" } })
    };
    for permission in ["user-growth:{year}:reed", "growth:{year}:read", "{year}:read", "user-growth:{year}"] {
        let refused = core.refuse(json!([screen(), route(permission)])).await;
        assert!(matches!(&refused, ApplyError::Document(fault) if fault.path == "require.permission"), "{refused:?}");
    }
    core.apply(json!([screen(), route("user-growth:{year}:read")])).await;
    let mut without = screen();
    without["resource_server"]["resources"].as_array_mut().unwrap().remove(0);
    without["clients"] = json!([]);
    let refused = core.refuse(without).await;
    assert!(matches!(&refused, ApplyError::Conflict(message) if message.contains("user-growth")), "{refused:?}");
}
