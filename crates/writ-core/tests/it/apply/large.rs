//! Two thousand applications at once.

use std::time::Instant;

use serde_json::{Value, json};

use crate::sample::dashboard;
use crate::support::{Bench, both_engines};
use crate::token::{Steps, TokenRequest};

both_engines!(two_thousand_applications);

async fn two_thousand_applications(bench: Bench) {
    let core = bench.open().await;
    let caller = |number: usize| {
        json!({
            "kind": "application", "id": format!("caller-{number}"),
            "clients": [{
                "credentials": [{ "kind": "secret", "name": "first", "value": format!("the-secret-of-number-{number}") }],
                "authorizations": [{ "audience": "api://dashboard", "permissions": ["announce:read"] }],
            }],
        })
    };
    let documents = Value::Array(std::iter::once(dashboard()).chain((0..2000).map(caller)).collect());
    for (changes, unchanged) in [(2001, 0), (0, 2001)] {
        let began = Instant::now();
        let applied = core.apply(documents.clone()).await;
        println!("{:?}: {changes} changes of 2001 documents in {:?}", bench.engine, began.elapsed());
        assert_eq!((applied.changes.len(), applied.unchanged), (changes, unchanged));
    }
    assert_eq!(core.scope(&TokenRequest::of("caller-1999", "the-secret-of-number-1999")).await, "announce:read");
    assert_eq!(core.get_applications().await.as_array().unwrap().len(), 2001);
}
