//! Administration: who may change the configuration. Writ protects its own admin API with its own tokens.

use std::net::{IpAddr, Ipv4Addr};

use writ_oauth::token::ClaimsLayout;
use writ_oauth::{Refusal, Refused};

use crate::Core;
use crate::enforce::{BearerToken, Requirement};
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
    /// Rotate and revoke signing keys.
    KeyWrite,
    /// Revoke tokens.
    TokenRevoke,
    /// See whether tokens are active.
    TokenIntrospect,
    /// Follow what was revoked.
    TokenFeed,
}

impl AdminPermission {
    /// Every permission.
    pub const ALL: [Self; 8] = [
        Self::ConfigRead,
        Self::ConfigWrite,
        Self::SecretRead,
        Self::SecretWrite,
        Self::KeyWrite,
        Self::TokenRevoke,
        Self::TokenIntrospect,
        Self::TokenFeed,
    ];

    /// The permission id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::ConfigRead => "config:read",
            Self::ConfigWrite => "config:write",
            Self::SecretRead => "secret:read",
            Self::SecretWrite => "secret:write",
            Self::KeyWrite => "key:write",
            Self::TokenRevoke => "token:revoke",
            Self::TokenIntrospect => "token:introspect",
            Self::TokenFeed => "token:feed",
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
    ///
    /// Only tokens in the layout of RFC 9068 count: their `typ` says that they are access tokens.
    pub async fn administrator(
        &self,
        bearer: impl Into<BearerToken<'_>>,
        needs: AdminPermission,
    ) -> Result<Administrator, Refused> {
        let tenant = self.snapshot().tenant(OPERATOR).cloned().ok_or(Refusal::Internal)?;
        // Nothing here depends on the address: the permissions are named ones, of a server that nobody can change.
        let origin = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let requirement = Requirement { audience: AUDIENCE, permission: needs.id(), origin };
        let enforced = self.enforce(&tenant, bearer, requirement).await?;
        let issuer = tenant.issuers.iter().find(|issuer| issuer.url == enforced.issuer());
        match issuer {
            Some(issuer) if issuer.layout == ClaimsLayout::Rfc9068 => Ok(Administrator(enforced.client_id().into())),
            Some(_) | None => Err(Refusal::TokenInvalid.into()),
        }
    }
}
