//! What is changed, what is not, and what is said about it.

use serde_json::{Value, json};
use writ_core::apply::Options;

use crate::sample::{SECRET, caller, caller_with, dashboard, office, with};
use crate::support::{Bench, TENANT, both_engines, plan};
use crate::token::{Steps, TokenRequest};

both_engines!(
    documents_are_created_updated_and_left_alone,
    applying_twice_changes_nothing,
    applying_what_get_prints_changes_nothing,
    every_spelling_of_a_document_means_the_same_the_second_time,
    a_dry_run_changes_nothing_and_plans_the_same,
    pruning_removes_what_is_not_named,
    documents_refer_to_each_other_in_any_order,
    names_for_people_are_printable_and_short,
);

async fn documents_are_created_updated_and_left_alone(bench: Bench) {
    let core = bench.open().await;
    let applied = core.apply(json!([office(), dashboard(), caller()])).await;
    let created = ["create network_zone office", "create application dashboard", "create application caller"];
    assert_eq!(plan(&applied), created);
    assert_eq!((applied.unchanged, applied.sequence), (0, Some(2)));
    assert_eq!(core.scope(&TokenRequest::of("caller", SECRET)).await, "announce:read");

    let more = json!({ "authorizations": [{ "audience": "api://dashboard", "permissions": "all" }] });
    let applied = core.apply(json!([office(), dashboard(), caller_with(more)])).await;
    assert_eq!(plan(&applied), ["update application caller"]);
    assert_eq!((applied.unchanged, applied.sequence), (2, Some(3)));
    assert_eq!(core.scope(&TokenRequest::of("caller", SECRET)).await, "announce:read announce:write");

    let audit = core.store().audit_after(TENANT, 2, 10).await.unwrap();
    let said: Vec<_> =
        audit.iter().map(|record| format!("{} {} {}", record.actor, record.action, record.name)).collect();
    assert_eq!(said, ["writ-admin update caller"]);
}

async fn applying_twice_changes_nothing(bench: Bench) {
    let core = bench.open().await;
    let documents = json!([office(), dashboard(), caller_with(json!({ "networks": ["office"] }))]);
    core.apply(documents.clone()).await;
    unchanged(&bench, documents, 3).await;
}

async fn applying_what_get_prints_changes_nothing(bench: Bench) {
    let core = bench.open().await;
    let unnamed = json!({ "credentials": [
        { "kind": "secret", "name": "first", "value": SECRET, "expires": "2030-01-01T00:00:00Z" },
        { "kind": "secret", "value": "an-unnamed-secret-of-length", "status": "disabled" },
    ], "token": { "lifetime": "10m" }, "default_scopes": "all", "unmet_scopes": "reduce", "issuers": ["second"] });
    core.apply(json!([office(), dashboard(), caller_with(unnamed)])).await;
    let printed = core.get_applications().await;
    assert!(!printed.to_string().contains(SECRET), "a secret is printed");
    unchanged(&bench, printed, 2).await;
}

/// Everything that may be written in several ways, written in the way in which it is not stored.
async fn every_spelling_of_a_document_means_the_same_the_second_time(bench: Bench) {
    let core = bench.open().await;
    let zone = json!({ "kind": "network_zone", "name": "office", "cidrs": ["203.0.113.9", "2001:DB8::/32"] });
    let tenant =
        json!({ "kind": "tenant", "name": "other", "hosts": ["Other.Example", "b.example:81", "other.example"] });
    let spelled = json!({
        "client_id": "caller", "grants": [], "token": { "lifetime": 600 }, "default_scopes": ["announce:read"],
        "networks": ["office", "office"],
        "authorizations": [
            { "audience": "api://dashboard", "permissions": ["announce:read", "announce:read"] },
            { "audience": "urn:empty", "permissions": [] },
            { "audience": "api://dashboard", "permissions": ["announce:write"] },
        ],
        "credentials": [{ "kind": "secret", "name": "first", "value": SECRET,
            "not_before": "2026-01-01T01:00:00+01:00", "expires": "2030-01-01T00:00:00.75Z" }],
    });
    let caller = with(caller_with(spelled), "", json!({ "name": "caller", "status": "enabled" }));
    let empty = json!({ "kind": "application", "id": "empty", "resource_server": { "audience": "urn:empty" } });
    let documents = json!([caller, zone, tenant, empty, dashboard()]);
    core.apply(documents.clone()).await;
    unchanged(&bench, documents, 5).await;
    unchanged(&bench, core.get_applications().await, 3).await;
}

