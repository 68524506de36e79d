//! Administration: who may change the configuration. Writ protects its own admin API with its own tokens.

use writ_oauth::jose::{AudienceForm, Expectation, UnverifiedJwt, verify};
use writ_oauth::permission::{Outcome, Spelling};
use writ_oauth::token::ClaimsLayout;
use writ_oauth::{Refusal, Refused};

use crate::Core;
use crate::issuer::Issuer;
use crate::tenant::OPERATOR;

/// The audience of administrators' tokens.
pub const AUDIENCE: &str = "urn:writ:admin";

/// The application, and its client, that Writ makes for the first administrator.
pub const CLIENT: &str = "writ-admin";

/// What an administrator may be permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminPermission {
    /// Read every document.
    ConfigRead,
    /// Apply and delete documents.
    ConfigWrite,
    /// List secrets and show their values.
    SecretRead,
    /// Issue, change and revoke secrets.
    SecretWrite,
}

impl AdminPermission {
    /// Every permission.
    pub const ALL: [Self; 4] = [Self::ConfigRead, Self::ConfigWrite, Self::SecretRead, Self::SecretWrite];

    /// The permission id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::ConfigRead => "config:read",
            Self::ConfigWrite => "config:write",
            Self::SecretRead => "secret:read",
            Self::SecretWrite => "secret:write",
        }
    }
}

/// Someone who may administer. Only [`Core::administrator`] makes one from outside.
pub struct Administrator(String);

impl Administrator {
    /// The server itself, making its own first configuration.
    pub(crate) fn server() -> Self {
        Self("writ".into())
    }

    /// How audit records name them.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl Core {
    /// Verifies an administrator's token and that it, and the client's present authorizations, hold a permission.
    pub async fn administrator(&self, token: &str, needs: AdminPermission) -> Result<Administrator, Refused> {
        let (client_id, scope) = self.verify_admin_token(token)?;
        let tenant = self.snapshot().tenant(OPERATOR).cloned().ok_or(Refusal::Internal)?;
        let client = self.client(OPERATOR, &client_id).await.map_err(|_| Refusal::StoreUnavailable)?;
        let client = client.filter(|client| client.enabled && client.application_enabled);
        let refused = |refusal| Refused::from(refusal).of_client(&client_id);
        let client = client.ok_or_else(|| refused(Refusal::TokenInvalid))?;
        let server = tenant.resource_server(AUDIENCE).ok_or(Refusal::Internal)?;
        let grants = client.grants_on(AUDIENCE).ok_or_else(|| refused(Refusal::TokenInsufficient))?;
        let decision = server.permissions.decide(grants, needs.id(), Spelling::Exact);
        let granted_now = matches!(decision.outcome, Outcome::Allowed(..));
        if granted_now && scope.split(' ').any(|item| item == needs.id()) {
            Ok(Administrator(client_id))
        } else {
            Err(Refused::about(Refusal::TokenInsufficient, needs.id()).of_client(&client_id))
        }
    }

    /// The client and scope of a token that one of the operator's RFC 9068 issuers made for the admin API.
    fn verify_admin_token(&self, token: &str) -> Result<(String, String), Refusal> {
        let invalid = |error| {
            tracing::debug!(%error, "an administrator's token was refused");
            Refusal::TokenInvalid
        };
        let jwt = UnverifiedJwt::parse(token).map_err(invalid)?;
        let snapshot = self.snapshot();
        let tenant = snapshot.tenant(OPERATOR).ok_or(Refusal::Internal)?;
        let says = jwt.unverified_iss().ok_or(Refusal::TokenInvalid)?;
        let is_it = |issuer: &&std::sync::Arc<Issuer>| issuer.url == says && issuer.typ == ClaimsLayout::Rfc9068.typ();
        let issuer = tenant.issuers.iter().find(is_it).ok_or(Refusal::TokenInvalid)?;
        let expectation = Expectation {
            issuer: Some(&issuer.url),
            audiences: &[AUDIENCE],
            audience_form: AudienceForm::OneString,
            types: &[ClaimsLayout::Rfc9068.typ()],
            typ_optional: false,
            max_lifetime: None,
            leeway: 0,
            required: &["iat", "jti", "sub"],
        };
        let keys = issuer.keys.iter().map(|key| &key.verifying);
        let claims = verify(jwt, keys, &expectation, self.now()).map_err(invalid)?;
        let client_id = claims.client_id().map_err(invalid)?.ok_or(Refusal::TokenInvalid)?;
        let scope = claims.scope().map_err(invalid)?.unwrap_or_default();
        Ok((client_id.to_owned(), scope.to_owned()))
    }
}
