//! Deleting one thing by its kind and name.

use super::application::Homes;
use super::{Applied, ApplyError, Options, Run};
use crate::Core;
use crate::admin::Administrator;
use crate::document::Kind;
use crate::store::{Dangling, Op};
use crate::tenant::OPERATOR;

impl Core {
    /// Deletes one thing, unless something refers to it.
    pub async fn delete(
        &self,
        by: &Administrator,
        tenant: &str,
        kind: Kind,
        name: &str,
    ) -> Result<Applied, ApplyError> {
        let mut run = self.run(by, tenant, Options::default()).await?;
        match kind {
            Kind::Tenant => run.delete_tenant(name).await?,
            Kind::Issuer => run.delete_issuer(name).await?,
            Kind::NetworkZone => run.delete_zone(name).await?,
            Kind::Provider => run.delete_provider(name).await?,
            Kind::Application => run.delete_application(name).await?,
            Kind::Route => run.delete_route(name).await?,
        }
        if let Some((route, audience)) = run.write.route_without_server(tenant).await? {
            let message = format!("the resource server `{audience}` is in use by the route `{route}`");
            return Err(ApplyError::Conflict(message));
        }
        match run.write.dangling(tenant).await? {
            None => run.finish().await,
            Some(Dangling { client_id, .. }) => {
                let message = format!("the {kind} `{name}` is in use by the client `{client_id}`");
                Err(ApplyError::Conflict(message))
            }
        }
    }
}

impl Run<'_> {
    async fn delete_application(&mut self, id: &str) -> Result<(), ApplyError> {
        match self.write.applications(self.tenant, Some(id)).await?.pop() {
            None => Err(not_found(Kind::Application, id)),
            Some(stored) if stored.built_in => Err(ApplyError::Conflict(format!(
                "the application `{id}` is made by writ itself and cannot be deleted"
            ))),
            Some(stored) => self.remove_application(&stored.document, &Homes::default()).await,
        }
    }

    async fn delete_zone(&mut self, name: &str) -> Result<(), ApplyError> {
        if !self.write.network_zones(self.tenant).await?.iter().any(|zone| zone.name == name) {
            return Err(not_found(Kind::NetworkZone, name));
        }
        self.write.delete_network_zone(self.tenant, name).await?;
        Ok(self.changed(Op::Delete, Kind::NetworkZone, name).await?)
    }

    async fn delete_issuer(&mut self, name: &str) -> Result<(), ApplyError> {
        let issuers = self.write.issuers(self.tenant).await?;
        let Some(issuer) = issuers.iter().find(|issuer| issuer.name == name) else {
            return Err(not_found(Kind::Issuer, name));
        };
        let administrators_door = self.core.dialects.first().is_some_and(|dialect| dialect.key == issuer.dialect);
        if self.tenant == OPERATOR && administrators_door {
            let message = format!("the issuer `{name}` issues the tokens of administrators and cannot be deleted");
            return Err(ApplyError::Conflict(message));
        }
        self.write.delete_issuer(self.tenant, name).await?;
        Ok(self.changed(Op::Delete, Kind::Issuer, name).await?)
    }

    async fn delete_tenant(&mut self, name: &str) -> Result<(), ApplyError> {
        if self.tenant != OPERATOR || !self.write.tenants().await?.iter().any(|tenant| tenant.name == name) {
            return Err(not_found(Kind::Tenant, name));
        }
        if name == OPERATOR {
            return Err(ApplyError::Conflict(format!("the tenant `{OPERATOR}` operates the installation")));
        }
        if !self.write.applications(name, None).await?.is_empty() {
            let message = format!("the tenant `{name}` still has applications; delete those first");
            return Err(ApplyError::Conflict(message));
        }
        self.write.delete_tenant(name).await?;
        Ok(self.changed(Op::Delete, Kind::Tenant, name).await?)
    }
}

fn not_found(kind: Kind, name: &str) -> ApplyError {
    ApplyError::NotFound(kind.name(), name.to_owned())
}
