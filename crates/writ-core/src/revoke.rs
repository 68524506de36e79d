//! Revocation: what was decided is taken back, and the tokens that rest on it die.
//!
//! A token carries the change sequence under which it was decided. Taking decisions back is a cut-off: the change sequence
//! of the write itself. Tokens decided before it die; tokens issued once it is live are decided under it, and live. No
//! clock is asked.

use jiff::Timestamp;

use crate::Core;
use crate::admin::Administrator;
use crate::apply::ApplyError;
use crate::directory::MARGIN;
use crate::document::{Kind, Lifetime};
use crate::store::{RevokedToken, StoreError, StoredCredential, Write};
use crate::token::VerifiedToken;

/// How far the clocks of several servers may be apart, in seconds.
const CLOCKS: i64 = 60;

/// Whose tokens are to die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation<'a> {
    /// All that a client has.
    Client(&'a str),
    /// All that a client has for one audience.
    Authorization {
        /// The client.
        client_id: &'a str,
        /// The audience.
        audience: &'a str,
    },
    /// All that the clients of an application have.
    Application(&'a str),
    /// All that were got with one credential. It stays usable for new ones.
    Credential {
        /// The client.
        client_id: &'a str,
        /// The credential's id or name.
        credential: &'a str,
    },
}

/// What was revoked, for the answer and the audit trail.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Revoked {
    /// All clients of this application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// This client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Only for this audience.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// Only what was got with the credential of this id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// Only the token of this id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// When that token would have expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

impl Core {
    /// Revokes every token of some kind that was decided until now.
    pub async fn revoke(&self, by: &Administrator, tenant: &str, what: Revocation<'_>) -> Result<Revoked, ApplyError> {
        let mut write = self.store.write(by.name(), self.now()).await?;
        let of = |client_id: &str| Revoked { client_id: Some(client_id.to_owned()), ..Revoked::default() };
        let (kind, name, revoked) = match what {
            Revocation::Client(client_id) => {
                cut_off(&mut write, tenant, client_id, ("", "")).await?;
                ("client", client_id, of(client_id))
            }
            Revocation::Authorization { client_id, audience } => {
                self.known_audience(tenant, audience)?;
                cut_off(&mut write, tenant, client_id, (audience, "")).await?;
                ("authorization", client_id, Revoked { audience: Some(audience.to_owned()), ..of(client_id) })
            }
            Revocation::Credential { client_id, credential } => {
                let id = find(&mut write, tenant, client_id, credential).await?.id;
                cut_off(&mut write, tenant, client_id, ("", &id)).await?;
                ("credential", client_id, Revoked { credential: Some(id), ..of(client_id) })
            }
            Revocation::Application(application) => {
                if write.applications(tenant, Some(application)).await?.is_empty() {
                    return Err(ApplyError::NotFound(Kind::Application.name(), application.to_owned()));
                }
                let forget_at = forget_at(&write);
                write.cut_off_application(tenant, application, forget_at).await?;
                let revoked = Revoked { application: Some(application.to_owned()), ..Revoked::default() };
                ("application", application, revoked)
            }
        };
        audit(&mut write, tenant, (kind, name), &revoked).await?;
        self.commit_live(write).await?;
        Ok(revoked)
    }

    /// Revokes one token, presented as a whole. `None`: it is no token of this tenant, or has expired, so that there is
    /// nothing to revoke, which is a success; nothing is written either when it was revoked before.
    ///
    /// > The authorization server responds with HTTP status code 200 if the token has been revoked successfully or if the
    /// > client submitted an invalid token. [...] the purpose of the revocation request, invalidating the particular
    /// > token, is already achieved.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7009#section-2.2>
    pub async fn revoke_token(
        &self,
        by: &Administrator,
        tenant: &str,
        token: &str,
    ) -> Result<Option<Revoked>, ApplyError> {
        let snapshot = self.snapshot();
        let known = snapshot.known_tenant(tenant)?;
        let Some(token) = self.own_token(known, token) else { return Ok(None) };
        if !self.revoked_tokens.contains(tenant, &token.jti) && !self.revoked_tokens.has_room(tenant) {
            return Err(ApplyError::Conflict(format!(
                "{} tokens are revoked one by one already; revoke all tokens of the client or of its credential",
                crate::revoked_tokens::LIMIT
            )));
        }
        self.revoke_one(by.name(), tenant, &token).await.map(Some)
    }

    /// Revokes one token of a tenant in somebody's name; writes nothing when it was revoked before.
    pub(crate) async fn revoke_one(
        &self,
        actor: &str,
        tenant: &str,
        token: &VerifiedToken,
    ) -> Result<Revoked, ApplyError> {
        let revoked = Revoked {
            client_id: Some(token.client_id.clone()),
            audience: Some(token.audience.clone()),
            jti: Some(token.jti.to_string()),
            expires: Timestamp::from_second(token.expires_at).ok(),
            ..Revoked::default()
        };
        if self.revoked_tokens.contains(tenant, &token.jti) {
            return Ok(revoked);
        }
        let mut write = self.store.write(actor, self.now()).await?;
        let row = RevokedToken { tenant: tenant.to_owned(), jti: token.jti.to_string(), expires: token.expires_at };
        if !write.revoke_token(&row).await? {
            write.rollback().await?;
            return Ok(revoked);
        }
        audit(&mut write, tenant, ("token", &token.client_id), &revoked).await?;
        self.commit_live(write).await?;
        Ok(revoked)
    }

    /// Takes up revocations that were read from the store.
    pub(crate) fn remember_revoked(&self, revoked: Vec<RevokedToken>) {
        let credential = |jti: &str| self.keyring.token_id().open(jti).map(|id| id.credential);
        self.revoked_tokens.add(revoked, credential);
    }

    /// Forgets revocations that concern no token that can be alive at `now`, in seconds since the epoch.
    pub async fn forget_revocations(&self, now: i64) -> Result<(), StoreError> {
        self.store.forget_revocations(now - CLOCKS).await?;
        self.revoked_tokens.forget(now - CLOCKS);
        Ok(())
    }

    /// An audience that was mistyped would revoke nothing, and say so to nobody.
    fn known_audience(&self, tenant: &str, audience: &str) -> Result<(), ApplyError> {
        let snapshot = self.snapshot();
        match snapshot.tenant(tenant).and_then(|tenant| tenant.resource_server(audience)) {
            Some(_) => Ok(()),
            None => Err(ApplyError::NotFound("resource server", audience.to_owned())),
        }
    }
}

/// When the last token that was decided before a write has expired, whatever its lifetime.
pub(crate) fn forget_at(write: &Write) -> i64 {
    write.now() + Lifetime::MAX.seconds() + MARGIN
}

async fn find(
    write: &mut Write,
    tenant: &str,
    client_id: &str,
    credential: &str,
) -> Result<StoredCredential, ApplyError> {
    let stored = write.credentials(tenant, client_id).await?;
    let is_it = |known: &StoredCredential| known.id == credential || known.name.as_deref() == Some(credential);
    stored.into_iter().find(is_it).ok_or_else(|| ApplyError::NotFound("credential", credential.to_owned()))
}

async fn cut_off(write: &mut Write, tenant: &str, client_id: &str, only: (&str, &str)) -> Result<(), ApplyError> {
    let forget_at = forget_at(write);
    if write.cut_off_client(tenant, client_id, only, forget_at).await? {
        Ok(())
    } else {
        Err(ApplyError::NotFound("client", client_id.to_owned()))
    }
}

async fn audit(
    write: &mut Write,
    tenant: &str,
    (kind, name): (&str, &str),
    revoked: &Revoked,
) -> Result<(), StoreError> {
    let detail = serde_json::to_value(revoked).map_err(|error| StoreError::Other(error.to_string()))?;
    write.audit(tenant, "revoke_tokens", kind, name, &detail).await
}
