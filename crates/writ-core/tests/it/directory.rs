//! What is answered from memory, how changes arrive there, and what happens when they cannot.

use std::time::{Duration, Instant};

use serde_json::json;
use writ_core::store::StoreError;
use writ_oauth::Refusal;

use crate::sample::{SECRET, caller, caller_with, dashboard, with};
use crate::support::{Bench, Running, both_engines, only_on};
use crate::token::{Steps, TokenRequest};

both_engines!(
    a_known_client_needs_no_database,
    a_configuration_that_is_not_confirmed_goes_stale,
    a_client_that_was_unknown_is_known_at_once,
    whoever_is_far_behind_reads_everything_afresh,
);
only_on!(Postgres:
    a_change_is_seen_on_another_node_within_a_second,
    a_node_comes_back_when_its_database_does,
);

fn request() -> TokenRequest {
    TokenRequest::of("caller", SECRET)
}

async fn a_known_client_needs_no_database(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    assert!(core.token(&request()).await.is_ok());
    assert_eq!(core.refusal(&TokenRequest::of("unknown", SECRET)).await, Refusal::ClientUnknown);
    core.store().close().await;
    assert!(core.token(&request()).await.is_ok());
    assert_eq!(core.refusal(&TokenRequest::of("unknown", SECRET)).await, Refusal::ClientUnknown);
    assert_eq!(core.refusal(&TokenRequest::of("another", SECRET)).await, Refusal::StoreUnavailable);
    assert!(matches!(core.is_ready().await, Err(StoreError::Unreachable(_))));
}

async fn a_configuration_that_is_not_confirmed_goes_stale(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    assert!(core.token(&request()).await.is_ok());
    assert!(core.is_ready().await.is_ok());
    core.store().close().await;
    bench.set_time(300);
    assert!(core.token(&request()).await.is_ok());
    bench.set_time(301);
    assert_eq!(core.refusal(&request()).await, Refusal::ConfigurationStale);
    assert!(core.is_ready().await.is_err());
}

async fn a_client_that_was_unknown_is_known_at_once(bench: Bench) {
    let core = bench.open().await;
    assert_eq!(core.refusal(&request()).await, Refusal::ClientUnknown);
    core.apply(json!([dashboard(), caller()])).await;
    assert!(core.token(&request()).await.is_ok());
    core.apply(json!([{ "kind": "application", "id": "caller" }])).await;
    assert_eq!(core.refusal(&request()).await, Refusal::ClientUnknown);
}

async fn whoever_is_far_behind_reads_everything_afresh(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    // Another node that knows the client and then hears nothing for a long while.
    let behind = bench.try_open().await.unwrap();
    assert!(behind.token(&request()).await.is_ok());
    core.apply(json!([caller_with(json!({ "status": "disabled" }))])).await;
    bench.sql("UPDATE installation SET sequence = sequence + 10001").await;
    core.apply(json!([with(dashboard(), "", json!({ "name": "Another" }))])).await;
    assert_eq!(bench.number("SELECT COUNT(*) FROM change WHERE name = 'caller'").await, 0, "it could be followed");
    assert!(behind.token(&request()).await.is_ok());
    let behind = Running::start(behind);
    assert!(behind.wait_until_live(core.store().sequence().await.unwrap()).await);
    assert_eq!(behind.refusal(&request()).await, Refusal::ClientDisabled);
    // The node that was there all along jumps over the gap as well.
    assert_eq!(core.refusal(&request()).await, Refusal::ClientDisabled);
}

async fn a_change_is_seen_on_another_node_within_a_second(bench: Bench) {
    let (here, there) = (bench.open().await, bench.open().await);
    here.apply(json!([dashboard(), caller()])).await;
    for (document, refusal) in [
        (caller_with(json!({ "status": "disabled" })), Some(Refusal::ClientDisabled)),
        (caller(), None),
        (with(dashboard(), "", json!({ "status": "disabled" })), Some(Refusal::ResourceServerDisabled)),
        (dashboard(), None),
    ] {
        let sequence = here.apply(json!([document])).await.sequence.unwrap();
        let began = Instant::now();
        assert!(there.wait_until_live(sequence).await);
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        assert_eq!(there.token(&request()).await.err().map(|refused| refused.refusal), refusal);
    }
}

async fn a_node_comes_back_when_its_database_does(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    assert!(core.token(&request()).await.is_ok());
    bench.set_reachable(false).await;
    assert!(core.token(&request()).await.is_ok());
    let began = Instant::now();
    assert_eq!(core.refusal(&TokenRequest::of("unknown", SECRET)).await, Refusal::StoreUnavailable);
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    assert!(matches!(core.is_ready().await, Err(StoreError::Unreachable(_))));
    bench.set_time(301);
    assert_eq!(core.refusal(&request()).await, Refusal::ConfigurationStale);
    bench.set_reachable(true).await;
    let began = Instant::now();
    while core.token(&request()).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(5), "the node stays away");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(core.refusal(&TokenRequest::of("unknown", SECRET)).await, Refusal::ClientUnknown);
    core.apply(json!([caller_with(json!({ "status": "disabled" }))])).await;
    assert_eq!(core.refusal(&request()).await, Refusal::ClientDisabled);
}
