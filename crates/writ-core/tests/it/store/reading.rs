//! What belongs together is read as of one moment.

use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::{Connection, Executor};
use writ_core::document::Status;

use crate::sample::{caller, dashboard};
use crate::support::{Bench, only_on};

only_on!(Postgres: a_client_is_read_as_of_one_moment);

/// A change that commits while a client is being read: between two of its statements, because one waits for the lock.
async fn a_client_is_read_as_of_one_moment(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    let mut other = bench.connect().await;
    let mut change = other.begin().await.unwrap();
    change.execute("LOCK TABLE client_authorization").await.unwrap();
    change.execute("UPDATE client SET status = 'disabled' WHERE client_id = 'caller'").await.unwrap();
    change.execute("DELETE FROM client_authorization WHERE client_id = 'caller'").await.unwrap();
    let reading = core.store().client("default", "caller");
    let committing = async {
        let began = Instant::now();
        let waiting = "SELECT COUNT(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database \
             WHERE NOT l.granted AND d.datname = current_database()";
        while bench.number(waiting).await == 0 {
            assert!(began.elapsed() < Duration::from_secs(5), "nobody waits for the lock");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        change.commit().await.unwrap();
    };
    let (read, ()) = tokio::join!(reading, committing);
    let read = read.unwrap().unwrap();
    assert_eq!((read.client.status, read.client.authorizations.len()), (Status::Enabled, 1));
    let again = core.store().client("default", "caller").await.unwrap().unwrap();
    assert_eq!((again.client.status, again.client.authorizations.len()), (Status::Disabled, 0));
}
