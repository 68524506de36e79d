//! The application document: what calls (its clients), what is called (its resource server), or both.

use serde::{Deserialize, Serialize};

use super::{Assertions, Credential, Lifetime};

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

/// The called side of an application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceServer {
    /// The `aud` of its tokens; immutable, unique within the tenant.
    pub audience: String,
    /// URLs that may be asked for as `resource` (RFC 8707) in place of the audience.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource_urls: Vec<String>,
    /// `true`: the `sub` of its tokens is `client_id:subject`, the subject mapped from the credential.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub custom_subject: bool,
    /// The named permissions.
    #[serde(default)]
    pub permissions: Vec<Permission>,
}

/// One named permission of a resource server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// The exact string in scopes and tokens; unique within the server, also when ASCII case is ignored.
    pub id: String,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who may be given it.
    #[serde(default, rename = "type")]
    pub kind: PermissionType,
}

/// Who may be given a permission.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PermissionType {
    /// A machine, never a person's flow.
    #[default]
    Machine,
    /// A person's flow, never a machine on its own.
    User,
}

/// One caller identity of an application.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// The public identifier; default: the application's id. Unique within the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
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

/// A row that gives one client permissions on one resource server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorization {
    /// The resource server.
    pub audience: String,
    /// What is given there.
    pub permissions: Permissions,
}

/// What an authorization gives on its resource server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permissions {
    /// Every permission the server has, now and later. Written `all`.
    All,
    /// These permissions, in their registered spelling.
    These(Vec<String>),
}

impl Permissions {
    /// Adds what another authorization on the same server gives.
    pub fn add(&mut self, other: Self) {
        let (Self::These(list), Self::These(more)) = (&mut *self, other) else {
            *self = Self::All;
            return;
        };
        for id in more {
            if !list.contains(&id) {
                list.push(id);
            }
        }
    }
}

impl Client {
    /// One authorization an audience, each permission once: the form in which authorizations are stored and compared.
    pub fn merge_authorizations(&mut self) {
        let mut merged: Vec<Authorization> = Vec::new();
        for Authorization { audience, permissions } in self.authorizations.drain(..) {
            if !merged.iter().any(|known| known.audience == audience) {
                merged.push(Authorization { audience: audience.clone(), permissions: Permissions::These(Vec::new()) });
            }
            for known in merged.iter_mut().filter(|known| known.audience == audience) {
                known.permissions.add(permissions.clone());
            }
        }
        // One that gives nothing is none.
        merged.retain(|known| known.permissions != Permissions::These(Vec::new()));
        self.authorizations = merged;
    }
}
