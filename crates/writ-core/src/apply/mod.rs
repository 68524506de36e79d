//! Making the configuration match documents: read what is stored, find what differs, write it, all in one
//! transaction, or nothing.

mod application;
mod credentials;
mod delete;
mod issuer;
mod model;
mod provider;
mod route;
mod taken_back;
mod tenant;
mod thumbprint;
mod validate;
mod warn;

pub(crate) use application::taken;
pub(crate) use validate::{client as check_client, is_identifier, secret as check_secret};
pub use warn::Warning;

use writ_oauth::secret::PlainSecret;

use crate::Core;
use crate::admin::Administrator;
use crate::document::{Document, DocumentFault, Kind, PermissionModel};
use crate::store::{Dangling, Missing, Op, StoreError, Write};

/// How documents are applied.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Find out what would change, and change nothing.
    pub dry_run: bool,
    /// Remove applications, routes, providers, network zones and unnamed credentials that the documents do not name.
    pub prune: bool,
}

/// What was changed, or would be.
#[derive(Default)]
pub struct Applied {
    /// The changes, in the order in which they are made.
    pub changes: Vec<Change>,
    /// How many documents were as they are stored.
    pub unchanged: usize,
    /// Secrets that were made on the way, to be shown this once.
    pub generated: Vec<Generated>,
    /// What is likely to let in more than was meant; it is done all the same.
    pub warnings: Vec<Warning>,
    /// The change sequence; absent when nothing was changed.
    pub sequence: Option<i64>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// What is done.
    pub op: Op,
    /// To what kind of thing.
    pub kind: Kind,
    /// To which one.
    pub name: String,
}

/// A secret that was made while documents were applied.
pub struct Generated {
    /// The client it is for.
    pub client_id: String,
    /// Its name there.
    pub name: String,
    /// The secret.
    pub secret: PlainSecret,
}

/// Why documents were not applied. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// A document is wrong, or does not fit with what is stored.
    #[error(transparent)]
    Document(#[from] DocumentFault),
    /// There is no such thing.
    #[error("there is no {0} `{1}`")]
    NotFound(&'static str, String),
    /// Something refers to it, or Writ needs it.
    #[error("{0}")]
    Conflict(String),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a document of the request describes, and which one it is, for what is found out after it has been applied.
struct Named {
    kind: Kind,
    name: String,
    document: usize,
    /// The ids of its clients, in order.
    clients: Vec<String>,
}

/// Whether one of the documents describes this.
fn names(named: &[Named], kind: Kind, name: &str) -> bool {
    named.iter().any(|known| known.kind == kind && known.name == name)
}

/// An application of documents that is under way.
struct Run<'c> {
    core: &'c Core,
    tenant: &'c str,
    options: Options,
    write: Write,
    applied: Applied,
    /// Read when the first credential rests on one.
    providers: Option<provider::Providers>,
}

impl Core {
    /// Makes a tenant's configuration match documents.
    pub async fn apply(
        &self,
        by: &Administrator,
        tenant: &str,
        documents: Vec<Document>,
        options: Options,
    ) -> Result<Applied, ApplyError> {
        validate::documents(&documents, self.dialects)?;
        let warnings = warn::of(&documents);
        let mut run = self.run(by, tenant, options).await?;
        run.applied.warnings = warnings;
        run.documents(documents).await?;
        run.finish().await
    }

    async fn run<'c>(&'c self, by: &Administrator, tenant: &'c str, options: Options) -> Result<Run<'c>, ApplyError> {
        self.snapshot().known_tenant(tenant)?;
        let write = self.store.write(by.name(), self.clock.now()).await?;
        Ok(Run { core: self, tenant, options, write, applied: Applied::default(), providers: None })
    }
}

impl Run<'_> {
    /// Applies every document, each kind after those that it may refer to.
    async fn documents(&mut self, documents: Vec<Document>) -> Result<(), ApplyError> {
        let (mut tenants, mut issuers, mut zones) = (Vec::new(), Vec::new(), Vec::new());
        let (mut providers, mut applications, mut routes) = (Vec::new(), Vec::new(), Vec::new());
        let mut named = Vec::new();
        for (index, document) in documents.into_iter().enumerate() {
            named.push(Named::new(index, &document));
            match document {
                Document::Tenant(tenant) => tenants.push((index, tenant)),
                Document::Issuer(issuer) => issuers.push((index, issuer)),
                Document::NetworkZone(zone) => zones.push(zone),
                Document::Provider(provider) => providers.push((index, provider)),
                Document::Application(application) => applications.push((index, application)),
                Document::Route(route) => routes.push((index, route)),
            }
        }
        self.tenants(tenants).await?;
        for (index, issuer) in issuers {
            self.issuer(index, issuer).await?;
        }
        for zone in zones {
            self.network_zone(&zone).await?;
        }
        for (index, provider) in providers {
            self.provider(index, &provider).await?;
        }
        self.applications(applications, &named).await?;
        self.routes(routes, &named).await?;
        if self.options.prune {
            self.prune_zones(&named).await?;
            self.prune_providers(&named).await?;
        }
        match self.write.dangling(self.tenant).await? {
            None => Ok(()),
            Some(dangling) => Err(explain(dangling, &named)),
        }?;
        match self.write.route_without_server(self.tenant).await? {
            None => self.check_required_resources(&named).await,
            Some((route, audience)) => {
                let message = format!("the route `{route}` requires a token for `{audience}`, which does not exist");
                let is_it = |known: &&Named| known.kind == Kind::Route && known.name == route;
                match named.iter().find(is_it) {
                    Some(known) => Err(DocumentFault::at(known.document, "require.audience", message).into()),
                    None => Err(ApplyError::Conflict(format!("{message} any more after this change"))),
                }
            }
        }
    }

    /// Commits, unless there is nothing to commit or nothing was to be changed; then waits until it is live here. What
    /// was stored already may have been stored a moment ago, by a request that nobody waited for.
    async fn finish(mut self) -> Result<Applied, ApplyError> {
        if self.options.dry_run {
            self.write.rollback().await?;
            // What was made for a trial is not kept, so nobody is told of it.
            self.applied.generated.clear();
            return Ok(self.applied);
        }
        let sequence = if self.write.is_empty() {
            let seen = self.write.sequence() - 1;
            self.write.rollback().await?;
            seen
        } else {
            let sequence = self.write.commit(&self.core.store).await?;
            self.applied.sequence = Some(sequence);
            sequence
        };
        if !self.core.wait_until_live(sequence).await {
            tracing::warn!(sequence, "a change is stored but not live here after five seconds");
        }
        Ok(self.applied)
    }

    async fn changed(&mut self, op: Op, kind: Kind, name: &str) -> Result<(), StoreError> {
        self.applied.changes.push(Change { op, kind, name: name.to_owned() });
        self.write.record(self.tenant, op, kind, name).await
    }

    async fn network_zone(&mut self, zone: &crate::document::NetworkZone) -> Result<(), ApplyError> {
        let stored = self.write.network_zones(self.tenant).await?.into_iter().find(|known| known.name == zone.name);
        let op = match stored {
            Some(stored) if stored == *zone => {
                self.applied.unchanged += 1;
                return Ok(());
            }
            Some(_) => Op::Update,
            None => Op::Create,
        };
        self.write.put_network_zone(self.tenant, zone).await?;
        Ok(self.changed(op, Kind::NetworkZone, &zone.name).await?)
    }

    async fn prune_zones(&mut self, named: &[Named]) -> Result<(), ApplyError> {
        for zone in self.write.network_zones(self.tenant).await? {
            if !names(named, Kind::NetworkZone, &zone.name) {
                self.write.delete_network_zone(self.tenant, &zone.name).await?;
                self.changed(Op::Delete, Kind::NetworkZone, &zone.name).await?;
            }
        }
        Ok(())
    }
}

