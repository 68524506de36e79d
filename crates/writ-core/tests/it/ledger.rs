//! Assertions that were used, on either engine.

use std::sync::Arc;

use serde_json::{Value, json};
use writ_core::grant::Grant;
use writ_core::store::Engine;
use writ_core::{Core, Issued};
use writ_oauth::client_auth::Presented;
use writ_oauth::form::Form;
use writ_oauth::jose::{Alg, HmacKey, sign_jwt_with_secret};
use writ_oauth::{Refusal, Refused};

use crate::sample::{caller_with, dashboard};
use crate::support::{Bench, ROOT, START, both_engines, only_on};
use crate::token::{Steps, TokenRequest, WORDS};

both_engines!(
    case_5_6_an_assertion_is_used_once_by_its_client,
    case_7_8_what_is_refused_uses_nothing_up,
    case_9_of_many_at_two_servers_one_is_granted,
    old_ones_are_forgotten_and_young_ones_are_not,
    a_server_that_starts_knows_what_was_used,
    what_is_kept_says_nothing_of_the_assertion,
);
only_on!(Postgres: what_could_not_be_noted_may_be_sent_again);
only_on!(Sqlite: a_database_of_schema_6_knows_what_was_used);

/// A secret that is long enough to sign with.
const SECRET: &str = "caller-secret-of-a-length-to-sign-with";

/// The sample's caller, who signs.
fn signer() -> Value {
    let credentials = json!([{ "kind": "secret", "name": "first", "value": SECRET }]);
    caller_with(json!({ "auth_methods": ["client_secret_jwt"], "credentials": credentials }))
}

fn assertion(jti: &str, exp: i64) -> String {
    let key = HmacKey::new(Alg::HS256, SECRET.as_bytes()).unwrap();
    let claims =
        json!({ "iss": "caller", "sub": "caller", "aud": format!("{ROOT}/oauth2"), "jti": jti, "exp": START + exp });
    sign_jwt_with_secret(&key, "JWT", &claims).unwrap()
}

async fn token(core: &Core, jwt: &str) -> Result<Issued, Refused> {
    ask(core, jwt, TokenRequest::of("caller", SECRET)).await
}

async fn ask(core: &Core, jwt: &str, request: TokenRequest) -> Result<Issued, Refused> {
    let form = format!("client_assertion_type=jwt&client_assertion={jwt}");
    let presented = Presented::read(&[], &Form::parse(form.as_bytes(), 9).unwrap(), &WORDS).unwrap();
    let door = core.door(&request);
    let authenticated = core.authenticate(&door, &presented).await?;
    let permitted = core.permit(&door, authenticated, Grant::ClientCredentials, request.asked)?;
    core.issue(&door, permitted).await
}

async fn rows(bench: &Bench) -> i64 {
    match bench.engine {
        Engine::Sqlite => bench.number("SELECT count(*) FROM spent_batch").await,
        Engine::Postgres => bench.number("SELECT count(*) FROM spent_assertion").await,
    }
}

async fn refusal(core: &Core, jwt: &str) -> Option<Refusal> {
    token(core, jwt).await.err().map(|refused| refused.refusal)
}

async fn case_5_6_an_assertion_is_used_once_by_its_client(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), signer()])).await;
    assert_eq!(refusal(&core, &assertion("one", 300)).await, None);
    for exp in [300, 10, 1800] {
        assert_eq!(refusal(&core, &assertion("one", exp)).await, Some(Refusal::AssertionSpent), "{exp}");
    }
    assert_eq!(refusal(&core, &assertion("two", 300)).await, None);
}

async fn case_7_8_what_is_refused_uses_nothing_up(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), signer()])).await;
    let jwt = assertion("one", 300);
    let request = TokenRequest::of("caller", SECRET).scope(&["no:such"]);
    assert!(ask(&core, &jwt, request).await.is_err());
    assert_eq!(rows(&bench).await, 0);
    assert_eq!(refusal(&core, &jwt).await, None);
    assert_eq!(rows(&bench).await, 1);
}

