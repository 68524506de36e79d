//! What every test stands on: a fresh installation on either engine, and short ways to use it.

use std::future::Future;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use writ_core::admin::{AdminPermission, Administrator};
use writ_core::apply::{Applied, ApplyError, Options};
use writ_core::clock::Clock;
use writ_core::document::{Document, Kind, Lifetime, list_from_json};
use writ_core::issuer::Dialect;
use writ_core::keyring::MasterKey;
use writ_core::outbound::OutboundPolicy;
use writ_core::store::{Database, Engine, StoreError};
use writ_core::{Core, Settings};
use writ_oauth::jose::Alg;
use writ_oauth::token::ClaimsLayout;

use crate::token::{Steps, TokenRequest, bearer};

/// Three front doors that no real dialect has; both sign with keys that are quick to make.
pub(crate) static DIALECTS: [Dialect; 3] = [
    Dialect {
        key: "first",
        path: "/oauth2",
        layout: ClaimsLayout::Rfc9068,
        alg: Alg::ES256,
        lifetime: Lifetime::hour(),
    },
    Dialect {
        key: "second",
        path: "/second",
        layout: ClaimsLayout::Plain,
        alg: Alg::EdDSA,
        lifetime: Lifetime::hour(),
    },
    Dialect {
        key: "inverted",
        path: "/inverted",
        layout: ClaimsLayout::CallerAudience,
        alg: Alg::EdDSA,
        lifetime: Lifetime::ten_minutes(),
    },
];

/// The public root of every test installation.
pub(crate) const ROOT: &str = "http://127.0.0.1:8080";
/// When every test begins, in seconds since the epoch.
pub(crate) const START: i64 = 1_800_000_000;
/// The tenant that tests work in.
pub(crate) const TENANT: &str = "default";

const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Makes two tests of each function, one for each engine, so that a failure names the engine.
macro_rules! both_engines {
    ($($test:ident),* $(,)?) => { $(
        mod $test {
            #[test]
            fn sqlite() {
                crate::support::run(writ_core::store::Engine::Sqlite, super::$test);
            }
            #[test]
            fn postgres() {
                crate::support::run(writ_core::store::Engine::Postgres, super::$test);
            }
        }
    )* };
}
pub(crate) use both_engines;

/// Makes a test of each function on the one engine that it is about.
macro_rules! only_on {
    ($engine:ident: $($test:ident),* $(,)?) => { $(
        mod $test {
            #[test]
            fn only() {
                crate::support::run(writ_core::store::Engine::$engine, super::$test);
            }
        }
    )* };
}
pub(crate) use only_on;

/// A fresh, empty database of one engine, gone at the end.
#[derive(Clone)]
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    pub(crate) database: Database,
    pub(crate) time: Arc<AtomicI64>,
    folder: Arc<TempDir>,
    /// The PostgreSQL server and the name of the database there.
    server: Option<(String, String)>,
}

/// Runs a test on a fresh database of one engine.
pub(crate) fn run<F: Future<Output = ()>>(engine: Engine, test: impl FnOnce(Bench) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let bench = runtime.block_on(Bench::new(engine));
    let outcome = catch_unwind(AssertUnwindSafe(|| runtime.block_on(test(bench.clone()))));
    runtime.block_on(bench.remove());
    if let Err(panic) = outcome {
        eprintln!("the failure above is on {engine:?}");
        resume_unwind(panic);
    }
}

