//! Applying the gateway's routes.

use std::collections::HashMap;

use super::{ApplyError, Named, Run, names};
use crate::document::{self, DocumentFault, Kind};
use crate::route::Route;
use crate::store::Op;
use crate::tenant::without_port;

impl Run<'_> {
    pub(super) async fn routes(
        &mut self,
        documents: Vec<(usize, document::Route)>,
        named: &[Named],
    ) -> Result<(), ApplyError> {
        if documents.is_empty() && !self.options.prune {
            return Ok(());
        }
        let stored = self.write.routes(self.tenant).await?;
        let stored: HashMap<_, _> = stored.into_iter().map(|route| (route.name.clone(), route)).collect();
        if self.options.prune {
            for name in stored.keys() {
                if !names(named, Kind::Route, name) {
                    self.delete_route(name).await?;
                }
            }
        }
        let places: Vec<_> = documents.iter().map(|(index, route)| (*index, route.name.clone())).collect();
        for (_, route) in documents {
            let op = match stored.get(&route.name) {
                Some(known) if *known == route => {
                    self.applied.unchanged += 1;
                    continue;
                }
                Some(_) => Op::Update,
                None => Op::Create,
            };
            self.write.put_route(self.tenant, &route).await?;
            self.changed(op, Kind::Route, &route.name).await?;
        }
        self.check_routes(&places).await
    }

    pub(super) async fn delete_route(&mut self, name: &str) -> Result<(), ApplyError> {
        if !self.write.routes(self.tenant).await?.iter().any(|route| route.name == name) {
            return Err(ApplyError::NotFound(Kind::Route.name(), name.to_owned()));
        }
        self.write.delete_route(self.tenant, name).await?;
        Ok(self.changed(Op::Delete, Kind::Route, name).await?)
    }

    /// The hosts of the other tenants and of their routes, in lower case.
    async fn foreign_hosts(&mut self) -> Result<Vec<String>, ApplyError> {
        let mut foreign = Vec::new();
        for tenant in self.write.tenants().await?.iter().filter(|tenant| tenant.name != self.tenant) {
            foreign.extend(self.core.hosts_of(tenant));
            let routes = self.write.routes(&tenant.name).await?;
            foreign.extend(routes.into_iter().flat_map(|route| route.matches.hosts));
        }
        Ok(foreign.iter().map(|host| host.to_ascii_lowercase()).collect())
    }

    /// No two routes claim the same requests, and none those of another tenant's host.
    async fn check_routes(&mut self, places: &[(usize, String)]) -> Result<(), ApplyError> {
        let routes = self.write.routes(self.tenant).await?;
        let foreign = self.foreign_hosts().await?;
        let compiled = routes.iter().map(Route::compile).collect::<Result<Vec<_>, _>>();
        let compiled = compiled.map_err(|(path, message)| DocumentFault { document: None, path, message })?;
        for (index, name) in places {
            let fault = |path: &str, message: String| ApplyError::from(DocumentFault::at(*index, path, message));
            let Some(route) = compiled.iter().find(|route| route.name == *name) else { continue };
            if let Some(other) = compiled.iter().find(|other| other.name != *name && other.collides_with(route)) {
                let message = format!("the routes `{name}` and `{}` claim the same requests", other.name);
                return Err(fault("match", message));
            }
            let is_foreign = |host: &String| foreign.iter().any(|known| without_port(known) == without_port(host));
            if let Some(position) = route.hosts().iter().position(is_foreign) {
                return Err(fault(&format!("match.hosts[{position}]"), "this host is another tenant's".to_owned()));
            }
        }
        Ok(())
    }
}
