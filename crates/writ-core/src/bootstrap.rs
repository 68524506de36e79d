//! The first start: the operator's tenant, its front doors, and the credential that everything else begins with.

use writ_oauth::secret::PlainSecret;

use crate::admin::{AUDIENCE, AdminPermission, Administrator, CLIENT};
use crate::document::{
    Application, Authorization, Client, CredentialSettings, DefaultScopes, Given, Kind, Permission, PermissionType,
    Permissions, ResourceServer, Status, Tenant,
};
use crate::store::{IdentifierOwner, Op, StoreError, StoredApplication, Write};
use crate::tenant::OPERATOR;
use crate::{Core, random};

/// The name of its secret.
const BOOTSTRAP_SECRET: &str = "bootstrap";

impl Core {
    /// Makes the operator's tenant, unless it is there.
    pub(crate) async fn bootstrap(&self) -> Result<(), StoreError> {
        if !self.store.tenants().await?.is_empty() {
            return Ok(());
        }
        let mut write = self.store.write(Administrator::server().name(), self.now()).await?;
        // Another process may have been first.
        if !write.tenants().await?.is_empty() {
            return write.rollback().await;
        }
        write.put_tenant(&Tenant { name: OPERATOR.into(), url: None, hosts: Vec::new() }).await?;
        write.record(OPERATOR, Op::Create, Kind::Tenant, OPERATOR).await?;
        self.add_default_issuers(&mut write, OPERATOR).await?;
        self.add_admin_application(&mut write).await?;
        write.commit(&self.store).await?;
        Ok(())
    }

    async fn add_admin_application(&self, write: &mut Write) -> Result<(), StoreError> {
        let application = admin_application();
        write.put_application(OPERATOR, &application, true).await?;
        for (kind, value) in [("audience", AUDIENCE), ("client", CLIENT)] {
            let owner = IdentifierOwner { kind: kind.into(), application: CLIENT.into() };
            write.claim_identifier(OPERATOR, value, &owner).await?;
        }
        if let Some(server) = &application.resource_server {
            write.put_resource_server(OPERATOR, CLIENT, server).await?;
        }
        for client in &application.clients {
            write.put_client(OPERATOR, CLIENT, 0, client).await?;
        }
        let value = random::secret().map_err(|_| crate::keyring::KeyringFault::Randomness)?;
        let settings = CredentialSettings { name: Some(BOOTSTRAP_SECRET.into()), ..CredentialSettings::default() };
        let new = self.new_secret(OPERATOR, CLIENT, &settings, &value, write.now())?;
        write.add_credential(OPERATOR, CLIENT, &new).await?;
        write.record(OPERATOR, Op::Create, Kind::Application, CLIENT).await
    }

    /// Gives an installation that an earlier version made the permissions that are new since then. Those that a later
    /// version added stay.
    pub(crate) async fn add_new_permissions(&self) -> Result<(), StoreError> {
        let stored = self.store.applications(OPERATOR, Some(CLIENT)).await?;
        if with_new_permissions(stored).is_none() {
            return Ok(());
        }
        let mut write = self.store.write(Administrator::server().name(), self.now()).await?;
        // Another process may have been first.
        let Some(server) = with_new_permissions(write.applications(OPERATOR, Some(CLIENT)).await?) else {
            return write.rollback().await;
        };
        write.put_resource_server(OPERATOR, CLIENT, &server).await?;
        write.record(OPERATOR, Op::Update, Kind::Application, CLIENT).await?;
        write.commit(&self.store).await?;
        Ok(())
    }

    /// The bootstrap credential's secret, as long as it is there.
    pub async fn bootstrap_secret(&self) -> Result<Option<PlainSecret>, StoreError> {
        let secrets = self.store.secrets(OPERATOR, CLIENT).await?;
        match secrets.iter().find(|secret| secret.name.as_deref() == Some(BOOTSTRAP_SECRET)) {
            None => Ok(None),
            Some(secret) => self.open_secret(OPERATOR, CLIENT, &secret.id).await,
        }
    }
}

/// The administrators' resource server with the permissions it lacks; `None`: it lacks none.
fn with_new_permissions(stored: Vec<StoredApplication>) -> Option<ResourceServer> {
    let mut server = stored.into_iter().find_map(|stored| stored.document.resource_server)?;
    let lacks = |wanted: &Permission| !server.permissions.iter().any(|known| known.id == wanted.id);
    let new: Vec<_> = AdminPermission::ALL.into_iter().map(permission).filter(lacks).collect();
    server.permissions.extend_from_slice(&new);
    (!new.is_empty()).then_some(server)
}

fn permission(permission: AdminPermission) -> Permission {
    Permission { id: permission.id().into(), name: None, kind: PermissionType::Machine }
}

fn admin_application() -> Application {
    Application {
        id: CLIENT.into(),
        name: Some("Administration of Writ".into()),
        status: Status::Enabled,
        resource_server: Some(ResourceServer {
            audience: AUDIENCE.into(),
            resource_urls: Vec::new(),
            custom_subject: false,
            permissions: AdminPermission::ALL.into_iter().map(permission).collect(),
            resources: Vec::new(),
        }),
        clients: vec![Client {
            default_scopes: DefaultScopes::All,
            authorizations: vec![Authorization {
                audience: AUDIENCE.into(),
                given: Given::Permissions(Permissions::All),
            }],
            ..Client::with_id(None)
        }],
    }
}
