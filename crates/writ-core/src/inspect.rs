//! What a live token says, for those who cannot verify it themselves.

use std::sync::Arc;

use serde_json::{Map, Value};
use writ_oauth::{Refusal, Refused};

use crate::Core;
use crate::client::Client;
use crate::permit::Door;
use crate::tenant::Tenant;
use crate::token::VerifiedToken;

/// A token that an issuer of a tenant made and that has not expired, with what became of what it rests on.
pub(crate) struct Inspected {
    pub(crate) token: Arc<VerifiedToken>,
    /// The client that it was issued to, if there is one still.
    pub(crate) client: Option<Arc<Client>>,
    /// Whether nothing that it rests on was taken back.
    pub(crate) lives: bool,
}

impl Core {
    /// The claims of a token that the door's own issuer made, that is valid now and that rests on nothing that was taken
    /// back; `None` for every other text.
    pub async fn live_claims(&self, door: &Door, token: &str) -> Result<Option<Map<String, Value>>, Refused> {
        self.check_current()?;
        let Some((token, claims)) = self.own_claims(&door.tenant, token) else { return Ok(None) };
        let Inspected { token, lives, .. } = self.look_into(&door.tenant, Arc::new(token)).await?;
        let live = lives && token.issuer == door.issuer.url;
        Ok(live.then(|| claims.into_inner().into_members()))
    }

    /// Looks into a token; `None`: it is none of this tenant, or has expired. What is taken back costs what lives costs.
    pub(crate) async fn inspect(&self, tenant: &Tenant, token: &str) -> Result<Option<Inspected>, Refused> {
        self.check_current()?;
        match self.own_live_token(tenant, token) {
            Some(token) => self.look_into(tenant, token).await.map(Some),
            None => Ok(None),
        }
    }

    async fn look_into(&self, tenant: &Tenant, token: Arc<VerifiedToken>) -> Result<Inspected, Refused> {
        let revoked = self.revoked_tokens.contains(&tenant.name, &token.jti);
        let client = self.client(&tenant.name, &token.client_id).await.map_err(|error| {
            tracing::warn!(%error, "a client could not be read");
            Refusal::StoreUnavailable
        })?;
        let lives = !revoked & client.as_ref().is_some_and(|client| !client.has_revoked(&token));
        Ok(Inspected { token, client, lives })
    }
}
