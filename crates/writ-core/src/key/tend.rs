//! What is done by itself: the next key is made, schedules are kept, and what concerns no live token is forgotten.

use std::collections::HashMap;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::life::Due;
use super::turn::IssuerKeys;
use crate::Core;
use crate::admin::Administrator;
use crate::store::{KeyState, StoreError, StoredKey};

/// How often is looked.
const EVERY: Duration = Duration::from_mins(1);

impl Core {
    /// Tends the keys of all issuers and forgets old revocations and assertions, at once and then every minute, until told to stop.
    pub async fn tend(&self, stop: CancellationToken) {
        loop {
            self.verified_tokens.forget_expired(self.now());
            if let Err(error) = self.tend_keys(self.now()).await {
                tracing::warn!(%error, "signing keys could not be tended; trying again in a minute");
            }
            if let Err(error) = self.forget_revocations(self.now()).await {
                tracing::warn!(%error, "old revocations could not be forgotten; trying again in a minute");
            }
            if let Err(error) = self.forget_spent_assertions(self.now()).await {
                tracing::warn!(%error, "old assertions could not be forgotten; trying again in a minute");
            }
            if tokio::time::timeout(EVERY, stop.cancelled()).await.is_ok() {
                return;
            }
        }
    }

    /// Does what is due at `now`, in seconds since the epoch: makes missing next keys, rotates where the schedule says
    /// so, and forgets keys whose last token has expired. Writes nothing when nothing is due.
    pub async fn tend_keys(&self, now: i64) -> Result<(), StoreError> {
        let mut keys: HashMap<(String, String), Vec<StoredKey>> = HashMap::new();
        for key in self.store.signing_keys().await? {
            keys.entry((key.tenant.clone(), key.issuer.clone())).or_default().push(key);
        }
        for (tenant, issuer) in self.store.issuers("").await? {
            let of_issuer = keys.remove(&(tenant.clone(), issuer.name.clone())).unwrap_or_default();
            if Due::of(&issuer, &of_issuer, now) != Due::Nothing {
                self.tend_issuer(&tenant, &issuer.name, now).await?;
            }
        }
        Ok(())
    }

    /// Looks again within a write: another process may have been first.
    async fn tend_issuer(&self, tenant: &str, issuer: &str, now: i64) -> Result<(), StoreError> {
        let mut write = self.store.write(Administrator::server().name(), now).await?;
        let stored = write.issuers(tenant).await?.into_iter().find(|known| known.name == issuer);
        let Some(stored) = stored else { return write.rollback().await };
        let mut keys = IssuerKeys::load(self, &mut write, tenant, &stored).await?;
        loop {
            match keys.due() {
                Due::Nothing => break,
                Due::Next => keys.add(KeyState::Next).await?,
                Due::Rotation => keys.rotate().await?,
                Due::Forgetting(kids) => {
                    for kid in kids {
                        keys.forget(&kid).await?;
                    }
                }
            }
        }
        if write.is_empty() {
            return write.rollback().await;
        }
        let sequence = write.commit(&self.store).await?;
        tracing::info!(tenant, issuer, sequence, "signing keys were tended");
        Ok(())
    }
}
