//! Introspection (RFC 7662): whether a token is active, for those whom it concerns.

use std::sync::Arc;

use writ_oauth::Refused;
use writ_oauth::binding::Confirmation;
use writ_oauth::permission::Spelling;
use writ_oauth::permission::resource::Circumstances;
use writ_oauth::request::Echo;

use crate::Core;
use crate::admin::Administrator;
use crate::inspect::Inspected;
use crate::permit::{Admitted, Door};
use crate::resource_server::Wording;
use crate::tenant::Tenant;
use crate::token::VerifiedToken;

/// An active token. Only [`Core::introspect`] and [`Core::introspect_any`] make one.
pub struct Introspected {
    token: Arc<VerifiedToken>,
    application: String,
    scope: String,
}

impl Introspected {
    /// Who issued it.
    pub fn issuer(&self) -> &str {
        &self.token.issuer
    }

    /// The client it was issued to.
    pub fn client_id(&self) -> &str {
        &self.token.client_id
    }

    /// Its subject; `None`: its issuer's tokens name none.
    pub fn subject(&self) -> Option<&str> {
        self.token.subject.as_deref()
    }

    /// The audience of the resource server that it is for.
    pub fn audience(&self) -> &str {
        &self.token.audience
    }

    /// That server's application.
    pub fn application(&self) -> &str {
        &self.application
    }

    /// What of its scope is still granted, separated by blanks.
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// Issued at, in seconds since the epoch.
    pub fn issued_at(&self) -> i64 {
        self.token.issued_at
    }

    /// Expires at, in seconds since the epoch.
    pub fn expires_at(&self) -> i64 {
        self.token.expires_at
    }

    /// Its id.
    pub fn jti(&self) -> &str {
        &self.token.jti
    }

    /// What whoever uses it has to present.
    pub fn confirmation(&self) -> Option<Confirmation> {
        self.token.confirmation
    }
}

impl Core {
    /// Whether a token is active for a client that asks at the door that issued it; `None`: it is not, or that is none of
    /// the client's business.
    ///
    /// > If the token is not active, does not exist on this server, or the protected resource is not allowed to
    /// > introspect this particular token, then the authorization server MUST return an introspection response with the
    /// > "active" field set to "false".
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7662#section-2.2>
    pub async fn introspect(&self, door: &Door, by: &Admitted, token: &str) -> Result<Option<Introspected>, Refused> {
        let client = by.client();
        let concerns = |token: &VerifiedToken, tenant: &Tenant| {
            (token.issuer == door.issuer.url) & token.may_be_seen_by(client, tenant)
        };
        let active = self.active(&door.tenant.name, token, concerns).await;
        let active = active.map_err(|refused| refused.of_client(&client.client_id))?;
        // The last step, as where tokens are issued: a request that is refused has spent nothing.
        let spent = self.use_up(by.authenticated()).await;
        spent.map_err(|refusal| Refused::from(refusal).of_client(&client.client_id))?;
        Ok(active)
    }

    /// Whether a token of a tenant is active, for an administrator: whichever of its doors issued it.
    pub async fn introspect_any(
        &self,
        _by: &Administrator,
        tenant: &str,
        token: &str,
    ) -> Result<Option<Introspected>, Refused> {
        self.active(tenant, token, |_, _| true).await
    }

    /// Every question that is asked of a token that this tenant issued is asked of each, so that how long the answer takes
    /// does not say which of them was answered with no. What was asked about before, or used at the gateway, is not
    /// verified again.
    async fn active(
        &self,
        tenant: &str,
        token: &str,
        concerns: impl FnOnce(&VerifiedToken, &Tenant) -> bool,
    ) -> Result<Option<Introspected>, Refused> {
        let snapshot = self.snapshot();
        let Some(tenant) = snapshot.tenant(tenant) else { return Ok(None) };
        let Some(inspected) = self.inspect(tenant, token).await? else { return Ok(None) };
        let scope = inspected.still_granted(tenant, self.now());
        let concerns = concerns(&inspected.token, tenant);
        let active = scope.filter(|_| inspected.lives & concerns);
        let application = inspected.token.application(tenant).unwrap_or_default().to_owned();
        Ok(active.map(|scope| Introspected { token: inspected.token, application, scope }))
    }
}

impl Inspected {
    /// What its client is still granted of what it says; `None`: nothing of it, so that it can be used for nothing. A
    /// token that was issued for nothing can be presented all the same.
    ///
    /// Decided as the gateway decides, and for a caller anywhere: who asks is not who will call.
    fn still_granted(&self, tenant: &Tenant, now: i64) -> Option<String> {
        let server = tenant.resource_server(&self.token.audience).filter(|server| server.enabled)?;
        let granted = self.client.as_ref().and_then(|client| client.granted_on(&server.audience));
        let wording = Wording { spelling: Spelling::Exact, echo: Echo::Verbatim };
        let at = Circumstances { now, origin: None };
        let holds = |item: &&str| server.permissions.decide(granted, item, wording, &at).is_ok();
        let written: Vec<_> = self.token.scope.split(' ').filter(|item| !item.is_empty()).collect();
        let held: Vec<_> = written.iter().copied().filter(holds).collect();
        (written.is_empty() || !held.is_empty()).then(|| held.join(" "))
    }
}
