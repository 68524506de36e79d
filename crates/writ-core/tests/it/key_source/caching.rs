use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use writ_core::key_source::{KeySet, KeySource};
use writ_core::outbound::OutboundFault;

use super::stand_in::{StandIn, Step, ok, ok_with, status};
use super::{ISSUER, NOW, key_sets, kids, outbound, set, source};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// Long enough that a caller who waits for it is told from one who does not, on a busy machine too.
const SLOW: Duration = Duration::from_secs(2);

fn slowly(mut answer: Vec<Step>) -> Vec<Step> {
    answer.insert(0, Step::Pause(SLOW));
    answer
}

/// Waits for what goes on behind the callers' backs.
async fn eventually(what: impl Fn() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it did not happen");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn keys_that_are_written_down_are_never_fetched() {
    let keys = KeySet::parse(set(&["a"]).to_string().as_bytes()).unwrap();
    let (sets, source) = (key_sets(), KeySource::inline(ISSUER, keys));
    for kid in [None, Some("a"), Some("unknown")] {
        assert_eq!(kids(&sets.keys(&source, kid, NOW).await.unwrap()), ["a"]);
    }
    assert_eq!(sets.status(), []);
}

#[tokio::test]
async fn case_92_a_thousand_lookups_at_once_are_one_request() {
    let keys = set(&["a"]);
    let server = StandIn::start(move |_| slowly(ok(&keys))).await;
    let (sets, source) = (Arc::new(key_sets()), source(&server));
    let mut lookups = JoinSet::new();
    for _ in 0..1000 {
        let (sets, source) = (Arc::clone(&sets), source.clone());
        lookups.spawn(async move { sets.keys(&source, Some("a"), NOW).await.unwrap().usable() });
    }
    assert_eq!(lookups.join_all().await, [1; 1000]);
    assert_eq!(server.requests(), 1);
    // Nor does any later one cost another.
    for second in 0..30 {
        sets.keys(&source, Some("a"), NOW + second).await.unwrap();
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn case_92_an_unknown_kid_costs_one_request_in_thirty_seconds() {
    let keys = set(&["a"]);
    let server = StandIn::start(move |_| ok(&keys)).await;
    let (sets, source) = (key_sets(), source(&server));
    for number in 0..500 {
        let kid = format!("made-up-{number}");
        assert_eq!(kids(&sets.keys(&source, Some(&kid), NOW + number % 30).await.unwrap()), ["a"]);
    }
    assert_eq!(server.requests(), 1);
    sets.keys(&source, Some("made-up"), NOW + 30).await.unwrap();
    assert_eq!(server.requests(), 2);
    sets.keys(&source, Some("made-up"), NOW + 59).await.unwrap();
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_new_key_is_found_by_its_kid_and_by_all_who_ask() {
    let old = set(&["old"]);
    let server = StandIn::start(move |_| ok(&old)).await;
    let (sets, source) = (Arc::new(key_sets()), source(&server));
    sets.keys(&source, Some("old"), NOW).await.unwrap();
    let new = set(&["old", "new"]);
    server.answers(move |_| slowly(ok(&new)));
    let mut lookups = JoinSet::new();
    for _ in 0..20 {
        let (sets, source) = (Arc::clone(&sets), source.clone());
        lookups.spawn(async move { sets.keys(&source, Some("new"), NOW + MINUTE).await.unwrap().has("new") });
    }
    assert_eq!(lookups.join_all().await, [true; 20]);
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_key_that_is_withdrawn_is_gone_when_the_set_is_fetched_again() {
    let both = set(&["a", "b"]);
    let server = StandIn::start(move |_| ok(&both)).await;
    let (sets, source) = (key_sets(), source(&server));
    sets.keys(&source, None, NOW).await.unwrap();
    let one = set(&["b"]);
    server.answers(move |_| ok(&one));
    assert!(sets.keys(&source, Some("a"), NOW + 7 * MINUTE).await.unwrap().has("a"));
    assert!(!sets.keys(&source, Some("a"), NOW + 10 * MINUTE).await.unwrap().has("a"));
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn fresh_keys_are_fetched_ahead_while_callers_have_the_old() {
    let first = set(&["a"]);
    let server = StandIn::start(move |_| ok(&first)).await;
    let (sets, source) = (key_sets(), source(&server));
    sets.keys(&source, Some("a"), NOW).await.unwrap();
    let second = set(&["a", "b"]);
    server.answers(move |_| slowly(ok(&second)));
    let begun = Instant::now();
    assert_eq!(kids(&sets.keys(&source, Some("a"), NOW + 9 * MINUTE).await.unwrap()), ["a"]);
    assert!(begun.elapsed() < SLOW, "{:?}", begun.elapsed());
    eventually(|| sets.status()[0].keys == 2).await;
    assert_eq!(sets.status()[0].fetched_at, Some(NOW + 9 * MINUTE));
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn the_server_says_for_how_long_between_a_minute_and_a_day() {
    for (header, fresh) in [
        ("cache-control: max-age=0\r\n", MINUTE),
        ("cache-control: no-store\r\n", MINUTE),
        ("cache-control: public, max-age=3600\r\n", HOUR),
        ("cache-control: max-age=31536000\r\n", 24 * HOUR),
        ("cache-control: max-age=18446744073709551615\r\n", 24 * HOUR),
        ("", 10 * MINUTE),
    ] {
        let keys = set(&["a"]);
        let server = StandIn::start(move |_| ok_with(header, &keys)).await;
        let (sets, source) = (key_sets(), source(&server));
        sets.keys(&source, Some("a"), NOW).await.unwrap();
        sets.keys(&source, Some("a"), NOW + fresh * 4 / 5 - 1).await.unwrap();
        assert_eq!(server.requests(), 1, "{header}");
        sets.keys(&source, Some("a"), NOW + fresh).await.unwrap();
        assert_eq!(server.requests(), 2, "{header}");
    }
}

#[tokio::test]
async fn case_92_stale_keys_are_better_than_none_for_a_day() {
    let keys = set(&["a"]);
    let server = StandIn::start(move |_| ok(&keys)).await;
    let (sets, source) = (key_sets(), source(&server));
    sets.keys(&source, Some("a"), NOW).await.unwrap();
    server.answers(|_| status("500 Oh", ""));
    let stale = NOW + 10 * MINUTE;
    assert!(sets.keys(&source, Some("a"), stale).await.unwrap().has("a"));
    assert_eq!(server.requests(), 2);
    let status_now = &sets.status()[0];
    assert_eq!((status_now.fetched_at, status_now.keys), (Some(NOW), 1));
    assert!(status_now.fault.as_ref().is_some_and(|(at, _)| *at == stale));
    // The failure is not tried again at once, and nobody waits for the next trial.
    sets.keys(&source, Some("a"), stale + 9).await.unwrap();
    assert_eq!(server.requests(), 2);
    server.answers(|_| slowly(status("500 Oh", "")));
    let begun = Instant::now();
    sets.keys(&source, Some("a"), stale + 10).await.unwrap();
    assert!(begun.elapsed() < SLOW, "{:?}", begun.elapsed());
    eventually(|| server.requests() == 3).await;
    let end = NOW + 10 * MINUTE + 24 * HOUR;
    sets.keys(&source, Some("a"), end - 1).await.unwrap();
    assert_eq!(outbound(sets.keys(&source, Some("a"), end).await), OutboundFault::Status(500));
}

#[tokio::test]
async fn a_failure_is_kept_for_ten_seconds_and_then_forgotten() {
    let server = StandIn::start(|_| status("404 Not Found", "")).await;
    let (sets, source) = (key_sets(), source(&server));
    for second in 0..10 {
        assert_eq!(outbound(sets.keys(&source, Some("a"), NOW + second).await), OutboundFault::Status(404));
    }
    assert_eq!(server.requests(), 1);
    assert_eq!(sets.status()[0].fault.as_ref().map(|(at, _)| *at), Some(NOW));
    let keys = set(&["a"]);
    server.answers(move |_| ok(&keys));
    assert!(sets.keys(&source, Some("a"), NOW + 10).await.unwrap().has("a"));
    assert_eq!(sets.status()[0].fault, None);
}

#[tokio::test]
async fn a_caller_that_hangs_up_spoils_nothing() {
    let keys = set(&["a"]);
    let server = StandIn::start(move |_| slowly(ok(&keys))).await;
    let (sets, source) = (key_sets(), source(&server));
    for _ in 0..3 {
        let patience = Duration::from_millis(50);
        tokio::time::timeout(patience, sets.keys(&source, Some("a"), NOW)).await.unwrap_err();
    }
    assert!(sets.keys(&source, Some("a"), NOW).await.unwrap().has("a"));
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_clock_that_is_set_back_keeps_nothing_for_ever() {
    let keys = set(&["a"]);
    let server = StandIn::start(move |_| ok(&keys)).await;
    let (sets, source) = (key_sets(), source(&server));
    sets.keys(&source, Some("a"), NOW + 365 * 24 * HOUR).await.unwrap();
    sets.keys(&source, Some("a"), NOW).await.unwrap();
    assert_eq!(server.requests(), 2);
}