impl Named {
    fn new(index: usize, document: &Document) -> Self {
        let clients = match document {
            Document::Application(application) => {
                application.clients.iter().map(|client| client.id(application).to_owned()).collect()
            }
            Document::Tenant(_)
            | Document::Issuer(_)
            | Document::NetworkZone(_)
            | Document::Provider(_)
            | Document::Route(_) => Vec::new(),
        };
        Self { kind: document.kind(), name: document.name().to_owned(), document: index, clients }
    }
}

/// Words a dangling reference: the document that has it is at fault, or the one that took its target away.
fn explain(dangling: Dangling, named: &[Named]) -> ApplyError {
    let Dangling { application, client_id, missing } = dangling;
    let (field, fact) = lacks(&missing);
    let message = format!("the client `{client_id}` {fact}");
    match named.iter().find(|known| known.kind == Kind::Application && known.name == application) {
        Some(Named { document, clients, .. }) => {
            let position = clients.iter().position(|id| *id == client_id).unwrap_or_default();
            DocumentFault::at(*document, format!("clients[{position}].{field}"), message).into()
        }
        None => ApplyError::Conflict(format!("{message} any more after this change")),
    }
}

/// The member of a client that refers to something that is not there, and what is wrong with it.
pub(crate) fn lacks(missing: &Missing) -> (&'static str, String) {
    let absent = |what: String| format!("refers to {what}, which does not exist");
    match missing {
        Missing::Audience(audience) => {
            ("authorizations", absent(format!("a resource server with the audience `{audience}`")))
        }
        Missing::Permission(audience, permission) => {
            ("authorizations", absent(format!("the permission `{permission}` of `{audience}`")))
        }
        Missing::Resource(audience, code) => {
            ("authorizations", absent(format!("the resource `{code}` of `{audience}`")))
        }
        Missing::Action(audience, code, action) => {
            ("authorizations", absent(format!("the action `{action}` of the resource `{code}` of `{audience}`")))
        }
        Missing::Model(audience, PermissionModel::Named) => (
            "authorizations",
            format!("is given `permissions` on `{audience}`, which has `resources` and takes `rules`"),
        ),
        Missing::Model(audience, PermissionModel::Resource) => {
            ("authorizations", format!("is given `rules` on `{audience}`, which has no `resources`"))
        }
        Missing::NetworkZone(zone) => ("networks", absent(format!("the network zone `{zone}`"))),
        Missing::Issuer(issuer) => ("issuers", absent(format!("the issuer `{issuer}`"))),
    }
}
