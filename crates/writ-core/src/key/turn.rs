//! Turning the keys of one issuer, within a write.

use writ_oauth::jose::{Alg, Pkcs8, SigningKey};

use super::life;
use crate::Core;
use crate::document::Issuer;
use crate::keyring::{Context, KeyringFault};
use crate::store::{KeyState, StoreError, StoredKey, Write};

/// The keys of an issuer within a write. The database holds that at most one is next, and one active.
pub(crate) struct IssuerKeys<'w> {
    core: &'w Core,
    write: &'w mut Write,
    tenant: &'w str,
    issuer: &'w Issuer,
    pub(super) keys: Vec<StoredKey>,
}

impl<'w> IssuerKeys<'w> {
    pub(crate) async fn load(
        core: &'w Core,
        write: &'w mut Write,
        tenant: &'w str,
        issuer: &'w Issuer,
    ) -> Result<Self, StoreError> {
        let keys = write.signing_keys(tenant, &issuer.name).await?;
        Ok(Self { core, write, tenant, issuer, keys })
    }

    /// Whether another key fits into the published set; the message says when.
    pub(crate) fn has_room(&self) -> Result<(), String> {
        life::has_room(&self.keys)
    }

    /// Whether every verifier can know the next key; the message says from when on.
    pub(super) fn next_is_known(&self) -> Result<(), String> {
        life::next_is_known(&self.keys, self.write.now())
    }

    pub(super) fn due(&self) -> life::Due {
        life::Due::of(self.issuer, &self.keys, self.write.now())
    }

    pub(super) fn state_of(&self, kid: &str) -> Option<KeyState> {
        self.keys.iter().find(|key| key.kid == kid).map(|key| key.state)
    }

    /// The next key becomes active, the active one is retired, and a new next one is made.
    pub(super) async fn rotate(&mut self) -> Result<(), StoreError> {
        self.end(KeyState::Active, KeyState::Retired).await?;
        self.activate_next().await?;
        self.add(KeyState::Next).await
    }

    /// Begins afresh with the issuer's algorithm: the active key is retired, and a next one, which never signed, goes
    /// with its algorithm. On a new issuer the next key is left to be made later.
    pub(crate) async fn replace(&mut self) -> Result<(), StoreError> {
        let is_new = self.keys.is_empty();
        self.end(KeyState::Active, KeyState::Retired).await?;
        if let Some(next) = life::in_state(&self.keys, KeyState::Next).map(|key| key.kid.clone()) {
            self.forget(&next).await?;
        }
        self.add(KeyState::Active).await?;
        if is_new { Ok(()) } else { self.add(KeyState::Next).await }
    }

    /// Revokes a key, and puts others in its place.
    pub(super) async fn revoke(&mut self, kid: &str) -> Result<(), StoreError> {
        let state = self.state_of(kid);
        let now = self.write.now();
        if let Some(key) = self.keys.iter_mut().find(|key| key.kid == kid) {
            // A retired key has the time at which its last token expires already.
            let forget_at = key.forget_at.unwrap_or_else(|| life::forget_at(key, now));
            (key.state, key.changed, key.forget_at) = (KeyState::Revoked, now, Some(forget_at));
            self.write.update_signing_key(key).await?;
        }
        self.audit("revoke", kid).await?;
        if state == Some(KeyState::Active) {
            self.activate_next().await?;
        }
        if life::in_state(&self.keys, KeyState::Next).is_none() {
            self.add(KeyState::Next).await?;
        }
        Ok(())
    }

    /// Forgets a key: nothing that it signed is alive.
    pub(super) async fn forget(&mut self, kid: &str) -> Result<(), StoreError> {
        for key in self.keys.extract_if(.., |key| key.kid == kid) {
            self.write.delete_signing_key(&key).await?;
        }
        self.audit("forget", kid).await
    }

    /// Makes a key.
    pub(super) async fn add(&mut self, state: KeyState) -> Result<(), StoreError> {
        let (signing, pkcs8) = generate(self.issuer.signing.alg).await?;
        let (tenant, issuer, now) = (self.tenant.to_owned(), self.issuer.name.clone(), self.write.now());
        let context = Context(["signing key", &tenant, &issuer, signing.kid()]);
        let sealed = self.core.keyring.seal(&context, pkcs8.as_bytes())?;
        let longest = self.longest().await?;
        let key = StoredKey {
            kid: signing.kid().to_owned(),
            alg: signing.alg(),
            tenant,
            issuer,
            state,
            created: now,
            changed: now,
            longest,
            forget_at: None,
            sealed,
        };
        self.write.add_signing_key(&key).await?;
        let detail = serde_json::json!({ "kid": key.kid, "alg": key.alg.name(), "state": state });
        self.write.audit(self.tenant, "create", "signing_key", &self.issuer.name, &detail).await?;
        self.keys.push(key);
        Ok(())
    }

    /// Ends the use of the key in one state, if there is one.
    async fn end(&mut self, from: KeyState, to: KeyState) -> Result<(), StoreError> {
        let now = self.write.now();
        let Some(key) = self.keys.iter_mut().find(|key| key.state == from) else { return Ok(()) };
        (key.state, key.changed, key.forget_at) = (to, now, Some(life::forget_at(key, now)));
        self.write.update_signing_key(key).await?;
        let kid = key.kid.clone();
        self.audit("retire", &kid).await
    }

    /// Makes the next key the active one; without a next key, a new one.
    async fn activate_next(&mut self) -> Result<(), StoreError> {
        let (now, longest) = (self.write.now(), self.longest().await?);
        let Some(key) = self.keys.iter_mut().find(|key| key.state == KeyState::Next) else {
            return self.add(KeyState::Active).await;
        };
        (key.state, key.changed, key.longest) = (KeyState::Active, now, longest);
        self.write.update_signing_key(key).await?;
        let kid = key.kid.clone();
        self.audit("activate", &kid).await
    }

    /// The longest lifetime that a token of this issuer can have at present, in seconds.
    async fn longest(&mut self) -> Result<i64, StoreError> {
        let of_clients = self.write.longest_client_lifetime(self.tenant).await?;
        Ok(of_clients.max(self.issuer.token.lifetime().seconds()))
    }

    async fn audit(&mut self, action: &str, kid: &str) -> Result<(), StoreError> {
        let detail = serde_json::json!({ "kid": kid });
        self.write.audit(self.tenant, action, "signing_key", &self.issuer.name, &detail).await
    }
}

/// Makes a key pair. RSA takes a while, which no request should have to wait for.
async fn generate(alg: Alg) -> Result<(SigningKey, Pkcs8), StoreError> {
    let made = tokio::task::spawn_blocking(move || SigningKey::generate(alg)).await;
    let made = made.map_err(|error| StoreError::Other(error.to_string()))?;
    Ok(made.map_err(|_| KeyringFault::Randomness)?)
}
