//! Every difference between the two engines but that of the ledger (`spent_assertion.rs`): connecting, beginning a write,
//! telling others, and what errors mean.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::error::DatabaseError;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{Any, AnyConnection, AnyPool, ConnectOptions, Connection, Executor, Transaction};

use super::StoreError;

static SQLITE: Migrator = sqlx::migrate!("src/store/migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("src/store/migrations/postgres");

/// The channel on which PostgreSQL tells that something changed.
pub(super) const CHANNEL: &str = "writ_change";

/// How long a connection may take to come.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Where the state is kept. No `Debug`: a URL may hold a password.
#[derive(Clone)]
pub enum Database {
    /// A file, for one process.
    Sqlite(PathBuf),
    /// A server, for many.
    Postgres(String),
}

/// Which engine a store runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, in this process.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Database {
    /// The engine.
    pub const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// Connects and brings the schema up to date.
    pub(super) async fn open(&self) -> Result<AnyPool, StoreError> {
        sqlx::any::install_default_drivers();
        let options = self.options()?.disable_statement_logging();
        self.probe(&options).await?;
        let pool = self.pool_options().connect_with(options).await?;
        self.engine().migrate(&pool).await?;
        Ok(pool)
    }

    /// Connects once without the pool, which would try again and again and in the end say only that time is up.
    async fn probe(&self, options: &AnyConnectOptions) -> Result<(), StoreError> {
        let probe = async {
            let mut connection = options.connect().await?;
            self.engine().prepare(&mut connection).await?;
            connection.close().await
        };
        match tokio::time::timeout(ACQUIRE_TIMEOUT, probe).await {
            Ok(outcome) => Ok(outcome?),
            Err(_) => Err(StoreError::Unreachable(format!("no answer in {} s", ACQUIRE_TIMEOUT.as_secs()))),
        }
    }

    fn options(&self) -> Result<AnyConnectOptions, StoreError> {
        let url = match self {
            Self::Sqlite(file) => sqlite_url(file)?,
            Self::Postgres(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => url.clone(),
            Self::Postgres(_) => return Err(StoreError::BadUrl),
        };
        url.parse::<AnyConnectOptions>().map_err(|_| StoreError::BadUrl)
    }

    fn pool_options(&self) -> AnyPoolOptions {
        let engine = self.engine();
        let options = AnyPoolOptions::new()
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(move |connection, _| Box::pin(engine.prepare(connection)))
            // SQLite ends a transaction by itself when the disk is full. The connection then fails to roll back and
            // counts the transaction as open for ever: it is closed, and another one takes its place.
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }));
        match engine {
            Engine::Sqlite => options.max_connections(4).idle_timeout(None).max_lifetime(None),
            Engine::Postgres => options.max_connections(16),
        }
    }
}

/// The file as a URL, every byte that could mean something in one escaped.
fn sqlite_url(file: &std::path::Path) -> Result<String, StoreError> {
    // Absolute, and without `..` that a URL would take for its own.
    let name = file.file_name().ok_or(StoreError::BadUrl)?;
    let folder = std::path::absolute(file).ok().and_then(|file| Some(file.parent()?.canonicalize()));
    let folder = folder.ok_or(StoreError::BadUrl)?.map_err(|error| StoreError::Unreachable(error.to_string()))?;
    let file = folder.join(name);
    let path = file.to_str().ok_or(StoreError::BadUrl)?;
    let escaped: String = path
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    Ok(format!("sqlite://{escaped}?mode=rwc"))
}

impl Engine {
    /// Sets a new connection up.
    async fn prepare(self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        let statements = match self {
            // Durable on commit; readers never wait for the writer. Half of the usual cache a connection: what is read
            // often is kept compiled, and the system caches the file.
            Self::Sqlite => {
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                 PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 3000; PRAGMA cache_size = -1000;"
            }
            // Notices, such as that a table exists already, are for nobody here.
            Self::Postgres => "SET client_min_messages = warning",
        };
        connection.execute(statements).await.map(|_| ())
    }

