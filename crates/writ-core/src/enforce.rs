//! Enforcement: may the bearer of this token do this, now.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use writ_oauth::permission::Spelling;
use writ_oauth::permission::resource::Circumstances;
use writ_oauth::request::Echo;
use writ_oauth::x509::CallerCertificate;
use writ_oauth::{Refusal, Refused};

use crate::Core;
use crate::client::{Client, Cutoff};
use crate::resource_server::{ResourceServer, Wording};
use crate::tenant::Tenant;
use crate::token::VerifiedToken;

/// What is asked of a token.
#[derive(Clone, Copy, Debug)]
pub struct Requirement<'a> {
    /// The resource server it must be for.
    pub audience: &'a str,
    /// The permission it must hold there.
    pub permission: &'a str,
    /// The caller's address.
    pub origin: IpAddr,
}

/// A token as a request presents it.
#[derive(Clone, Copy)]
pub struct BearerToken<'a> {
    /// The token.
    pub token: &'a str,
    /// The certificate of the connection that the request came on.
    pub certificate: Option<&'a CallerCertificate>,
}

/// On a connection without a certificate. No `Debug`.
impl<'a, T: AsRef<str> + ?Sized> From<&'a T> for BearerToken<'a> {
    fn from(token: &'a T) -> Self {
        Self { token: token.as_ref(), certificate: None }
    }
}

/// A token that met a requirement. Only [`Core::enforce`] makes one.
pub struct Enforced {
    token: Arc<VerifiedToken>,
    expires_in: Duration,
}

impl Enforced {
    /// The client it was issued to.
    pub fn client_id(&self) -> &str {
        &self.token.client_id
    }

    /// Its subject; `None`: its issuer's tokens name none.
    pub fn subject(&self) -> Option<&str> {
        self.token.subject.as_deref()
    }

    /// What it holds, separated by blanks.
    pub fn scope(&self) -> &str {
        &self.token.scope
    }

    /// Who issued it.
    pub fn issuer(&self) -> &str {
        &self.token.issuer
    }

    /// How long it was still valid when it met the requirement.
    pub fn expires_in(&self) -> Duration {
        self.expires_in
    }
}

impl Core {
    /// Verifies a token and decides, under the rules of this moment, whether it meets a requirement.
    ///
    /// What the token says is the most it can have; what its client is granted now is the most it can still have.
    pub async fn enforce(
        &self,
        tenant: &Tenant,
        bearer: impl Into<BearerToken<'_>>,
        requirement: Requirement<'_>,
    ) -> Result<Enforced, Refused> {
        self.check_current()?;
        let bearer = bearer.into();
        let verified = self.verified(tenant, bearer.token, requirement.audience)?;
        verified
            .is_presented_by(bearer.certificate)
            .map_err(|refusal| Refused::from(refusal).of_client(&verified.client_id))?;
        if self.revoked_tokens.contains(&tenant.name, &verified.jti) {
            let refused = Refused::from(Refusal::TokenRevoked).because(TakenBack::Token);
            return Err(refused.of_client(&verified.client_id));
        }
        let client = self.client(&tenant.name, &verified.client_id).await.map_err(|error| {
            tracing::warn!(%error, "a client could not be read");
            Refusal::StoreUnavailable
        })?;
        let decided = match client {
            None => Err(Refused::from(Refusal::TokenRevoked).because(TakenBack::ClientGone)),
            Some(client) => Asking::new(tenant, &client, &verified, (requirement, self.now())).decide(),
        };
        decided.map_err(|refused: Refused| refused.of_client(&verified.client_id))?;
        let left = u64::try_from(verified.expires_at - self.now()).unwrap_or_default();
        Ok(Enforced { token: verified, expires_in: Duration::from_secs(left) })
    }
}

/// What is asked of a verified token and its client, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Live {
    /// Is everything still there that the token rests on?
    Standing,
    /// May the resource server be called?
    Server,
    /// Does the token hold the permission?
    Held,
    /// Is it still granted to the client?
    Granted,
}

/// A token of a client, and what is asked of it.
pub(crate) struct Asking<'a> {
    client: &'a Client,
    token: &'a VerifiedToken,
    permission: &'a str,
    server: Option<&'a ResourceServer>,
    at: Circumstances,
}

/// How what a route asks for is compared.
pub(crate) const WORDING: Wording = Wording { spelling: Spelling::Exact, echo: Echo::Verbatim };

impl Live {
    pub(crate) const ALL: [Self; 4] = [Self::Standing, Self::Server, Self::Held, Self::Granted];
}

