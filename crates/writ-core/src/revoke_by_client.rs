//! Revocation by clients (RFC 7009): a client gives up a token of its own.

use writ_oauth::{Refusal, Refused};

use crate::Core;
use crate::apply::ApplyError;
use crate::permit::{Admitted, Door};

impl Core {
    /// Revokes one token for a client, whichever door of its tenant issued it: a client that gives a token up means it.
    ///
    /// > The authorization server first validates the client credentials [...] and then verifies whether the token was
    /// > issued to the client making the revocation request. If this validation fails, the request is refused and the
    /// > client is informed of the error by the authorization server as described below.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7009#section-2.1>
    ///
    /// > Note: invalid tokens do not cause an error response since the client cannot handle such an error in a reasonable
    /// > way.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7009#section-2.2>
    pub async fn revoke_own_token(&self, door: &Door, by: &Admitted, token: &str) -> Result<(), Refused> {
        let revoked = self.revoke_for(door, by, token).await;
        revoked.map_err(|refusal| Refused::from(refusal).of_client(&by.client().client_id))
    }

    async fn revoke_for(&self, door: &Door, by: &Admitted, token: &str) -> Result<(), Refusal> {
        let (client, snapshot) = (by.client(), self.snapshot());
        let tenant = snapshot.tenant(&door.tenant.name).ok_or(Refusal::HostUnknown)?;
        let own = self.own_token(tenant, token);
        if own.as_ref().is_some_and(|token| !token.may_be_revoked_by(client, tenant)) {
            return Err(Refusal::TokenOfAnother);
        }
        // Before the deed: an assertion that was used before ends nothing.
        self.use_up(by.authenticated()).await?;
        let Some(token) = own else { return Ok(()) };
        let holder = self.client(&tenant.name, &token.client_id).await.map_err(|error| refusal_of(&error.into()))?;
        let credentials = holder.iter().flat_map(|holder| holder.credentials()).map(|state| state.tag);
        let revoked = &self.revoked_tokens;
        if !revoked.contains(&tenant.name, &token.jti) && !revoked.has_room_for(&tenant.name, credentials) {
            return Err(Refusal::RevocationsFull);
        }
        // An administrator's name has no blank in it: none of them is mistaken for a client of the same name.
        let actor = format!("client {}", client.client_id);
        self.revoke_one(&actor, &tenant.name, &token).await.map(drop).map_err(|error| refusal_of(&error))
    }
}

/// > If the server responds with HTTP status code 503, the client must assume the token still exists and may retry after
/// > a reasonable delay.
///
/// <https://www.rfc-editor.org/rfc/rfc7009#section-2.2.1>
fn refusal_of(error: &ApplyError) -> Refusal {
    match error {
        ApplyError::Store(error) => {
            tracing::warn!(%error, "a token could not be revoked");
            Refusal::StoreUnavailable
        }
        ApplyError::Document(_) | ApplyError::NotFound(..) | ApplyError::Conflict(_) => {
            tracing::error!(%error, "a token could not be revoked");
            Refusal::Internal
        }
    }
}