async fn a_dry_run_changes_nothing_and_plans_the_same(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([office(), dashboard(), caller()])).await;
    let generated = json!({ "credentials": [{ "kind": "secret", "name": "made", "value": { "generate": true } }] });
    let documents = json!([caller_with(generated), with(dashboard(), "", json!({ "status": "disabled" }))]);
    let before = bench.dump().await;
    let options = Options { dry_run: true, prune: true };
    let dry = core.apply_with(documents.clone(), options).await.unwrap();
    assert_eq!(bench.dump().await, before);
    assert!(dry.generated.is_empty(), "a secret that is not stored was answered");
    assert_eq!(dry.sequence, None);

    let real = core.apply_with(documents, Options { dry_run: false, prune: true }).await.unwrap();
    assert_eq!(plan(&dry), plan(&real));
    assert_eq!(dry.unchanged, real.unchanged);
    assert_eq!(plan(&real).len(), 3);
    assert_eq!(real.generated.len(), 1);
}

async fn pruning_removes_what_is_not_named(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([office(), dashboard(), caller()])).await;
    let applied = core.apply(json!([dashboard()])).await;
    assert_eq!(plan(&applied), [""; 0]);
    let applied = core.apply_with(json!([dashboard()]), Options { dry_run: false, prune: true }).await.unwrap();
    assert_eq!(plan(&applied), ["delete application caller", "delete network_zone office"]);
    assert_eq!(applied.unchanged, 1);
    let left = core.store().applications(TENANT, None).await.unwrap();
    let left: Vec<_> = left.iter().map(|stored| (stored.document.id.as_str(), stored.built_in)).collect();
    assert_eq!(left, [("dashboard", false), ("writ-admin", true)]);
    assert_eq!(bench.number("SELECT COUNT(*) FROM identifier WHERE application = 'caller'").await, 0);
    // What is pruned may come back.
    core.apply(json!([office(), caller()])).await;
    assert_eq!(core.scope(&TokenRequest::of("caller", SECRET)).await, "announce:read");
}

async fn documents_refer_to_each_other_in_any_order(bench: Bench) {
    let core = bench.open().await;
    let caller = caller_with(json!({ "networks": ["office"], "issuers": ["first"] }));
    let mut documents = vec![caller, dashboard(), office()];
    for _ in 0..3 {
        documents.rotate_left(1);
        core.apply_with(json!([]), Options { dry_run: false, prune: true }).await.unwrap();
        assert_eq!(core.apply(Value::Array(documents.clone())).await.changes.len(), 3);
        assert_eq!(core.scope(&TokenRequest::of("caller", SECRET)).await, "announce:read");
    }
}

/// PostgreSQL has no NUL in its texts, and a name of a megabyte is none.
async fn names_for_people_are_printable_and_short(bench: Bench) {
    let core = bench.open().await;
    for name in ["a\u{0}b", "a\nb", "\u{1b}[31m", &"x".repeat(1000), ""] {
        let application = with(dashboard(), "", json!({ "name": name }));
        assert!(core.refuse(json!([application])).await.to_string().contains("a name for people"), "{name:?}");
        let permission = with(dashboard(), "/resource_server/permissions/0", json!({ "name": name }));
        assert!(core.refuse(json!([permission])).await.to_string().contains("a name for people"), "{name:?}");
    }
    core.apply(json!([with(dashboard(), "", json!({ "name": "大屏展示 – Ünïcode" }))])).await;
}

/// Applies documents that are stored already.
async fn unchanged(bench: &Bench, documents: Value, count: usize) {
    let core = bench.open().await;
    let before = bench.dump().await;
    let applied = core.apply(documents).await;
    assert_eq!(plan(&applied), [""; 0]);
    assert_eq!((applied.unchanged, applied.sequence), (count, None));
    assert_eq!(bench.dump().await, before);
}
