//! The application document: what calls (its clients), what is called (its resource server), or both.

use serde::{Deserialize, Serialize};

use super::{Assertions, Authorization, Credential, Lifetime, ResourceServer};

/// The method whose assertions are signed with the client's secret.
pub(crate) const CLIENT_SECRET_JWT: &str = "client_secret_jwt";

/// `kind: application`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// The application's key within its tenant, and by default the `client_id` of its client.
    pub id: String,
    /// A name for people; default: the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A disabled application's clients get no tokens, and none are issued for its resource server.
    #[serde(default)]
    pub status: Status,
    /// The called side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_server: Option<ResourceServer>,
    /// The calling side.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<Client>,
}

/// Whether something may be used at present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// In use.
    #[default]
    Enabled,
    /// Kept, but refused.
    Disabled,
}

/// One caller identity of an application.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// The public identifier; default: the application's id. Unique within the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A disabled client gets no tokens.
    #[serde(default)]
    pub status: Status,
    /// The grant types it may use (RFC 6749 section 4).
    #[serde(default = "default_grants")]
    pub grants: Vec<String>,
    /// The ways it may authenticate at the token endpoint.
    #[serde(default = "default_auth_methods")]
    pub auth_methods: Vec<String>,
    /// The issuers it may use; empty: every issuer of the tenant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issuers: Vec<String>,
    /// What its tokens look like.
    #[serde(default, skip_serializing_if = "TokenSettings::is_default")]
    pub token: TokenSettings,
    /// What the JWTs that it proves itself with may be like.
    #[serde(default, skip_serializing_if = "Assertions::is_default")]
    pub assertions: Assertions,
    /// What it gets when it asks for no scope.
    #[serde(default, skip_serializing_if = "DefaultScopes::is_none")]
    pub default_scopes: DefaultScopes,
    /// The network zones it may call from; empty: from anywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<String>,
    /// What happens when part of what it asks for is not granted.
    #[serde(default, skip_serializing_if = "UnmetScopes::is_default")]
    pub unmet_scopes: UnmetScopes,
    /// The ways it can prove itself; absent: whatever is stored stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Vec<Credential>>,
    /// What it may be given; rows are added up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorizations: Vec<Authorization>,
}

fn default_grants() -> Vec<String> {
    vec!["client_credentials".to_owned()]
}

fn default_auth_methods() -> Vec<String> {
    vec!["client_secret_basic".to_owned(), "client_secret_post".to_owned()]
}

/// What a client's tokens look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSettings {
    /// How long an access token lives; absent: the issuer's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<Lifetime>,
    /// The form of the access token.
    #[serde(default)]
    pub format: TokenFormat,
    /// Tokens are bound to the certificate of the client's TLS connection (RFC 8705 section 3), and it gets none
    /// without one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub certificate_bound: bool,
}

impl Client {
    /// One that has the default of everything but its id.
    pub(crate) fn with_id(client_id: Option<String>) -> Self {
        Self {
            client_id,
            name: None,
            status: Status::Enabled,
            grants: default_grants(),
            auth_methods: default_auth_methods(),
            issuers: Vec::new(),
            token: TokenSettings::default(),
            assertions: Assertions::default(),
            default_scopes: DefaultScopes::None,
            networks: Vec::new(),
            unmet_scopes: UnmetScopes::Dialect,
            credentials: None,
            authorizations: Vec::new(),
        }
    }

    /// Whether its secrets are keys of its assertions, and so have to be opened to verify them.
    pub fn signs_with_secrets(&self) -> bool {
        self.auth_methods.iter().any(|method| method == CLIENT_SECRET_JWT)
    }

    /// The `client_id`, which by default is the application's id.
    pub fn id<'a>(&'a self, application: &'a Application) -> &'a str {
        self.client_id.as_deref().unwrap_or(&application.id)
    }
}

impl TokenSettings {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The form of an access token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenFormat {
    /// A signed JWT.
    #[default]
    Jwt,
}

/// What a client gets when it asks for no scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DefaultScopes {
    /// A refusal.
    #[default]
    None,
    /// Everything that is granted on the server asked for. Written `all`.
    All,
    /// These permissions.
    These(Vec<String>),
}

impl DefaultScopes {
    fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// What happens when part of a requested scope is not granted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnmetScopes {
    /// As the front door's dialect has it.
    #[default]
    Dialect,
    /// The request is refused.
    Refuse,
    /// The token is issued for the rest, and what was left out is reported as `rejected_scope`.
    Reduce,
}

impl UnmetScopes {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_default(&self) -> bool {
        *self == Self::Dialect
    }
}
