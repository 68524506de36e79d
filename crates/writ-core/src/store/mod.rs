//! The store: the only place that knows SQL.
//!
//! Each statement is written once, in the subset that SQLite and PostgreSQL share (TEXT, BIGINT and bytes, `$1`
//! placeholders), beside the function that runs it; [`engine`] holds every difference. A use case is one
//! transaction, and its constraint is the check.

mod application;
mod audit;
mod authorization_rule;
mod client;
mod client_page;
mod column;
mod credential;
mod engine;
mod installation;
mod integrity;
mod issuer;
mod network_zone;
mod provider;
mod resource;
mod resource_server;
mod revocation;
mod revocation_feed;
mod route;
mod signing_key;
mod spent_assertion;
mod tenant;
mod write;

pub use application::{IdentifierOwner, StoredApplication};
pub use audit::AuditRecord;
pub use client::StoredClient;
pub use client_page::ListedClient;
pub use credential::{NewCredential, StoredCredential};
pub use engine::{Database, Engine};
pub use installation::{ChangeRow, Follower};
pub use integrity::{Dangling, Missing};
pub use resource_server::StoredResourceServer;
pub use revocation::{RevokedToken, StoredCutoff};
pub use revocation_feed::{StoredRevocation, TakenBack};
pub use signing_key::{KeyState, StoredKey};
pub(crate) use spent_assertion::SpentKey;
pub use write::{Op, Write};

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyPool};
use tokio::sync::{Mutex, Notify};

/// How long a database may take to answer what is asked on the way of a request.
const ANSWER: Duration = Duration::from_secs(5);
/// How long it may take when changes are looked for: long enough for one that is busy.
const LOOK: Duration = Duration::from_secs(2);

/// What of the database library's own log is worth reading.
pub const LOG_FILTER: &str = "sqlx=warn";

/// The state of an installation, on either engine. Clones share it.
#[derive(Clone)]
pub struct Store {
    pool: AnyPool,
    database: Database,
    /// One writer at a time in this process: on SQLite it spares waiting on the file, elsewhere it is never contended.
    writer: std::sync::Arc<Mutex<()>>,
    /// Told whenever this process has committed.
    committed: std::sync::Arc<Notify>,
    /// Whether the database was away when it was last looked for. Requests are then refused at once and not only when
    /// a connection has failed to come about; whoever follows changes finds out when it is back.
    away: std::sync::Arc<AtomicBool>,
}

/// Why the store could not do what was asked. The texts are for operators; none reaches a caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database URL or path cannot be used.
    #[error("the database's URL or path cannot be used; expected postgres://user@host/name or a path in UTF-8")]
    BadUrl,
    /// Not reachable at present.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// Somebody else holds its lock.
    #[error("the database is locked by another program")]
    Locked,
    /// It cannot be written.
    #[error("the database is read-only for this user")]
    ReadOnly,
    /// Its disk is full.
    #[error("the disk of the database is full")]
    Full,
    /// The file is damaged or something else.
    #[error("the file is not an SQLite database, or it is damaged")]
    NotADatabase,
    /// A later version of Writ has been here.
    #[error("the database was written by a newer version of writ (schema {0}); run that version")]
    NewerSchema(i64),
    /// The schema could not be brought up to date.
    #[error("the database's schema could not be brought up to date: {0}")]
    Migration(String),
    /// A uniqueness constraint refused the write.
    #[error("a row with this key exists already: {0}")]
    Duplicate(String),
    /// What is stored does not make sense to this version.
    #[error("the database holds a value that this version does not understand: {0}")]
    Unreadable(String),
    /// Sealed values do not open.
    #[error(transparent)]
    Keyring(#[from] crate::keyring::KeyringFault),
    /// Anything else.
    #[error("the database refused: {0}")]
    Other(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        engine::classify(error)
    }
}

impl Store {
    /// Opens the database, making or updating its schema.
    pub async fn open(database: Database) -> Result<Self, StoreError> {
        let pool = database.open().await?;
        let (writer, committed, away) = <(std::sync::Arc<_>, std::sync::Arc<_>, std::sync::Arc<_>)>::default();
        Ok(Self { pool, database, writer, committed, away })
    }

    /// Which engine it runs on.
    pub fn engine(&self) -> Engine {
        self.database.engine()
    }

    /// Closes every connection, after a checkpoint on SQLite.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Notes whether the database can be reached.
    pub(crate) fn note_away(&self, away: bool) {
        self.away.store(away, Ordering::Relaxed);
    }

    /// Refuses at once what needs a database that is known to be away.
    pub(crate) fn check_near(&self) -> Result<(), StoreError> {
        if self.away.load(Ordering::Relaxed) {
            return Err(StoreError::Unreachable("it was away a moment ago".into()));
        }
        Ok(())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.check_near()?;
        let mut connection = self.note_answer(within(LOOK, self.pool.acquire()).await)?;
        let answer = within(LOOK, sqlx::query("SELECT 1").execute(&mut *connection)).await;
        part(connection, &answer);
        self.note_answer(answer.map(drop))
    }

    /// Notes that the database is away when that is what came of asking it.
    fn note_answer<T>(&self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(StoreError::Unreachable(_)) = answer {
            self.note_away(true);
        }
        answer
    }
}

/// Waits for an answer, but not for ever.
async fn within<T, E: Into<StoreError>>(
    limit: Duration,
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(limit, answer).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(_) => Err(StoreError::Unreachable(format!("no answer in {} s", limit.as_secs()))),
    }
}

/// Gives a connection back, unless nobody answers on it any more: the pool would part from it politely, which is to wait
/// for an answer.
fn part<T>(connection: PoolConnection<Any>, answer: &Result<T, StoreError>) {
    if let Err(StoreError::Unreachable(_)) = answer {
        drop(connection.detach());
    }
}

/// Reads a JSON column that this program wrote.
fn json<T: serde::de::DeserializeOwned>(text: &str, column: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Unreadable(format!("{column}: {error}")))
}

/// Writes a JSON column.
fn to_json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Other(error.to_string()))
}