impl Bench {
    async fn new(engine: Engine) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        sqlx::any::install_default_drivers();
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let time = Arc::new(AtomicI64::new(START));
        let (database, server) = match engine {
            Engine::Sqlite => (Database::Sqlite(folder.path().join("writ.db")), None),
            Engine::Postgres => {
                let server = postgres_server();
                let number = NUMBER.fetch_add(1, Ordering::Relaxed);
                let name = format!("writ_test_{}_{number}", std::process::id());
                let mut connection = sqlx::AnyConnection::connect(&server).await.unwrap();
                connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
                let mut url = url::Url::parse(&server).unwrap();
                url.set_path(&name);
                (Database::Postgres(url.into()), Some((server, name)))
            }
        };
        Self { engine, database, time, folder, server }
    }

    async fn remove(&self) {
        if let Some((_, name)) = &self.server {
            self.at_server(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }

    /// Runs a statement at the PostgreSQL server, outside the test's database.
    async fn at_server(&self, sql: String) {
        let (server, _) = self.server.as_ref().unwrap();
        let mut connection = sqlx::AnyConnection::connect(server).await.unwrap();
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
    }

    /// Cuts every connection to the database and lets nobody in, or lets them in again. PostgreSQL only.
    pub(crate) async fn set_reachable(&self, reachable: bool) {
        let (_, name) = self.server.clone().unwrap();
        self.at_server(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {reachable}")).await;
        if !reachable {
            let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
            self.at_server(cut).await;
        }
    }

    /// Changes a setting of every later connection to the database. PostgreSQL only.
    pub(crate) async fn set(&self, setting: &str) {
        let (_, name) = self.server.clone().unwrap();
        self.at_server(format!("ALTER DATABASE {name} SET {setting}")).await;
    }

    /// A folder for files of the test; the SQLite database is in it.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Sets the clock, in seconds after [`START`].
    pub(crate) fn set_time(&self, seconds: i64) {
        self.time.store(START + seconds, Ordering::Relaxed);
    }

    /// Sets the clock, and waits until the configuration is confirmed as of then.
    pub(crate) async fn at(&self, core: &Core, seconds: i64) {
        self.set_time(seconds);
        while core.is_ready().await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            database: self.database.clone(),
            master_key: master_key(),
            root: ROOT.into(),
            dialects: &DIALECTS,
            token_bytes: 8192,
            outbound: OutboundPolicy::default(),
            clock: Clock::manual(Arc::clone(&self.time)),
        }
    }

    /// Opens the installation and follows its changes, as the server does.
    pub(crate) async fn open(&self) -> Running {
        Running::start(Core::open(self.settings()).await.unwrap())
    }

    pub(crate) async fn try_open(&self) -> Result<Core, StoreError> {
        Core::open(self.settings()).await
    }

    /// A connection of one's own, to look and to spoil.
    pub(crate) async fn connect(&self) -> sqlx::AnyConnection {
        let url = match &self.database {
            Database::Sqlite(file) => format!("sqlite://{}", file.display()),
            Database::Postgres(url) => url.clone(),
        };
        sqlx::AnyConnection::connect(&url).await.unwrap()
    }

    /// A connection of one's own on which foreign keys are enforced, as they are for the server.
    pub(crate) async fn connect_enforcing(&self) -> sqlx::AnyConnection {
        let mut connection = self.connect().await;
        if self.engine == Engine::Sqlite {
            connection.execute("PRAGMA foreign_keys = ON").await.unwrap();
        }
        connection
    }

    /// Runs statements on a connection of one's own.
    pub(crate) async fn sql(&self, sql: impl Into<String>) {
        self.connect().await.execute(AssertSqlSafe(sql.into())).await.unwrap();
    }

    /// One number out of the database.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&mut self.connect().await).await.unwrap()
    }
}

/// The URL of the PostgreSQL server for tests. A test that needs one fails without it, so that none passes unrun.
#[expect(clippy::disallowed_methods, reason = "the one setting of these tests")]
fn postgres_server() -> String {
    std::env::var("WRIT_TEST_POSTGRES").expect("needs PostgreSQL: run `cargo xtask test`")
}

pub(crate) fn master_key() -> MasterKey {
    MasterKey::from_text(MASTER_KEY).unwrap()
}

/// An open installation that follows changes until it is dropped.
pub(crate) struct Running {
    core: Arc<Core>,
    stop: CancellationToken,
}

impl Deref for Running {
    type Target = Core;

