//! Deleting one thing.

use serde_json::json;
use writ_core::apply::ApplyError;
use writ_core::document::Kind;

use crate::sample::{SECRET, caller, dashboard, office};
use crate::support::{Bench, both_engines, plan};
use crate::token::{Steps, TokenRequest};
use writ_oauth::Refusal;

both_engines!(a_deleted_thing_is_gone, what_is_not_there_is_not_found, what_writ_needs_is_not_deleted);

async fn a_deleted_thing_is_gone(bench: Bench) {
    let core = bench.open().await;
    let sequence = core.store().sequence().await.unwrap();
    let before = bench.dump().await;
    core.apply(json!([office(), dashboard(), caller(), { "kind": "tenant", "name": "other" }])).await;
    assert_eq!(core.scope(&TokenRequest::of("caller", SECRET)).await, "announce:read");
    for (kind, name) in [
        (Kind::Application, "caller"),
        (Kind::Application, "dashboard"),
        (Kind::NetworkZone, "office"),
        (Kind::Tenant, "other"),
    ] {
        let deleted = core.delete(kind, name).await.unwrap();
        assert_eq!(plan(&deleted), [format!("delete {kind} {name}")]);
    }
    assert_eq!(core.refusal(&TokenRequest::of("caller", SECRET)).await, Refusal::ClientUnknown);
    // What is left of it all: that it happened, and what tokens elsewhere died of it.
    let history =
        |line: &String| ["audit", "change", "installation", "revocation"].iter().any(|table| line.starts_with(table));
    let state = |lines: Vec<String>| lines.into_iter().filter(|line| !history(line)).collect::<Vec<_>>();
    assert_eq!(state(bench.dump().await), state(before));
    assert_eq!(core.store().sequence().await.unwrap(), sequence + 5);
    assert_eq!(plan(&core.delete(Kind::Issuer, "second").await.unwrap()), ["delete issuer second"]);
    assert_eq!(core.store().signing_keys().await.unwrap().len(), 2);
}

async fn what_is_not_there_is_not_found(bench: Bench) {
    let core = bench.open().await;
    for kind in Kind::ALL {
        let refused = core.delete(kind, "nothing").await.err();
        assert_eq!(refused, Some(ApplyError::NotFound(kind.name(), "nothing".into())));
    }
}

async fn what_writ_needs_is_not_deleted(bench: Bench) {
    let core = bench.open().await;
    let before = bench.dump().await;
    for (kind, name) in [(Kind::Application, "writ-admin"), (Kind::Tenant, "default"), (Kind::Issuer, "first")] {
        let refused = core.delete(kind, name).await.err();
        assert!(matches!(refused, Some(ApplyError::Conflict(_))), "{kind} {name}: {refused:?}");
    }
    assert_eq!(bench.dump().await, before);
}
