//! Databases that an earlier version made.

use serde_json::json;
use writ_core::store::Engine;

use crate::pem;
use crate::present::Gateway;
use crate::sample::{SECRET, caller, caller_with, dashboard};
use crate::support::{Bench, TENANT, both_engines, plan};
use crate::token::{Steps, TokenRequest};

both_engines!(secrets_of_schema_2_work_on);

/// The table as the first schema has it.
fn credential_table(engine: Engine) -> &'static str {
    let schema = match engine {
        Engine::Sqlite => include_str!("../../../src/store/migrations/sqlite/0001_foundation.sql"),
        Engine::Postgres => include_str!("../../../src/store/migrations/postgres/0001_foundation.sql"),
    };
    let start = schema.find("CREATE TABLE credential (").unwrap();
    let end = start + schema[start..].find(");\n").unwrap() + 2;
    &schema[start..end]
}

/// Makes of a database of today what it would be had version 2 of the schema made it.
async fn back_to_schema_2(bench: &Bench) {
    let columns = "tenant, client_id, id, name, kind, status, not_before, expires, digest, sealed, created, last_used";
    for statement in [
        "CREATE TABLE kept AS SELECT * FROM credential".to_owned(),
        "DROP TABLE credential".to_owned(),
        "DROP TABLE provider".to_owned(),
        credential_table(bench.engine).to_owned(),
        format!("INSERT INTO credential ({columns}) SELECT {columns} FROM kept"),
        "DROP TABLE kept".to_owned(),
        "DELETE FROM _sqlx_migrations WHERE version = 3".to_owned(),
        // What settings did not say then.
        r#"UPDATE client SET settings = replace(settings, '"assertions":{"profile":"compatible"},', '')"#.to_owned(),
    ] {
        bench.sql(statement).await;
    }
    let new = "SELECT COUNT(*) FROM client WHERE settings LIKE '%assertions%'";
    assert_eq!(bench.number(new).await, 0);
}

async fn secrets_of_schema_2_work_on(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    core.token(&TokenRequest::of("caller", SECRET)).await.unwrap();
    core.close().await;
    back_to_schema_2(&bench).await;
    let refused = sqlx::query("UPDATE credential SET kind = 'jwks'").execute(&mut bench.connect().await).await;
    assert!(refused.is_err(), "this is not the schema of then");

    let core = bench.open().await;
    let live = core.token(&TokenRequest::of("caller", SECRET)).await.unwrap().access_token().to_owned();
    assert_eq!(core.refuses(&live).await, None);
    let list = core.list_secrets(TENANT, "caller").await.unwrap();
    assert_eq!((list.len(), list[0].name.as_deref(), list[0].last_used.is_some()), (1, Some("first"), true));
    let by = core.sign_in().await;
    assert_eq!(core.show_secret(&by, TENANT, "caller", "first").await.unwrap().1.expose(), SECRET);
    assert_eq!(plan(&core.apply(json!([dashboard(), caller()])).await), [""; 0]);
    // And what is new has a place.
    let list = json!([{ "kind": "secret", "name": "first" }, { "kind": "public_key", "pem": pem::EC }]);
    core.apply(json!([caller_with(json!({ "credentials": list }))])).await;
    assert!(core.token(&TokenRequest::of("caller", SECRET)).await.is_ok());
}