    async fn migrate(self, pool: &AnyPool) -> Result<(), StoreError> {
        let migrator = match self {
            Self::Sqlite => &SQLITE,
            Self::Postgres => &POSTGRES,
        };
        migrator.run(pool).await.map_err(migration_error)
    }

    /// Begins a write. On SQLite the write lock is taken at once, so that no write fails half-way for want of it.
    pub(super) async fn begin(self, pool: &AnyPool) -> Result<Transaction<'static, Any>, StoreError> {
        Ok(match self {
            Self::Sqlite => pool.begin_with("BEGIN IMMEDIATE").await?,
            Self::Postgres => pool.begin().await?,
        })
    }

    /// Begins a reading of several statements that all see one moment.
    pub(super) async fn begin_reading(
        self,
        connection: &mut AnyConnection,
    ) -> Result<Transaction<'_, Any>, StoreError> {
        Ok(match self {
            Self::Sqlite => connection.begin_with("BEGIN").await?,
            Self::Postgres => connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?,
        })
    }

    /// Tells other processes, when the transaction commits, that something changed.
    pub(super) async fn notify(self, tx: &mut Transaction<'static, Any>) -> Result<(), StoreError> {
        match self {
            Self::Sqlite => Ok(()),
            Self::Postgres => {
                sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL).execute(&mut **tx).await?;
                Ok(())
            }
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the library's enum may grow")]
fn migration_error(error: MigrateError) -> StoreError {
    match error {
        MigrateError::VersionMissing(version) | MigrateError::VersionTooNew(version, _) => {
            StoreError::NewerSchema(version)
        }
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => StoreError::Migration(other.to_string()),
    }
}

/// What a database error means here.
#[expect(clippy::wildcard_enum_match_arm, reason = "the library's enum may grow")]
pub(super) fn classify(error: sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::Database(error) => database_error(&*error),
        sqlx::Error::Io(error) => StoreError::Unreachable(error.to_string()),
        sqlx::Error::PoolTimedOut | sqlx::Error::Tls(_) | sqlx::Error::PoolClosed => {
            StoreError::Unreachable(error.to_string())
        }
        other => StoreError::Other(other.to_string()),
    }
}

fn database_error(database: &dyn DatabaseError) -> StoreError {
    let text = database.message().to_owned();
    if database.is_unique_violation() {
        return StoreError::Duplicate(text);
    }
    match database.code().as_deref() {
        Some(code) if code.len() == 5 && !code.starts_with("0x") => postgres_error(code, text),
        // SQLite's extended codes have the primary code in their lowest byte.
        Some(code) => {
            code.parse::<u32>().map_or(StoreError::Other(text.clone()), |code| sqlite_error(code & 0xff, text))
        }
        None => StoreError::Other(text),
    }
}

/// <https://www.postgresql.org/docs/15/errcodes-appendix.html>
fn postgres_error(code: &str, text: String) -> StoreError {
    match code {
        "53100" => StoreError::Full,
        "25006" | "42501" => StoreError::ReadOnly,
        "55P03" | "40P01" | "40001" => StoreError::Locked,
        // Connections, credentials, the database's name, a database that takes no connections, resources, the
        // administrator's intervention.
        _ if ["08", "28", "3D", "55000", "53", "57"].iter().any(|class| code.starts_with(class)) => {
            StoreError::Unreachable(text)
        }
        _ => StoreError::Other(text),
    }
}

/// <https://www.sqlite.org/rescode.html>
fn sqlite_error(primary: u32, text: String) -> StoreError {
    match primary {
        5 | 6 => StoreError::Locked,
        8 => StoreError::ReadOnly,
        10 | 14 => StoreError::Unreachable(text),
        11 | 26 => StoreError::NotADatabase,
        13 => StoreError::Full,
        _ => StoreError::Other(text),
    }
}
