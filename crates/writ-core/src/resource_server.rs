//! Resource servers, ready for decisions.

use writ_oauth::permission::{NamedPermission, NamedPermissions};

use crate::document::{PermissionType, Status};
use crate::store::StoredResourceServer;

/// The called side of an application.
pub struct ResourceServer {
    /// The `aud` of its tokens.
    pub audience: String,
    /// Whether its application is enabled.
    pub enabled: bool,
    /// Whether `sub` carries the mapped subject.
    pub custom_subject: bool,
    /// URLs that name it as `resource`.
    pub resource_urls: Vec<String>,
    /// Its permissions.
    pub permissions: NamedPermissions,
}

impl ResourceServer {
    pub(crate) fn new(stored: StoredResourceServer) -> Self {
        let StoredResourceServer { server, status, .. } = stored;
        let permission = |permission: &crate::document::Permission| NamedPermission {
            id: permission.id.as_str().into(),
            for_machines: permission.kind == PermissionType::Machine,
        };
        Self {
            enabled: status == Status::Enabled,
            custom_subject: server.custom_subject,
            permissions: NamedPermissions::new(server.permissions.iter().map(permission).collect()),
            resource_urls: server.resource_urls,
            audience: server.audience,
        }
    }
}
