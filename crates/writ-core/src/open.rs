//! Opening an installation.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use writ_oauth::Refusal;

use crate::clock::Clock;
use crate::directory::Directory;
use crate::feed;
use crate::issuer::Dialect;
use crate::key_source::KeySets;
use crate::keyring::{Keyring, MasterKey};
use crate::ledger::Ledger;
use crate::outbound::OutboundPolicy;
use crate::refused_requests::RefusedRequests;
use crate::revoked_tokens::RevokedTokens;
use crate::store::{Database, Store, StoreError};
use crate::tenant::Snapshot;
use crate::token::VerifiedTokens;
use crate::usage::Usage;

/// What an installation is opened with.
pub struct Settings {
    /// Where the state is kept.
    pub database: Database,
    /// The key that seals what is secret there.
    pub master_key: MasterKey,
    /// The public root URL of the operator's tenant, without a trailing slash.
    pub root: String,
    /// The dialects that this server has doors for.
    pub dialects: &'static [Dialect],
    /// The largest access token, in bytes.
    pub token_bytes: usize,
    /// Where this server may connect to.
    pub outbound: OutboundPolicy,
    /// The time.
    pub clock: Clock,
}

/// An open installation: every use case is a method of it.
pub struct Core {
    pub(crate) store: Store,
    pub(crate) ledger: Ledger,
    pub(crate) keyring: Keyring,
    pub(crate) directory: Directory,
    pub(crate) usage: Usage,
    pub(crate) verified_tokens: VerifiedTokens,
    pub(crate) revoked_tokens: RevokedTokens,
    /// Room for those who wait for news of the revocation feed.
    pub(crate) feed_waiting: Semaphore,
    pub(crate) refused_requests: Arc<RefusedRequests>,
    pub(crate) root: String,
    pub(crate) dialects: &'static [Dialect],
    pub(crate) token_bytes: usize,
    pub(crate) key_sets: KeySets,
    pub(crate) clock: Clock,
}

impl Core {
    /// Opens the database, makes the installation on the first start, and reads the configuration.
    pub async fn open(settings: Settings) -> Result<Self, StoreError> {
        let store = Store::open(settings.database).await?;
        let core = Self {
            ledger: Ledger::start(store.clone()),
            store,
            keyring: Keyring::new(&settings.master_key)?,
            directory: Directory::new(),
            usage: Usage::default(),
            verified_tokens: VerifiedTokens::default(),
            revoked_tokens: RevokedTokens::default(),
            feed_waiting: Semaphore::new(feed::WAITING),
            refused_requests: Arc::new(RefusedRequests::new(settings.clock.clone())),
            root: settings.root,
            dialects: settings.dialects,
            token_bytes: settings.token_bytes,
            key_sets: KeySets::new(settings.outbound),
            clock: settings.clock,
        };
        core.store.claim(core.keyring.check()).await?;
        core.bootstrap().await?;
        core.add_new_permissions().await?;
        core.reload().await?;
        Ok(core)
    }

    /// The configuration that is not kept a client at a time, as of now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.directory.snapshot())
    }

    /// The time.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Whether the database answers and the configuration is current.
    pub async fn is_ready(&self) -> Result<(), StoreError> {
        self.store.ping().await?;
        if self.directory.is_current(self.now()) {
            Ok(())
        } else {
            Err(StoreError::Unreachable("the configuration could not be confirmed for five minutes".into()))
        }
    }

    /// Refuses what must not be decided by a configuration that could not be confirmed for too long.
    pub(crate) fn check_current(&self) -> Result<(), Refusal> {
        if self.directory.is_current(self.now()) { Ok(()) } else { Err(Refusal::ConfigurationStale) }
    }

    /// The keys of others, as far as they were needed.
    pub fn key_sets(&self) -> &KeySets {
        &self.key_sets
    }

    /// The requests that this process refused lately.
    pub fn refused_requests(&self) -> &Arc<RefusedRequests> {
        &self.refused_requests
    }

    /// The store, for reading documents back.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Waits until a change is live in this process, at most for five seconds.
    pub async fn wait_until_live(&self, sequence: i64) -> bool {
        self.directory.wait_for(sequence, Duration::from_secs(5)).await
    }

    /// Writes down what is still to be written and closes the database.
    pub async fn close(&self) {
        if let Err(error) = self.flush_usage().await {
            tracing::warn!(%error, "when credentials were last used could not be noted");
        }
        self.store.close().await;
    }
}
