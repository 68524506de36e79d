//! Resource documents: what `writ apply -f` reads, the admin API speaks and `writ get` prints.
//!
//! A document is the public shape of one configuration object. Nested lists belong to their document: applying it
//! replaces them, except credentials, which are matched by `name`, else by digest or thumbprint. Unknown fields are refused by name.
//! An absent value keeps what is stored only for secrets; everything else takes its documented default, so that
//! the same document always means the same configuration.

mod application;
mod assertion;
mod authorization;
mod certificate;
pub(crate) mod credential;
pub(crate) mod expression;
mod federated;
mod lifetime;
mod parse;
mod profile_condition;
mod provider;
mod public_key;
mod resource_server;
mod route;
mod tenant;
mod trusted;
mod wire;

pub(crate) use application::CLIENT_SECRET_JWT;
pub use application::{Application, Client, DefaultScopes, Status, TokenFormat, TokenSettings, UnmetScopes};
pub use assertion::{AssertionProfile, Assertions};
pub use authorization::{Authorization, AuthorizationRule, Given, Permissions, RuleEffect};
pub use certificate::{CertificateIdentity, RegisteredCertificate};
pub use credential::{Credential, CredentialSettings, Proof, Secret, SecretValue};
pub use federated::{Azure, CommonName, Ecs, Federated, Gcp, Github, Gitlab, Kubernetes, Profile, Spiffe};
pub use lifetime::{Lifetime, RotationPeriod};
pub use parse::{DocumentFault, from_json, list_from_json};
pub use provider::{JwksSource, Oidc, Pkcs7, PrivateCa, Provider, ProviderSettings, Trust};
pub use public_key::{JwksUri, PublicKey};
pub use resource_server::{Permission, PermissionModel, PermissionType, Resource, ResourceServer, ResourceType};
pub use route::{Route, RouteMatch, RouteRequirement, RouteUpstream, TokenForwarding};
use serde::{Deserialize, Serialize};
pub use tenant::{Issuer, IssuerToken, NetworkZone, Signing, Tenant};

/// The kinds of documents, in the order in which they are applied and listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One customer of the installation.
    Tenant,
    /// A front door of a tenant.
    Issuer,
    /// A named list of address ranges.
    NetworkZone,
    /// A trust anchor outside Writ.
    Provider,
    /// What calls, is called, or both.
    Application,
    /// What the gateway lets through.
    Route,
}

impl Kind {
    /// Every kind, in the order of application.
    pub const ALL: [Self; 6] =
        [Self::Tenant, Self::Issuer, Self::NetworkZone, Self::Provider, Self::Application, Self::Route];

    /// The word in documents, on the command line and in paths of the admin API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Issuer => "issuer",
            Self::NetworkZone => "network_zone",
            Self::Provider => "provider",
            Self::Application => "application",
            Self::Route => "route",
        }
    }

    /// The kind with this name; `-` may stand for `_`.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.replace('-', "_");
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// One document of any kind.
#[derive(Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Document {
    /// `kind: tenant`
    Tenant(Tenant),
    /// `kind: issuer`
    Issuer(Issuer),
    /// `kind: network_zone`
    NetworkZone(NetworkZone),
    /// `kind: provider`
    Provider(Provider),
    /// `kind: application`
    Application(Application),
    /// `kind: route`
    Route(Route),
}

impl Document {
    /// The document's kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Tenant(_) => Kind::Tenant,
            Self::Issuer(_) => Kind::Issuer,
            Self::NetworkZone(_) => Kind::NetworkZone,
            Self::Provider(_) => Kind::Provider,
            Self::Application(_) => Kind::Application,
            Self::Route(_) => Kind::Route,
        }
    }

    /// The document's key within its tenant and kind: an application's `id`, else `name`.
    pub fn name(&self) -> &str {
        match self {
            Self::Tenant(tenant) => &tenant.name,
            Self::Issuer(issuer) => &issuer.name,
            Self::NetworkZone(zone) => &zone.name,
            Self::Provider(provider) => &provider.settings.name,
            Self::Application(application) => &application.id,
            Self::Route(route) => &route.name,
        }
    }
}
