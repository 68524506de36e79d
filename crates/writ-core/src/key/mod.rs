//! The life of signing keys: next (published, not used), active, retired (published until the last token it signed has
//! expired), gone; or revoked (neither published nor trusted).

mod life;
mod tend;
mod turn;

pub(crate) use self::turn::IssuerKeys;
use crate::Core;
use crate::admin::Administrator;
use crate::apply::ApplyError;
use crate::document::{Issuer, Kind};
use crate::store::{KeyState, StoredKey, Write};

impl Core {
    /// The keys of an issuer: the next one, the active one, then what was before, the latest first.
    pub async fn list_keys(&self, tenant: &str, issuer: &str) -> Result<Vec<StoredKey>, ApplyError> {
        let issuers = self.store.issuers(tenant).await?;
        if !issuers.iter().any(|(of, known)| of == tenant && known.name == issuer) {
            return Err(not_found(issuer));
        }
        let mut keys = self.store.signing_keys_of(tenant, issuer).await?;
        keys.sort_by_key(|key| (key.state, std::cmp::Reverse(key.changed)));
        Ok(keys)
    }

    /// Rotates: the next key becomes active, the active one is retired, and a new next one is made.
    ///
    /// Verifiers cache keys, so this is refused until the next key has been published for ten minutes. `at_once`
    /// does it all the same; a verifier that has not heard of the key then refuses its tokens until it asks again.
    pub async fn rotate_key(
        &self,
        by: &Administrator,
        tenant: &str,
        issuer: &str,
        at_once: bool,
    ) -> Result<(), ApplyError> {
        let mut write = self.store.write(by.name(), self.now()).await?;
        let issuer = find(&mut write, tenant, issuer).await?;
        let mut keys = IssuerKeys::load(self, &mut write, tenant, &issuer).await?;
        keys.has_room().map_err(ApplyError::Conflict)?;
        if !at_once {
            keys.next_is_known().map_err(ApplyError::Conflict)?;
        }
        keys.rotate().await?;
        self.commit_keys(write).await
    }

    /// Revokes a key: it is neither published nor trusted any more, and its tokens end. The next key takes the place
    /// of an active one at once. Revoking it again changes nothing.
    pub async fn revoke_key(
        &self,
        by: &Administrator,
        tenant: &str,
        issuer: &str,
        kid: &str,
    ) -> Result<(), ApplyError> {
        let mut write = self.store.write(by.name(), self.now()).await?;
        let issuer = find(&mut write, tenant, issuer).await?;
        let mut keys = IssuerKeys::load(self, &mut write, tenant, &issuer).await?;
        match keys.state_of(kid) {
            None => Err(ApplyError::NotFound("key", kid.to_owned())),
            Some(KeyState::Revoked) => Ok(write.rollback().await?),
            Some(KeyState::Next | KeyState::Active | KeyState::Retired) => {
                keys.revoke(kid).await?;
                self.commit_keys(write).await
            }
        }
    }

    async fn commit_keys(&self, write: Write) -> Result<(), ApplyError> {
        let sequence = write.commit(&self.store).await?;
        if !self.wait_until_live(sequence).await {
            tracing::warn!(sequence, "a change of keys is stored but not live here after five seconds");
        }
        Ok(())
    }
}

async fn find(write: &mut Write, tenant: &str, issuer: &str) -> Result<Issuer, ApplyError> {
    // An empty name would mean every tenant.
    let issuers = if tenant.is_empty() { Vec::new() } else { write.issuers(tenant).await? };
    issuers.into_iter().find(|known| known.name == issuer).ok_or_else(|| not_found(issuer))
}

fn not_found(issuer: &str) -> ApplyError {
    ApplyError::NotFound(Kind::Issuer.name(), issuer.to_owned())
}
