//! The clients of an application, one at a time, without its document: list, show, change, delete. What is done here
//! stands in the document of the application as if it had been applied.

mod create;
mod refresh;

pub use create::{CreatedClient, NewClient};
pub use refresh::SecretRefresh;

use serde::{Deserialize, Deserializer};

use crate::Core;
use crate::admin::Administrator;
use crate::apply::{ApplyError, check_client, lacks};
use crate::document::{Authorization, Client, DocumentFault, Kind, Lifetime, Status};
use crate::secrets::fault;
use crate::store::{Dangling, ListedClient, Op, StoredClient, Write};

/// A page of the clients of an application, by their ids.
pub struct ClientPage {
    /// The clients.
    pub clients: Vec<ListedClient>,
    /// How many the application has in all.
    pub total: i64,
    /// The id after which the next page begins; `None`: this one is the last.
    pub next: Option<String>,
}

/// What is to be changed of a client; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientChange {
    /// Enable or disable it.
    pub status: Option<Status>,
    /// Its name for people; removed, it has none.
    pub name: Optional<String>,
    /// How long its tokens live; removed, as the issuer has it.
    pub lifetime: Optional<Lifetime>,
    /// What it may be given, in place of what it could be given.
    pub authorizations: Option<Vec<Authorization>>,
}

/// What is to become of something that a client may have or not.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Optional<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It has it no more. Written `null`.
    Remove,
    /// It has this.
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Optional<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Remove, Self::Set))
    }
}

impl<T> Optional<T> {
    fn make(self, of: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Remove => *of = None,
            Self::Set(value) => *of = Some(value),
        }
    }
}

impl Core {
    /// The clients of an application whose ids are behind this one; without it, from the first.
    pub async fn list_clients(
        &self,
        tenant: &str,
        application: &str,
        after: Option<&str>,
        limit: u16,
    ) -> Result<ClientPage, ApplyError> {
        self.snapshot().known_tenant(tenant)?;
        let Some(total) = self.store.client_count(tenant, application).await? else {
            return Err(ApplyError::NotFound(Kind::Application.name(), application.to_owned()));
        };
        let limit = usize::from(limit);
        let one_more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
        let mut clients = self.store.client_page(tenant, application, after.unwrap_or_default(), one_more).await?;
        let more = clients.len() > limit;
        clients.truncate(limit);
        let last = clients.last().and_then(|listed| listed.client.client_id.clone());
        Ok(ClientPage { clients, total, next: last.filter(|_| more) })
    }

    /// One client as it is stored.
    pub async fn stored_client(&self, tenant: &str, client_id: &str) -> Result<StoredClient, ApplyError> {
        self.snapshot().known_tenant(tenant)?;
        self.store.client(tenant, client_id).await?.ok_or_else(|| not_found(client_id))
    }

    /// Changes a client; answers it as it is then. The tokens of one that is disabled are refused until it is enabled.
    pub async fn change_client(
        &self,
        by: &Administrator,
        tenant: &str,
        client_id: &str,
        change: ClientChange,
    ) -> Result<StoredClient, ApplyError> {
        let mut write = self.store.write(by.name(), self.now()).await?;
        let mut stored = changeable(&mut write, tenant, client_id).await?;
        let before = stored.client.clone();
        change.make(&mut stored.client);
        check_client(&stored.client).map_err(fault)?;
        stored.client.merge_authorizations();
        if stored.client == before {
            write.rollback().await?;
            return Ok(stored);
        }
        write.take_back_from_client(tenant, client_id, &before, &stored.client).await?;
        write.update_client(tenant, &stored.client).await?;
        if stored.client.authorizations != before.authorizations {
            write.put_authorizations(tenant, client_id, &stored.client.authorizations).await?;
            check_references(&mut write, tenant).await?;
        }
        let detail = serde_json::json!({ "status": stored.client.status, "name": stored.client.name,
            "lifetime": stored.client.token.lifetime });
        write.audit(tenant, Op::Update.name(), "client", client_id, &detail).await?;
        self.commit_live(write).await?;
        Ok(stored)
    }

    /// Deletes a client with its credentials and authorizations; its tokens are refused from then on.
    pub async fn delete_client(&self, by: &Administrator, tenant: &str, client_id: &str) -> Result<(), ApplyError> {
        let mut write = self.store.write(by.name(), self.now()).await?;
        let stored = changeable(&mut write, tenant, client_id).await?;
        write.delete_client(tenant, client_id).await?;
        let detail = serde_json::json!({ "application": stored.application });
        write.audit(tenant, Op::Delete.name(), "client", client_id, &detail).await?;
        self.commit_live(write).await
    }
}

impl ClientChange {
    fn make(self, client: &mut Client) {
        let Self { status, name, lifetime, authorizations } = self;
        client.status = status.unwrap_or(client.status);
        name.make(&mut client.name);
        lifetime.make(&mut client.token.lifetime);
        if let Some(authorizations) = authorizations {
            client.authorizations = authorizations;
        }
    }
}

/// A client that is not Writ's own.
async fn changeable(write: &mut Write, tenant: &str, client_id: &str) -> Result<StoredClient, ApplyError> {
    let stored = write.client(tenant, client_id).await?.ok_or_else(|| not_found(client_id))?;
    changeable_application(write, tenant, &stored.application).await?;
    Ok(stored)
}

async fn changeable_application(write: &mut Write, tenant: &str, application: &str) -> Result<(), ApplyError> {
    match write.is_built_in(tenant, application).await? {
        Some(false) => Ok(()),
        Some(true) => Err(ApplyError::Conflict(format!(
            "the application `{application}` is made by writ itself and cannot be changed; its secrets have `writ secret`"
        ))),
        None => Err(ApplyError::NotFound(Kind::Application.name(), application.to_owned())),
    }
}

/// Nothing was missing before this write, so what is missing now is what it refers to.
async fn check_references(write: &mut Write, tenant: &str) -> Result<(), ApplyError> {
    let Some(Dangling { client_id, missing, .. }) = write.dangling(tenant).await? else { return Ok(()) };
    let (member, fact) = lacks(&missing);
    Err(fault_at(member, format!("the client `{client_id}` {fact}")))
}

fn fault_at(path: &str, message: String) -> ApplyError {
    DocumentFault { document: None, path: path.to_owned(), message }.into()
}

fn not_found(client_id: &str) -> ApplyError {
    ApplyError::NotFound("client", client_id.to_owned())
}