/// Two servers where the engine lets two in; the same one twice where it does not.
async fn case_9_of_many_at_two_servers_one_is_granted(bench: Bench) {
    let first = Arc::new(bench.open().await);
    first.apply(json!([dashboard(), signer()])).await;
    let second = match bench.engine {
        Engine::Postgres => Arc::new(bench.open().await),
        Engine::Sqlite => Arc::clone(&first),
    };
    let tasks = (0..100).map(|turn: usize| {
        let core = Arc::clone(if turn.is_multiple_of(2) { &first } else { &second });
        // Ten assertions, each ten times, in different orders.
        let jwt = assertion(&((turn * 7) % 10).to_string(), 300);
        tokio::spawn(async move { refusal(&core, &jwt).await })
    });
    let mut outcomes = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        outcomes.push(task.await.unwrap());
    }
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_none()).count(), 10);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Some(Refusal::AssertionSpent)).count(), 90);
}

async fn old_ones_are_forgotten_and_young_ones_are_not(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), signer()])).await;
    for (jti, exp) in [("short", 10), ("long", 1800)] {
        assert_eq!(refusal(&core, &assertion(jti, exp)).await, None);
    }
    // More than one statement takes at once.
    let (into, quoted) = match bench.engine {
        Engine::Sqlite => ("spent_batch (keys, refused_from)", "x'"),
        Engine::Postgres => ("spent_assertion (key, refused_from)", "'\\x"),
    };
    let old: Vec<_> = (0..2500).map(|n| format!("({quoted}{n:032x}', 0)")).collect();
    bench.sql(format!("INSERT INTO {into} VALUES {}", old.join(", "))).await;
    assert_eq!(core.forget_spent_assertions(START).await.unwrap(), 2500);
    // To the second: its expiry, the leeway of clocks, and the time for which servers decide without a database.
    assert_eq!(core.forget_spent_assertions(START + 10 + 60 + 360 - 1).await.unwrap(), 0);
    assert_eq!(core.forget_spent_assertions(START + 10 + 60 + 360).await.unwrap(), 1);
    assert_eq!(rows(&bench).await, 1);
    assert_eq!(refusal(&core, &assertion("long", 1800)).await, Some(Refusal::AssertionSpent));
}

async fn a_server_that_starts_knows_what_was_used(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), signer()])).await;
    for jti in ["one", "two"] {
        assert_eq!(refusal(&core, &assertion(jti, 300)).await, None);
    }
    core.close().await;
    let core = bench.open().await;
    for jti in ["two", "one"] {
        assert_eq!(refusal(&core, &assertion(jti, 300)).await, Some(Refusal::AssertionSpent), "{jti}");
    }
    assert_eq!(refusal(&core, &assertion("three", 300)).await, None);
}

async fn what_is_kept_says_nothing_of_the_assertion(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), signer()])).await;
    let jwt = assertion("a-jti-that-would-be-recognised", 300);
    assert_eq!(refusal(&core, &jwt).await, None);
    let dump = bench.dump().await.join("\n");
    assert!(dump.contains("spent_"));
    assert!(!dump.contains("a-jti-that-would-be-recognised") && !dump.contains(&jwt));
}

async fn what_could_not_be_noted_may_be_sent_again(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), signer()])).await;
    assert_eq!(refusal(&core, &assertion("before", 300)).await, None);
    let jwt = assertion("during", 300);
    bench.set_reachable(false).await;
    assert_eq!(refusal(&core, &jwt).await, Some(Refusal::StoreUnavailable));
    bench.set_reachable(true).await;
    while let Some(Refusal::StoreUnavailable) = refusal(&core, &jwt).await {}
    assert_eq!(refusal(&core, &jwt).await, Some(Refusal::AssertionSpent));
}

async fn a_database_of_schema_6_knows_what_was_used(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), signer()])).await;
    assert_eq!(refusal(&core, &assertion("one", 300)).await, None);
    core.close().await;
    drop(core);
    for statement in [
        "CREATE TABLE spent_assertion (key BLOB NOT NULL PRIMARY KEY, refused_from BIGINT NOT NULL) WITHOUT ROWID",
        "CREATE INDEX spent_assertion_by_time ON spent_assertion (refused_from)",
        "INSERT INTO spent_assertion (key, refused_from) SELECT keys, refused_from FROM spent_batch",
        "DROP TABLE spent_batch",
        "DELETE FROM _sqlx_migrations WHERE version = 7",
    ] {
        bench.sql(statement).await;
    }
    let core = bench.open().await;
    assert_eq!(refusal(&core, &assertion("one", 300)).await, Some(Refusal::AssertionSpent));
    assert_eq!(rows(&bench).await, 1);
}
