//! What a live token says, for those who cannot verify it themselves.

use serde_json::{Map, Value};
use writ_oauth::{Refusal, Refused};

use crate::Core;
use crate::permit::Door;

impl Core {
    /// The claims of a token that the door's own issuer made, that is valid now and that rests on nothing that was taken
    /// back; `None` for every other text.
    pub async fn live_claims(&self, door: &Door, token: &str) -> Result<Option<Map<String, Value>>, Refused> {
        if !self.directory.is_current(self.now()) {
            return Err(Refusal::ConfigurationStale.into());
        }
        let Some((verified, claims)) = self.own_claims(&door.tenant, token) else { return Ok(None) };
        if verified.issuer != door.issuer.url || self.revoked_tokens.contains(&door.tenant.name, &verified.jti) {
            return Ok(None);
        }
        let client = self.client(&door.tenant.name, &verified.client_id).await.map_err(|error| {
            tracing::warn!(%error, "a client could not be read");
            Refusal::StoreUnavailable
        })?;
        let lives = client.is_some_and(|client| !client.has_revoked(&verified));
        Ok(lives.then(|| claims.into_inner().into_members()))
    }
}
