//! What a database can do to its program, and what the store makes of it.

use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::{Connection, Executor};
use writ_core::apply::ApplyError;
use writ_core::store::{Database, StoreError};
use writ_core::{Core, Settings};

use crate::sample::{caller, dashboard};
use crate::support::{Bench, both_engines, only_on};

both_engines!(a_newer_schema_is_refused, a_damaged_row_is_reported_and_not_guessed);
only_on!(Sqlite:
    a_read_only_file_is_said_to_be_so,
    a_file_that_is_no_database_is_said_to_be_so,
    a_damaged_database_is_said_to_be_so,
    a_locked_file_is_said_to_be_so,
    a_folder_that_is_not_there_is_said_to_be_unreachable,
    any_path_can_be_a_database,
    a_relative_path_is_relative_to_here,
    what_is_committed_is_durable,
);
only_on!(Postgres:
    a_read_only_server_is_said_to_be_so,
    a_full_disk_is_said_to_be_so,
    a_lock_that_is_not_given_is_said_to_be_so,
    a_server_that_is_not_there_is_said_to_be_unreachable,
    a_url_that_is_none_is_refused,
);

/// What opening answers, and that it does so without waiting for better times.
async fn opening(bench: &Bench) -> StoreError {
    let began = Instant::now();
    let error = bench.try_open().await.err().expect("the database was opened");
    assert!(began.elapsed() < Duration::from_secs(5), "{error:?} took {:?}", began.elapsed());
    error
}

fn file(bench: &Bench) -> PathBuf {
    match &bench.database {
        Database::Sqlite(file) => file.clone(),
        Database::Postgres(_) => panic!("for SQLite"),
    }
}

async fn a_newer_schema_is_refused(bench: Bench) {
    bench.open().await.close().await;
    let before = bench.dump().await;
    bench
        .sql(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT 9999, 'future', success, checksum, 1 FROM _sqlx_migrations WHERE version = 1",
        )
        .await;
    assert_eq!(opening(&bench).await, StoreError::NewerSchema(9999));
    assert_eq!(bench.dump().await, before);
}

async fn a_damaged_row_is_reported_and_not_guessed(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    bench.sql("UPDATE client SET settings = '{}' WHERE client_id = 'caller'").await;
    let read = core.store().client("default", "caller").await.err();
    assert!(matches!(&read, Some(StoreError::Unreadable(what)) if what.starts_with("client.settings")), "{read:?}");
    bench.sql("UPDATE credential SET digest = sealed WHERE client_id = 'caller'").await;
    let read = core.store().secrets("default", "caller").await.err();
    assert_eq!(read, Some(StoreError::Unreadable("credential.digest".into())));
}

/// SQLite treats a file whose header asks for a newer writer as read-only, whoever the user is.
/// <https://www.sqlite.org/fileformat2.html#file_format_version_numbers>
async fn a_read_only_file_is_said_to_be_so(bench: Bench) {
    bench.open().await.close().await;
    let before = bench.dump().await;
    let core = bench.open().await;
    let read_only = |version: u8| {
        let file = std::fs::File::options().write(true).open(file(&bench)).unwrap();
        file.write_all_at(&[version], 18).unwrap();
    };
    core.close().await;
    read_only(3);
    assert_eq!(opening(&bench).await, StoreError::ReadOnly);
    read_only(2);
    assert_eq!(bench.dump().await, before);
}

async fn a_file_that_is_no_database_is_said_to_be_so(bench: Bench) {
    std::fs::write(file(&bench), "a text of more than a hundred bytes. ".repeat(100)).unwrap();
    assert_eq!(opening(&bench).await, StoreError::NotADatabase);
    assert!(std::fs::read_to_string(file(&bench)).unwrap().starts_with("a text"), "the file was overwritten");
}

async fn a_damaged_database_is_said_to_be_so(bench: Bench) {
    bench.open().await.close().await;
    // The first page after the header, where the schema is.
    let spoiled = std::fs::File::options().write(true).open(file(&bench)).unwrap();
    spoiled.write_all_at(&[0xff; 3000], 100).unwrap();
    assert_eq!(opening(&bench).await, StoreError::NotADatabase);
}

async fn a_locked_file_is_said_to_be_so(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard()])).await;
    let before = bench.dump().await;
    let by = core.sign_in().await;
    let mut other = bench.connect().await;
    other.execute("BEGIN EXCLUSIVE").await.unwrap();
    let documents = writ_core::document::list_from_json(json!([caller()])).unwrap();
    let refused = core.apply_documents(&by, documents).await.err();
    assert_eq!(refused, Some(ApplyError::Store(StoreError::Locked)));
    assert_eq!(opening(&bench).await, StoreError::Locked);
    // Who only reads does not wait.
    assert_eq!(core.store().tenants().await.unwrap().len(), 1);
    other.execute("ROLLBACK").await.unwrap();
    other.close().await.unwrap();
    assert_eq!(bench.dump().await, before);
    core.apply(json!([caller()])).await;
}

async fn a_folder_that_is_not_there_is_said_to_be_unreachable(bench: Bench) {
    let database = Database::Sqlite(bench.folder().join("nowhere/writ.db"));
    let began = Instant::now();
    let refused = Core::open(Settings { database, ..bench.settings() }).await.err();
    assert!(matches!(refused, Some(StoreError::Unreachable(_))), "{refused:?}");
    assert!(began.elapsed() < Duration::from_secs(2));
}