    fn deref(&self) -> &Core {
        &self.core
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Running {
    pub(crate) fn start(core: Core) -> Self {
        let (core, stop) = (Arc::new(core), CancellationToken::new());
        let (following, until) = (Arc::clone(&core), stop.clone());
        tokio::spawn(async move { following.follow(until).await });
        Self { core, stop }
    }

    /// An administrator, the way everyone becomes one: the bootstrap secret, a token, its verification.
    pub(crate) async fn sign_in(&self) -> Administrator {
        let secret = self.bootstrap_secret().await.unwrap().unwrap();
        let request = TokenRequest::of("writ-admin", secret.expose()).resource("urn:writ:admin");
        let issued = self.token(&request).await.unwrap_or_else(|refused| panic!("no administrator: {refused}"));
        assert_eq!(bearer(issued.access_token())["aud"], "urn:writ:admin");
        self.core.administrator(issued.access_token(), AdminPermission::ConfigWrite).await.unwrap()
    }

    pub(crate) async fn apply_with(
        &self,
        documents: serde_json::Value,
        options: Options,
    ) -> Result<Applied, ApplyError> {
        let by = self.sign_in().await;
        self.core.apply(&by, TENANT, list_from_json(documents)?, options).await
    }

    /// Applies documents as an administrator who has signed in before.
    pub(crate) async fn apply_documents(
        &self,
        by: &Administrator,
        documents: Vec<Document>,
    ) -> Result<Applied, ApplyError> {
        self.core.apply(by, TENANT, documents, Options::default()).await
    }

    /// Applies documents that are right to another tenant.
    pub(crate) async fn apply_to(&self, tenant: &str, by: &Administrator, documents: Vec<Document>) {
        let applied = self.core.apply(by, tenant, documents, Options::default()).await;
        drop(applied.unwrap_or_else(|error| panic!("refused: {error} ({error:?})")));
    }

    /// Waits until the configuration is confirmed at the present time, which a test has set.
    pub(crate) async fn wait_until_confirmed(&self) {
        for _ in 0..200 {
            if self.is_ready().await.is_ok() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the configuration is not confirmed");
    }

    /// Applies documents on a task, as the server does.
    pub(crate) async fn apply_as_task(
        &self,
        documents: serde_json::Value,
    ) -> impl Future<Output = Result<Applied, ApplyError>> + Send + use<> {
        let (core, by) = (Arc::clone(&self.core), self.sign_in().await);
        let documents = list_from_json(documents).unwrap();
        async move { core.apply(&by, TENANT, documents, Options::default()).await }
    }

    /// Applies documents that are right.
    pub(crate) async fn apply(&self, documents: serde_json::Value) -> Applied {
        let applied = self.apply_with(documents, Options::default()).await;
        applied.unwrap_or_else(|error| panic!("refused: {error} ({error:?})"))
    }

    /// Applies documents that are wrong.
    pub(crate) async fn refuse(&self, documents: serde_json::Value) -> ApplyError {
        self.apply_with(documents, Options::default()).await.err().expect("the documents were applied")
    }

    pub(crate) async fn delete(&self, kind: Kind, name: &str) -> Result<Applied, ApplyError> {
        self.core.delete(&self.sign_in().await, TENANT, kind, name).await
    }

    /// What `get` prints of applications.
    pub(crate) async fn get_applications(&self) -> serde_json::Value {
        let stored = self.store().applications(TENANT, None).await.unwrap();
        let stored = stored.into_iter().filter(|stored| !stored.built_in);
        let documents = stored.map(|stored| Document::Application(stored.document));
        serde_json::to_value(documents.collect::<Vec<_>>()).unwrap()
    }
}

/// The plan of what was applied, a change a line.
pub(crate) fn plan(applied: &Applied) -> Vec<String> {
    let line = |change: &writ_core::apply::Change| format!("{} {} {}", change.op.name(), change.kind, change.name);
    applied.changes.iter().map(line).collect()
}