impl<'a> Asking<'a> {
    pub(crate) fn new(
        tenant: &'a Tenant,
        client: &'a Client,
        token: &'a VerifiedToken,
        (requirement, now): (Requirement<'a>, i64),
    ) -> Self {
        let Requirement { audience, permission, origin } = requirement;
        let server = tenant.resource_server(audience).map(|server| &**server).filter(|server| server.enabled);
        Self { client, token, permission, server, at: Circumstances { now, origin: Some(origin) } }
    }

    fn decide(&self) -> Result<(), Refused> {
        Live::ALL.into_iter().try_for_each(|question| self.check(question))
    }

    pub(crate) fn check(&self, question: Live) -> Result<(), Refused> {
        let insufficient = || Refused::about(Refusal::TokenInsufficient, self.permission);
        let gone = || Refused::from(Refusal::TokenRevoked).because(TakenBack::Server);
        match (question, self.server) {
            (Live::Standing, _) => {
                let taken_back = self.client.taken_back(self.token);
                taken_back.map_or(Ok(()), |what| Err(Refused::from(Refusal::TokenRevoked).because(what)))
            }
            (Live::Server | Live::Held | Live::Granted, None) => Err(gone()),
            (Live::Server, Some(_)) => Ok(()),
            (Live::Held, Some(server)) if server.permissions.held(&self.token.scope, self.permission) => Ok(()),
            (Live::Held, Some(_)) => Err(insufficient().because("the token does not hold it")),
            (Live::Granted, Some(server)) => {
                let granted = self.client.granted_on(&server.audience);
                let decided = server.permissions.decide(granted, self.permission, WORDING, &self.at);
                decided.map(drop).map_err(|refusal| {
                    let (client_id, permission) = (&*self.client.client_id, self.permission);
                    tracing::debug!(client_id, permission, ?refusal, "a token holds what its client does not");
                    insufficient().because(format_args!("its client is not granted it now ({refusal:?})"))
                })
            }
        }
    }
}

/// Something that a token rests on and that was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TakenBack {
    #[error("this token was revoked by itself")]
    Token,
    #[error("its client is gone")]
    ClientGone,
    #[error("its client is disabled")]
    ClientDisabled,
    #[error("its client's application is disabled")]
    ApplicationDisabled,
    #[error("the credential that it was got with is gone")]
    CredentialGone,
    #[error("the credential that it was got with is disabled")]
    CredentialDisabled,
    #[error("the tokens of its client, or of the credential or the authorization behind it, were revoked")]
    Cutoff,
    #[error("the resource server that it is for is gone or disabled")]
    Server,
}

impl VerifiedToken {
    /// Whether it comes on a connection with the certificate that it is bound to, if it is bound. Asked of every request:
    /// what is remembered of a token says nothing of who has it now.
    ///
    /// > The protected resource MUST obtain, from its TLS implementation layer, the client certificate used for mutual
    /// > TLS and MUST verify that the certificate matches the certificate associated with the access token. If they do
    /// > not match, the resource access attempt MUST be rejected with an error, per \[RFC6750\], using an HTTP 401
    /// > status code and the "invalid_token" error code.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc8705#section-3>
    pub(crate) fn is_presented_by(&self, certificate: Option<&CallerCertificate>) -> Result<(), Refusal> {
        match (self.confirmation, certificate) {
            (None, _) => Ok(()),
            (Some(bound), Some(certificate)) if certificate.confirmation() == bound => Ok(()),
            (Some(_), _) => Err(Refusal::TokenCertificateMismatch),
        }
    }
}

impl Client {
    /// Whether something that the token rests on was taken back since it was decided.
    pub(crate) fn has_revoked(&self, token: &VerifiedToken) -> bool {
        self.taken_back(token).is_some()
    }

    /// What of it was taken back; the first that is found.
    pub(crate) fn taken_back(&self, token: &VerifiedToken) -> Option<TakenBack> {
        let credential = self.credential(token.id.credential);
        let cut_off = || self.cutoffs.iter().any(|cutoff| cutoff.reaches(token));
        match credential {
            _ if !self.enabled => Some(TakenBack::ClientDisabled),
            _ if !self.application_enabled => Some(TakenBack::ApplicationDisabled),
            None => Some(TakenBack::CredentialGone),
            Some(credential) if !credential.enabled => Some(TakenBack::CredentialDisabled),
            Some(_) => cut_off().then_some(TakenBack::Cutoff),
        }
    }
}

impl Cutoff {
    /// Whether a token was decided before it, and is one of those that it is about.
    fn reaches(&self, token: &VerifiedToken) -> bool {
        self.audience.as_ref().is_none_or(|audience| **audience == *token.audience)
            && self.credential.is_none_or(|credential| credential == token.id.credential)
            && i64::try_from(token.id.sequence).is_ok_and(|decided| decided < self.sequence)
    }
}