async fn any_path_can_be_a_database(bench: Bench) {
    let names = [
        "a b.db",
        "q?mode=ro.db",
        "100%.db",
        "%41.db",
        "a#b.db",
        "a&b=c.db",
        "大屏.db",
        "-x.db",
        ":memory:",
        "a;b'c\"d.db",
    ];
    for name in names {
        let path = bench.folder().join(name);
        for _ in 0..2 {
            let settings = Settings { database: Database::Sqlite(path.clone()), ..bench.settings() };
            let core = Core::open(settings).await.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(core.store().sequence().await.unwrap(), 1, "{name}");
            core.close().await;
            assert!(path.is_file(), "{name}");
        }
    }
    let files = std::fs::read_dir(bench.folder()).unwrap().count();
    assert_eq!(files, names.len(), "something was made under another name");
}

async fn a_relative_path_is_relative_to_here(bench: Bench) {
    let here = std::env::current_dir().unwrap();
    let up = "../".repeat(here.components().count() - 1);
    let target = bench.folder().join("Sub Folder");
    std::fs::create_dir(&target).unwrap();
    let path = PathBuf::from(format!("{up}.{}/../Sub Folder/writ.db", target.display()));
    assert!(path.is_relative());
    let core = Core::open(Settings { database: Database::Sqlite(path), ..bench.settings() }).await.unwrap();
    core.close().await;
    assert!(target.join("writ.db").is_file());
}

/// What the store's connections are set to, seen by the file: WAL stands in its header.
async fn what_is_committed_is_durable(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    let header = std::fs::read(file(&bench)).unwrap();
    assert_eq!(&header[18..20], [2, 2], "not in WAL mode");
    // A copy of the files as they are now, as after a crash, has everything that was committed.
    let copy = bench.folder().join("copy.db");
    std::fs::copy(file(&bench), &copy).unwrap();
    std::fs::copy(file(&bench).with_extension("db-wal"), copy.with_extension("db-wal")).unwrap();
    let crashed = Core::open(Settings { database: Database::Sqlite(copy), ..bench.settings() }).await.unwrap();
    assert_eq!(crashed.store().applications("default", None).await.unwrap().len(), 3);
}

async fn a_read_only_server_is_said_to_be_so(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard()])).await;
    core.close().await;
    let before = bench.dump().await;
    bench.set("default_transaction_read_only = on").await;
    assert_eq!(opening(&bench).await, StoreError::ReadOnly);
    assert_eq!(bench.dump().await, before);
}

/// A server whose disk is full says so with this code; here a trigger does, at the last row of a change.
async fn a_full_disk_is_said_to_be_so(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard()])).await;
    bench
        .sql(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$; \
             CREATE TRIGGER full_disk BEFORE INSERT ON audit FOR EACH ROW WHEN (new.kind = 'application') \
             EXECUTE FUNCTION full_disk()",
        )
        .await;
    let before = bench.dump().await;
    assert_eq!(core.refuse(json!([caller()])).await, ApplyError::Store(StoreError::Full));
    assert_eq!(bench.dump().await, before);
}

async fn a_lock_that_is_not_given_is_said_to_be_so(bench: Bench) {
    bench.set("lock_timeout = '200ms'").await;
    let core = bench.open().await;
    core.apply(json!([dashboard()])).await;
    let before = bench.dump().await;
    let mut other = bench.connect().await;
    let mut lock = other.begin().await.unwrap();
    lock.execute("UPDATE installation SET sequence = sequence").await.unwrap();
    let by = core.sign_in().await;
    let documents = writ_core::document::list_from_json(json!([caller()])).unwrap();
    let refused = core.apply_documents(&by, documents).await.err();
    assert_eq!(refused, Some(ApplyError::Store(StoreError::Locked)));
    lock.rollback().await.unwrap();
    assert_eq!(bench.dump().await, before);
}

async fn a_server_that_is_not_there_is_said_to_be_unreachable(bench: Bench) {
    let Database::Postgres(url) = &bench.database else { panic!("for PostgreSQL") };
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut nobody = url::Url::parse(url).unwrap();
    nobody.set_port(Some(port)).unwrap();
    let mut no_database = url::Url::parse(url).unwrap();
    no_database.set_path("writ_test_nothing");
    for (url, says) in [(nobody, "refused"), (no_database, "writ_test_nothing")] {
        let began = Instant::now();
        let refused = Core::open(Settings { database: Database::Postgres(url.into()), ..bench.settings() }).await.err();
        assert!(began.elapsed() < Duration::from_secs(3), "{refused:?} took {:?}", began.elapsed());
        let Some(StoreError::Unreachable(why)) = refused else { panic!("{refused:?}") };
        assert!(why.contains(says), "{why}");
    }
}

async fn a_url_that_is_none_is_refused(bench: Bench) {
    for url in ["", "postgres", "http://127.0.0.1/writ", "sqlite://writ.db"] {
        let settings = Settings { database: Database::Postgres(url.into()), ..bench.settings() };
        assert_eq!(Core::open(settings).await.err(), Some(StoreError::BadUrl), "{url}");
    }
}
