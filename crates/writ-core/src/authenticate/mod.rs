//! Authentication: which client is this, and by which credential. One file for each kind of proof.

mod assertion;
mod certificate;
mod federated;
mod secret;

pub use federated::{CredentialTest, Step, StepOutcome, TestRefusal, Tried, TriedStep};

#[cfg(test)]
pub(crate) use secret::tests;

use std::sync::Arc;

use writ_oauth::binding::Confirmation;
use writ_oauth::client_auth::{AssertionForm, AuthMethod, Presented};
use writ_oauth::token::CredentialTag;
use writ_oauth::{Refusal, Refused};

use crate::client::Client;
use crate::ledger::Spend;
use crate::{Core, Door};

/// A client that has proven itself. Only [`Core::authenticate`] makes one.
pub struct Authenticated {
    proven: Proven,
    /// The change sequence under which all that is decided about it is decided, at the latest.
    sequence: i64,
    /// What its tokens are bound to.
    confirmation: Option<Confirmation>,
}

/// What a proof has shown: the outcome of each file here.
struct Proven {
    client: Arc<Client>,
    credential: CredentialTag,
    method: AuthMethod,
    /// The subject that the credential maps to.
    subject: Option<String>,
    /// What can be used once, and is used up when the token is issued.
    spend: Option<Spend>,
}

impl Authenticated {
    /// The client.
    pub fn client(&self) -> &Client {
        &self.proven.client
    }

    /// By which method.
    pub fn method(&self) -> AuthMethod {
        self.proven.method
    }

    /// The subject that the credential maps to, if it maps to one.
    pub fn subject(&self) -> Option<&str> {
        self.proven.subject.as_deref()
    }

    pub(crate) fn credential(&self) -> CredentialTag {
        self.proven.credential
    }

    pub(crate) fn sequence(&self) -> i64 {
        self.sequence
    }

    /// What its tokens are bound to, if they are bound.
    pub(crate) const fn confirmation(&self) -> Option<Confirmation> {
        self.confirmation
    }

    /// What is to be spent before the client gets an answer.
    pub(crate) fn spend(&self) -> Option<&Spend> {
        self.proven.spend.as_ref()
    }
}

impl Core {
    /// Authenticates what a request presented at a door.
    ///
    /// What is said about a client (that it is disabled, that its secret has expired) is said only to someone who
    /// has proven a credential of it; everyone else learns the same as about a client that does not exist.
    pub async fn authenticate(&self, door: &Door, presented: &Presented) -> Result<Authenticated, Refused> {
        self.check_current()?;
        // Taken before anything is read, so that no change that is not heeded counts as heeded: a revocation reaches
        // every token that was decided before it.
        let sequence = self.directory.sequence();
        let proven = match presented {
            Presented::Secret(method, secret) => self.by_secret(door, *method, secret).await?,
            Presented::Assertion(assertion) => match assertion.form() {
                AssertionForm::Jwt => self.by_assertion(door, assertion).await?,
                AssertionForm::IdToken | AssertionForm::Pkcs7 | AssertionForm::X509Jwt | AssertionForm::SpiffeJwt => {
                    self.by_federated(door, assertion).await?
                }
            },
            Presented::Connection(client_id) => self.by_certificate(door, client_id).await?,
        };
        let confirmation = confirmation(&proven, door)
            .map_err(|refusal| Refused::from(refusal).of_client(&proven.client.client_id))?;
        Ok(Authenticated { proven, sequence, confirmation })
    }

    /// The client that somebody says to be.
    async fn claimed(&self, door: &Door, client_id: &str) -> Result<Option<Arc<Client>>, Refused> {
        self.client(&door.tenant.name, client_id).await.map_err(|error| {
            tracing::warn!(%error, "a client could not be read");
            Refused::from(Refusal::StoreUnavailable).of_client(client_id)
        })
    }
}

/// What the tokens of a client that has proven itself are bound to.
///
/// > When mutual TLS is used by the client on the connection to the token endpoint, the authorization server is able to
/// > bind the issued access token to the client certificate.
///
/// It does so for clients that prove themselves by it and for those that ask for it; others may happen to have a
/// certificate that they will not have elsewhere.
///
/// <https://www.rfc-editor.org/rfc/rfc8705#section-3>
fn confirmation(proven: &Proven, door: &Door) -> Result<Option<Confirmation>, Refusal> {
    if !proven.method.is_by_certificate() && !proven.client.certificate_bound {
        return Ok(None);
    }
    let certificate = door.certificate.as_ref().ok_or(Refusal::ConnectionCertificateMissing)?;
    Ok(Some(certificate.confirmation()))
}

impl Client {
    /// Whether a client that has proven itself by a method may do so.
    fn admits(&self, method: AuthMethod) -> Result<(), Refused> {
        if !self.auth_methods.contains(&method) {
            return Err(Refused::about(Refusal::MethodNotRegistered, method.name()));
        }
        Ok(self.is_enabled()?)
    }

    /// Whether it and its application may be used.
    pub(crate) fn is_enabled(&self) -> Result<(), Refusal> {
        match self {
            Self { enabled: false, .. } => Err(Refusal::ClientDisabled),
            Self { application_enabled: false, .. } => Err(Refusal::ApplicationDisabled),
            Self { .. } => Ok(()),
        }
    }
}
