//! Resource servers, ready for decisions.

use std::collections::HashSet;

use writ_oauth::Refusal;
use writ_oauth::permission::resource::{self, Asked, Circumstances, Resources, Rules, Ruling};
use writ_oauth::permission::{self, Grants, Model, NamedPermission, NamedPermissions, Outcome, Reason, Spelling};
use writ_oauth::request::Echo;

use crate::client::Granted;
use crate::document::{self, PermissionModel, PermissionType, Status};
use crate::store::StoredResourceServer;

/// The called side of an application.
pub struct ResourceServer {
    /// The `aud` of its tokens.
    pub audience: String,
    /// Its application.
    pub application: String,
    /// Whether its application is enabled.
    pub enabled: bool,
    /// Whether `sub` carries the mapped subject.
    pub custom_subject: bool,
    /// URLs that name it as `resource`.
    pub resource_urls: Vec<String>,
    /// Its permissions.
    pub permissions: Permissions,
}

/// The permissions of a resource server, in its model.
pub enum Permissions {
    /// Exact strings.
    Named(NamedPermissions),
    /// Actions on instances of resources.
    Resource(Resources),
}

/// How a front door reads items, and how it writes those that are granted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wording {
    /// How named permissions are compared.
    pub(crate) spelling: Spelling,
    /// How items of resources are written.
    pub(crate) echo: Echo,
}

impl ResourceServer {
    pub(crate) fn new(stored: StoredResourceServer) -> Self {
        let StoredResourceServer { server, status, application, .. } = stored;
        Self {
            application,
            enabled: status == Status::Enabled,
            custom_subject: server.custom_subject,
            permissions: Permissions::new(&server),
            resource_urls: server.resource_urls,
            audience: server.audience,
        }
    }
}

impl Permissions {
    fn new(server: &document::ResourceServer) -> Self {
        match server.model() {
            PermissionModel::Named => {
                let permission = |permission: &document::Permission| NamedPermission {
                    id: permission.id.as_str().into(),
                    for_machines: permission.kind == PermissionType::Machine,
                };
                Self::Named(NamedPermissions::new(server.permissions.iter().map(permission).collect()))
            }
            PermissionModel::Resource => {
                let resource = |resource: &document::Resource| resource::Resource {
                    code: resource.code.as_str().into(),
                    actions: resource.actions.iter().map(|action| action.as_str().into()).collect(),
                };
                Self::Resource(Resources::new(server.resources.iter().map(resource)))
            }
        }
    }

    /// Scope items that name what there is: every named permission, every action of every resource.
    pub fn scopes(&self) -> Vec<String> {
        match self {
            Self::Named(permissions) => permissions.iter().map(|permission| permission.id.to_string()).collect(),
            Self::Resource(resources) => resources.scopes(),
        }
    }

    /// Decides one item, and says how it is written where it is granted.
    ///
    /// A permission of one model is never satisfied by what is granted in the other: `user:read:all` may be an exact
    /// string here and a set of instances elsewhere.
    pub(crate) fn decide(
        &self,
        granted: Option<&Granted>,
        item: &str,
        wording: Wording,
        at: &Circumstances,
    ) -> Result<Box<str>, Refusal> {
        match self {
            Self::Named(permissions) => {
                let nothing = Grants::default();
                let grants = named(granted).unwrap_or(&nothing);
                match permissions.decide(grants, item, wording.spelling).outcome {
                    Outcome::Allowed(permission, _) => Ok(permission.id.clone()),
                    Outcome::Refused(reason) => Err(refusal_of_named(reason)),
                }
            }
            Self::Resource(resources) => {
                let nothing = Rules::default();
                match rules(granted).unwrap_or(&nothing).decide(resources, item, at) {
                    Ruling::Allowed(_) => Ok(written(item, wording.echo)),
                    Ruling::Refused(reason, _) => Err(refusal_of_resource(reason)),
                }
            }
        }
    }

    /// Everything that is granted.
    pub(crate) fn granted(&self, granted: Option<&Granted>, at: &Circumstances) -> Vec<Box<str>> {
        let mut all: Vec<Box<str>> = match self {
            Self::Named(permissions) => {
                let granted = named(granted).map(|grants| permissions.granted(grants));
                granted.into_iter().flatten().map(|permission| permission.id.clone()).collect()
            }
            Self::Resource(_) => {
                let granted = rules(granted).map(|rules| rules.granted(at));
                granted.into_iter().flatten().map(|set| set.to_string().into()).collect()
            }
        };
        let mut seen = HashSet::new();
        all.retain(|item| seen.insert(item.clone()));
        all
    }

    /// Whether one of the items that a token holds includes what is asked for.
    pub(crate) fn held(&self, scope: &str, asked: &str) -> bool {
        let model = match self {
            Self::Named(_) => Model::Named,
            Self::Resource(_) => Model::Resource,
        };
        permission::held(model, scope, asked)
    }
}

/// A granted item, as the front door writes it.
fn written(item: &str, echo: Echo) -> Box<str> {
    match (echo, Asked::parse(item)) {
        (Echo::Canonical, Some(asked)) => asked.to_string().into(),
        (Echo::Canonical, None) | (Echo::Verbatim, _) => item.into(),
    }
}

/// What is granted in named permissions.
pub(crate) fn named(granted: Option<&Granted>) -> Option<&Grants> {
    match granted {
        Some(Granted::Named(grants)) => Some(grants),
        Some(Granted::Rules(_)) | None => None,
    }
}

/// What is granted by rules about resources.
pub(crate) fn rules(granted: Option<&Granted>) -> Option<&Rules> {
    match granted {
        Some(Granted::Rules(rules)) => Some(rules),
        Some(Granted::Named(_)) | None => None,
    }
}

fn refusal_of_named(reason: Reason) -> Refusal {
    match reason {
        Reason::Unknown => Refusal::PermissionUnknown,
        Reason::NotGranted => Refusal::PermissionNotGranted,
        Reason::NotForMachines => Refusal::PermissionNotForMachines,
    }
}

fn refusal_of_resource(reason: resource::Reason) -> Refusal {
    match reason {
        resource::Reason::Unknown => Refusal::PermissionUnknown,
        resource::Reason::NotGranted => Refusal::PermissionNotGranted,
        resource::Reason::Denied => Refusal::PermissionDenied,
        resource::Reason::Expired => Refusal::PermissionExpired,
    }
}
