//! When credentials were last used.

use serde_json::json;

use crate::sample::{SECRET, caller, dashboard};
use crate::support::{Bench, START, TENANT, both_engines};
use crate::token::{Steps, TokenRequest};

both_engines!(a_use_is_noted_to_the_minute, what_was_not_used_is_not_noted);

async fn a_use_is_noted_to_the_minute(bench: Bench) {
    let request = TokenRequest::of("caller", SECRET);
    bench.open().await.apply(json!([dashboard(), caller()])).await;
    for (now, minute) in [(59, 0), (61, 60), (119, 60), (3600, 3600)] {
        bench.set_time(now);
        let core = bench.open().await;
        core.token(&request).await.unwrap();
        core.close().await;
        let list = bench.open().await.list_secrets(TENANT, "caller").await.unwrap();
        assert_eq!(list[0].last_used, Some(START + minute), "at {now}");
    }
}

async fn what_was_not_used_is_not_noted(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    let before = bench.dump().await;
    assert!(core.token(&TokenRequest::of("caller", "not-the-secret-of-the-caller")).await.is_err());
    core.close().await;
    let used = |line: &String| !line.contains("writ-admin");
    let dump = |lines: Vec<String>| lines.into_iter().filter(used).collect::<Vec<_>>();
    assert_eq!(dump(bench.dump().await), dump(before));
    assert_eq!(bench.open().await.list_secrets(TENANT, "caller").await.unwrap()[0].last_used, None);
}
