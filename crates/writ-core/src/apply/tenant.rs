//! Applying tenants: all of them at once, so that a host can pass from one to another in one step.

use std::collections::HashMap;

use super::{ApplyError, Run};
use crate::document::{DocumentFault, Kind, Tenant};
use crate::store::Op;
use crate::tenant::OPERATOR;

impl Run<'_> {
    pub(super) async fn tenants(&mut self, documents: Vec<(usize, Tenant)>) -> Result<(), ApplyError> {
        let Some((first, _)) = documents.first() else { return Ok(()) };
        if self.tenant != OPERATOR {
            let message = format!("tenants are made and changed from the tenant `{OPERATOR}`");
            return Err(DocumentFault::at(*first, "kind", message).into());
        }
        let stored = self.write.tenants().await?;
        let documents: Vec<_> = documents.into_iter().map(|(index, tenant)| (index, canonical(tenant))).collect();
        self.check_hosts(&stored, &documents)?;
        let mut changed = Vec::new();
        for (_, tenant) in documents {
            match stored.iter().find(|known| known.name == tenant.name) {
                Some(known) if *known == tenant => self.applied.unchanged += 1,
                Some(_) => changed.push((Op::Update, tenant)),
                None => changed.push((Op::Create, tenant)),
            }
        }
        for (_, tenant) in &changed {
            self.write.free_hosts(&tenant.name).await?;
        }
        for (op, tenant) in changed {
            self.write.put_tenant(&tenant).await?;
            if op == Op::Create {
                self.core.add_default_issuers(&mut self.write, &tenant.name).await?;
            }
            self.changed(op, Kind::Tenant, &tenant.name).await?;
        }
        Ok(())
    }

    /// A host chooses one tenant, also when it is the host of a root URL.
    fn check_hosts(&self, stored: &[Tenant], documents: &[(usize, Tenant)]) -> Result<(), ApplyError> {
        let documented = |known: &&Tenant| !documents.iter().any(|(_, tenant)| tenant.name == known.name);
        let mut owners: HashMap<String, &str> = HashMap::new();
        for known in stored.iter().filter(documented) {
            owners.extend(self.core.hosts_of(known).into_iter().map(|host| (host, known.name.as_str())));
        }
        for (index, tenant) in documents {
            let own = self.core.root_hosts(tenant).into_iter().map(|host| ("url".to_owned(), host));
            let named = tenant.hosts.iter().enumerate().map(|(at, host)| (format!("hosts[{at}]"), host.clone()));
            for (path, host) in own.chain(named) {
                match owners.insert(host.clone(), &tenant.name) {
                    Some(owner) if owner != tenant.name => {
                        let message = format!("the host `{host}` belongs to the tenant `{owner}`");
                        return Err(DocumentFault::at(*index, path, message).into());
                    }
                    Some(_) | None => {}
                }
            }
        }
        Ok(())
    }
}

/// The form in which tenants are stored and compared: hosts in lower case, each once.
fn canonical(mut tenant: Tenant) -> Tenant {
    let mut hosts: Vec<String> = Vec::new();
    for host in tenant.hosts {
        let host = host.to_ascii_lowercase();
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    tenant.hosts = hosts;
    tenant
}
