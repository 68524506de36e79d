//! Whole or not at all.

use serde_json::{Value, json};
use writ_core::apply::{ApplyError, Options};
use writ_core::store::{Engine, StoreError};

use crate::sample::{SECRET, caller, caller_with, dashboard, office, with};
use crate::support::{Bench, both_engines};
use crate::token::{Steps, TokenRequest};

both_engines!(
    one_wrong_document_among_good_ones_changes_nothing,
    a_database_that_fails_at_the_end_has_changed_nothing,
    a_write_that_is_dropped_leaves_no_trace,
    an_apply_that_is_cancelled_leaves_no_trace,
);

async fn one_wrong_document_among_good_ones_changes_nothing(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([office(), dashboard(), caller()])).await;
    let before = bench.dump().await;
    let wrong = [
        json!({ "kind": "application", "id": "bad id" }),
        json!({ "kind": "application", "id": "x", "clients": [{ "client_id": "caller" }] }),
        json!({ "kind": "application", "id": "x", "clients": [{ "networks": ["nowhere"] }] }),
        json!({ "kind": "application", "id": "x", "clients": [{ "credentials": [{ "kind": "secret", "name": "a" }] }] }),
        json!({ "kind": "application", "id": "x", "resource_server": { "audience": "api://dashboard" } }),
        json!({ "kind": "application", "id": "writ-admin" }),
        json!({ "kind": "issuer", "name": "first", "dialect": "second", "signing": { "alg": "ES256" } }),
    ];
    for wrong in wrong {
        let good = json!([
            { "kind": "network_zone", "name": "branch", "cidrs": ["198.51.100.0/24"] },
            { "kind": "tenant", "name": "other" },
            with(dashboard(), "", json!({ "status": "disabled" })),
            caller_with(json!({ "status": "disabled", "credentials": [
                { "kind": "secret", "name": "first", "value": "another-secret-of-length" },
                { "kind": "secret", "name": "made", "value": { "generate": true } },
            ] })),
            wrong,
        ]);
        for prune in [false, true] {
            let refused = core.apply_with(good.clone(), Options { dry_run: false, prune }).await.err();
            assert!(matches!(refused, Some(ApplyError::Document(_))), "{wrong}: {refused:?}");
            assert_eq!(bench.dump().await, before, "{wrong}");
        }
    }
    assert_eq!(core.scope(&TokenRequest::of("caller", SECRET)).await, "announce:read");
}

async fn a_database_that_fails_at_the_end_has_changed_nothing(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([office(), dashboard(), caller()])).await;
    let before = bench.dump().await;
    // The last thing that this change writes is the audit record of the application `zz`.
    bench.sql(fails_on_audit_of_zz(bench.engine)).await;
    let last = json!({ "kind": "application", "id": "zz" });
    let refused = core.refuse(json!([with(dashboard(), "", json!({ "status": "disabled" })), last])).await;
    assert!(matches!(refused, ApplyError::Store(StoreError::Other(_))), "{refused:?}");
    assert_eq!(bench.dump().await, before);
    // And the connection that failed is fit for the next change.
    core.apply(json!([with(dashboard(), "", json!({ "name": "Another" }))])).await;
}

fn fails_on_audit_of_zz(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => {
            "CREATE TRIGGER fails BEFORE INSERT ON audit WHEN new.name = 'zz' \
             BEGIN SELECT RAISE(ABORT, 'no'); END"
        }
        Engine::Postgres => {
            "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN IF new.name = 'zz' THEN RAISE EXCEPTION 'no'; END IF; RETURN new; END $$; \
             CREATE TRIGGER fails BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION fails()"
        }
    }
}

async fn a_write_that_is_dropped_leaves_no_trace(bench: Bench) {
    let core = bench.open().await;
    let before = bench.dump().await;
    let mut write = core.store().write("someone", core.now()).await.unwrap();
    write.put_tenant(&writ_core::document::Tenant { name: "half".into(), url: None, hosts: Vec::new() }).await.unwrap();
    drop(write);
    assert_eq!(bench.dump().await, before);
    // The next write is not kept waiting, and takes the sequence that the dropped one would have had.
    let applied = core.apply(json!([office()])).await;
    assert_eq!(applied.sequence, Some(2));
    let names: Vec<Value> = core.store().tenants().await.unwrap().iter().map(|tenant| json!(tenant.name)).collect();
    assert_eq!(names, ["default"]);
}

/// A caller that goes away takes its request with it, wherever it is. That it runs on a task of its own also shows
/// that a server can run it.
async fn an_apply_that_is_cancelled_leaves_no_trace(bench: Bench) {
    let core = bench.open().await;
    let before = bench.dump().await;
    let documents = || json!([office(), dashboard(), caller()]);
    for delay in [0, 1, 2, 4, 8] {
        let task = tokio::spawn(core.apply_as_task(documents()).await);
        tokio::time::sleep(std::time::Duration::from_millis(delay)).await;
        task.abort();
        if task.await.is_ok() {
            break;
        }
        // Aborted at its very end it may have been committed: whole, then, as is seen below.
        if bench.dump().await != before {
            break;
        }
    }
    let applied = core.apply(documents()).await;
    assert!(matches!(applied.changes.len(), 0 | 3));
    assert_eq!(core.scope(&TokenRequest::of("caller", SECRET)).await, "announce:read");
}
