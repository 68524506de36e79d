//! The called side of an application, and its permissions in one of two models.

use serde::{Deserialize, Serialize};

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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<Permission>,
    /// The resources. A server has either these or named permissions, and keeps to the model it was made with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Resource>,
}

/// How the permissions of a resource server are written and decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PermissionModel {
    /// Exact strings.
    Named,
    /// Actions on instances of resources.
    Resource,
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

/// One resource of a resource server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// The first part of scope items; unique within the server.
    pub code: String,
    /// What can be done with it: `read`, or `T:read`, which is the same.
    pub actions: Vec<String>,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is, for people; it decides nothing.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<ResourceType>,
}

/// What a resource is, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceType {
    /// Data.
    Data,
    /// An API.
    Api,
    /// A menu.
    Menu,
    /// Something on a page.
    Ui,
    /// A button.
    Button,
}

impl ResourceServer {
    /// Its permission model: named unless it has resources.
    pub fn model(&self) -> PermissionModel {
        if self.resources.is_empty() { PermissionModel::Named } else { PermissionModel::Resource }
    }

    /// Writes every action in its short form, in which it is stored and compared.
    pub(crate) fn shorten_actions(&mut self) {
        for Resource { code, actions, .. } in &mut self.resources {
            for action in actions {
                if let Some(short) = action.strip_prefix(&**code).and_then(|rest| rest.strip_prefix(':')) {
                    *action = short.to_owned();
                }
            }
        }
    }
}

impl PermissionModel {
    /// The word for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Resource => "resource",
        }
    }
}

impl ResourceType {
    /// Every type.
    pub const ALL: [Self; 5] = [Self::Data, Self::Api, Self::Menu, Self::Ui, Self::Button];

    /// The word in documents and in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Api => "api",
            Self::Menu => "menu",
            Self::Ui => "ui",
            Self::Button => "button",
        }
    }
}
