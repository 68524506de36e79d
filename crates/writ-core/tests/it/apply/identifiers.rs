//! Client ids, audiences and resource URLs: unique within a tenant, and free to move.

use serde_json::{Value, json};
use writ_core::apply::{ApplyError, Options};

use crate::sample::{SECRET, caller, dashboard, with};
use crate::support::{Bench, TENANT, both_engines, plan};
use crate::token::{Steps, TokenRequest};

both_engines!(
    an_identifier_stands_for_one_thing,
    an_audience_is_immutable,
    a_client_moves_with_its_secrets,
    a_client_moves_away_from_a_pruned_application,
    an_audience_moves_to_another_application,
    a_resource_url_moves_in_either_order,
    the_same_identifiers_may_be_used_in_another_tenant,
    the_built_in_application_is_left_alone,
);

async fn an_identifier_stands_for_one_thing(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    let server = |audience: &str, urls: Value| {
        json!({ "kind": "application", "id": "new",
            "resource_server": { "audience": audience, "resource_urls": urls } })
    };
    let client = |id: &str| json!({ "kind": "application", "id": "new", "clients": [{ "client_id": id }] });
    let named_dashboard = json!({ "kind": "application", "id": "a", "clients": [{ "client_id": "dashboard" }] });
    core.apply(json!([named_dashboard])).await;
    for (document, path, message) in [
        (server("api://dashboard", json!([])), "resource_server.audience", "already the audience of"),
        (server("https://dashboard.example", json!([])), "resource_server.audience", "already a resource URL of"),
        (server("caller", json!([])), "resource_server.audience", "already a client id of"),
        (
            server("x:new", json!(["https://dashboard.example"])),
            "resource_server.resource_urls[0]",
            "a resource URL of",
        ),
        (server("x:new", json!(["x:ok", "api://dashboard"])), "resource_server.resource_urls[1]", "the audience of"),
        (client("caller"), "clients[0].client_id", "already a client id of the application `caller`"),
        (client("dashboard"), "clients[0].client_id", "already a client id of the application `a`"),
    ] {
        let refused = core.refuse(json!([document])).await;
        let ApplyError::Document(fault) = refused else { panic!("{refused:?}") };
        assert_eq!(fault.path, path);
        assert!(fault.message.contains(message), "{}", fault.message);
    }
    // Two documents of one request that want the same.
    let two = json!([client("twice"), with(client("twice"), "", json!({ "id": "newer" }))]);
    assert!(core.refuse(two).await.to_string().contains("already a client id of the application `new`"));
}

async fn an_audience_is_immutable(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard()])).await;
    let renamed = with(dashboard(), "/resource_server", json!({ "audience": "api://renamed" }));
    let ApplyError::Document(fault) = core.refuse(json!([renamed])).await else { panic!("another error") };
    assert_eq!(fault.path, "resource_server.audience");
    assert!(fault.message.contains("immutable; `api://dashboard` is stored"));
}

async fn a_client_moves_with_its_secrets(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), with(caller(), "/clients/0", json!({ "client_id": "mover" }))])).await;
    let secrets = core.list_secrets(TENANT, "mover").await.unwrap();
    let mut moved = with(caller(), "/clients/0", json!({ "client_id": "mover" }));
    moved["id"] = json!("home");
    // As `get` prints it: the secret without its value.
    moved["clients"][0]["credentials"] = json!([{ "kind": "secret", "name": "first" }]);
    let emptied = json!({ "kind": "application", "id": "caller" });
    for documents in [
        json!([emptied, moved]),
        json!([with(moved.clone(), "", json!({ "id": "next" })),
        { "kind": "application", "id": "home" }]),
    ] {
        let applied = core.apply(documents.clone()).await;
        assert_eq!(applied.changes.len(), 2);
        assert_eq!(core.scope(&TokenRequest::of("mover", SECRET)).await, "announce:read");
        assert_eq!(plan(&core.apply(documents).await), [""; 0]);
    }
    let after = core.list_secrets(TENANT, "mover").await.unwrap();
    assert_eq!(after.iter().map(|s| &s.id).collect::<Vec<_>>(), secrets.iter().map(|s| &s.id).collect::<Vec<_>>());
}

async fn a_client_moves_away_from_a_pruned_application(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), with(caller(), "/clients/0", json!({ "client_id": "mover" }))])).await;
    let mut moved = with(caller(), "/clients/0", json!({ "client_id": "mover" }));
    moved["id"] = json!("home");
    moved["clients"][0].as_object_mut().unwrap().remove("credentials");
    let options = Options { dry_run: false, prune: true };
    let applied = core.apply_with(json!([dashboard(), moved]), options).await.unwrap();
    assert_eq!(plan(&applied), ["delete application caller", "create application home"]);
    assert_eq!(core.scope(&TokenRequest::of("mover", SECRET)).await, "announce:read");
}

async fn an_audience_moves_to_another_application(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    let taker = with(dashboard(), "", json!({ "id": "a-taker" }));
    let giver = json!({ "kind": "application", "id": "dashboard" });
    core.apply(json!([taker, giver])).await;
    assert_eq!(core.scope(&TokenRequest::of("caller", SECRET)).await, "announce:read");
    let owner = core.store().resource_servers().await.unwrap();
    let owner = owner.iter().find(|server| server.server.audience == "api://dashboard").unwrap();
    assert_eq!(owner.application, "a-taker");
}

async fn a_resource_url_moves_in_either_order(bench: Bench) {
    let core = bench.open().await;
    let server = |id: &str, urls: &[&str]| {
        json!({ "kind": "application", "id": id,
            "resource_server": { "audience": format!("urn:{id}"), "resource_urls": urls } })
    };
    core.apply(json!([server("a", &["x:1"]), server("b", &["x:2"])])).await;
    core.apply(json!([server("a", &["x:2"]), server("b", &["x:1"])])).await;
    core.apply(json!([server("b", &["x:1", "x:2"]), server("a", &[])])).await;
    core.apply(json!([server("a", &["x:1", "x:2"]), server("b", &[])])).await;
    assert_eq!(bench.number("SELECT COUNT(*) FROM identifier WHERE kind = 'resource_url'").await, 2);
}

async fn the_same_identifiers_may_be_used_in_another_tenant(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller(), { "kind": "tenant", "name": "other" }])).await;
    let by = core.sign_in().await;
    let documents = writ_core::document::list_from_json(json!([dashboard(), caller()])).unwrap();
    let applied = writ_core::Core::apply(&core, &by, "other", documents, Options::default()).await.unwrap();
    assert_eq!(applied.changes.len(), 2);
    let missing = writ_core::Core::apply(&core, &by, "nowhere", Vec::new(), Options::default()).await.err();
    assert_eq!(missing, Some(ApplyError::NotFound("tenant", "nowhere".into())));
}

async fn the_built_in_application_is_left_alone(bench: Bench) {
    let core = bench.open().await;
    let before = bench.dump().await;
    let refused = core.refuse(json!([{ "kind": "application", "id": "writ-admin" }])).await;
    assert!(refused.to_string().contains("made by writ itself"), "{refused}");
    let taken = json!([{ "kind": "application", "id": "x", "clients": [{ "client_id": "writ-admin" }] }]);
    assert!(core.refuse(taken).await.to_string().contains("already a client id of the application `writ-admin`"));
    core.apply_with(json!([]), Options { dry_run: false, prune: true }).await.unwrap();
    assert_eq!(bench.dump().await, before);
}
