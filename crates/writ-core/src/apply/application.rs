//! Applying applications: first everything that goes, of all of them, then everything that comes, so that a client
//! or an audience can move from one application to another in one step.

use std::collections::HashMap;

use super::taken_back::is_disabled;
use super::{ApplyError, Named, Run, names};
use crate::document::{Application, Client, DocumentFault, Kind};
use crate::store::{IdentifierOwner, Op, StoreError, StoredApplication, TakenBack};

impl Run<'_> {
    pub(super) async fn applications(
        &mut self,
        documents: Vec<(usize, Application)>,
        named: &[Named],
    ) -> Result<(), ApplyError> {
        let stored = self.stored_applications(&documents).await?;
        let documents = documents.into_iter().map(|(index, document)| (index, canonical(document)));
        let documents: Vec<_> = documents.collect();
        let homes = Homes::of(&documents);
        if self.options.prune {
            self.prune_applications(&stored, named, &homes).await?;
        }
        for (index, document) in &documents {
            if let Some(known) = stored.get(&document.id) {
                self.remove_what_goes(*index, document, known, &homes).await?;
            }
        }
        for (index, document) in &documents {
            self.put_application(*index, document, stored.get(&document.id)).await?;
        }
        Ok(())
    }

    /// What is stored: one application when one is applied, else all of the tenant at once.
    async fn stored_applications(
        &mut self,
        documents: &[(usize, Application)],
    ) -> Result<HashMap<String, StoredApplication>, ApplyError> {
        let one = match documents {
            [] if !self.options.prune => return Ok(HashMap::new()),
            [(_, only)] if !self.options.prune => Some(only.id.as_str()),
            _ => None,
        };
        let stored = self.write.applications(self.tenant, one).await?;
        Ok(stored.into_iter().map(|stored| (stored.document.id.clone(), stored)).collect())
    }

    async fn prune_applications(
        &mut self,
        stored: &HashMap<String, StoredApplication>,
        named: &[Named],
        homes: &Homes<'_>,
    ) -> Result<(), ApplyError> {
        let mut gone: Vec<_> = stored.values().filter(|stored| !stored.built_in).collect();
        gone.retain(|stored| !names(named, Kind::Application, &stored.document.id));
        gone.sort_by(|a, b| a.document.id.cmp(&b.document.id));
        for stored in gone {
            self.remove_application(&stored.document, homes).await?;
        }
        Ok(())
    }

    pub(super) async fn remove_application(
        &mut self,
        stored: &Application,
        homes: &Homes<'_>,
    ) -> Result<(), ApplyError> {
        for client in &stored.clients {
            self.release_client(client.id(stored), homes).await?;
        }
        if let Some(server) = &stored.resource_server {
            self.write.delete_resource_server(self.tenant, server).await?;
        }
        self.write.delete_application(self.tenant, &stored.id).await?;
        Ok(self.changed(Op::Delete, Kind::Application, &stored.id).await?)
    }

    /// Lets go of a client: it moves to the application whose document has it now, or is removed.
    async fn release_client(&mut self, client_id: &str, homes: &Homes<'_>) -> Result<(), StoreError> {
        match homes.0.get(client_id) {
            None => self.write.delete_client(self.tenant, client_id).await,
            Some(home) => {
                self.write.put_application(self.tenant, home, false).await?;
                self.write.move_client(self.tenant, client_id, &home.id).await?;
                // What it had is not compared with what it has in its new place.
                self.write.take_back(self.tenant, TakenBack::Client(client_id)).await
            }
        }
    }

    async fn remove_what_goes(
        &mut self,
        index: usize,
        document: &Application,
        stored: &StoredApplication,
        homes: &Homes<'_>,
    ) -> Result<(), ApplyError> {
        let known = &stored.document;
        if stored.built_in {
            if is_as_stored(document, known) {
                return Ok(());
            }
            let message = format!(
                "the application `{}` is made by writ itself and cannot be changed; its secrets have `writ secret`",
                document.id
            );
            return Err(DocumentFault::at(index, "id", message).into());
        }
        for client in &known.clients {
            let id = client.id(known);
            if !document.clients.iter().any(|client| client.id(document) == id) {
                self.release_client(id, homes).await?;
            }
        }
        match (&known.resource_server, &document.resource_server) {
            (Some(known), Some(server)) if known.audience != server.audience => {
                let message = format!("an audience is immutable; `{}` is stored", known.audience);
                Err(DocumentFault::at(index, "resource_server.audience", message).into())
            }
            (Some(known), Some(server)) if known.model() != server.model() => {
                let message = format!(
                    "a permission model is immutable; `{}` is stored, and `{}` would be another",
                    known.model().name(),
                    server.model().name()
                );
                Err(DocumentFault::at(index, "resource_server", message).into())
            }
            (Some(known), Some(server)) => {
                for url in known.resource_urls.iter().filter(|url| !server.resource_urls.contains(url)) {
                    self.write.free_identifier(self.tenant, url).await?;
                }
                Ok(())
            }
            (Some(known), None) => Ok(self.write.delete_resource_server(self.tenant, known).await?),
            (None, _) => Ok(()),
        }
    }

    async fn put_application(
        &mut self,
        index: usize,
        document: &Application,
        stored: Option<&StoredApplication>,
    ) -> Result<(), ApplyError> {
        let known = stored.map(|stored| canonical(stored.document.clone()));
        let mut differs = false;
        if known.as_ref().is_none_or(|known| !same(known, document)) {
            differs = true;
            self.write.put_application(self.tenant, document, false).await?;
            self.take_back_server(known.as_ref(), document).await?;
            self.put_server(index, document, known.as_ref()).await?;
            self.put_clients(index, document, known.as_ref()).await?;
        }
        for (position, client) in document.clients.iter().enumerate() {
            differs |= self.credentials(index, position, client.id(document), client).await?;
        }
        if !differs {
            self.applied.unchanged += 1;
            return Ok(());
        }
        let op = if known.is_some() { Op::Update } else { Op::Create };
        Ok(self.changed(op, Kind::Application, &document.id).await?)
    }

    async fn put_server(
        &mut self,
        index: usize,
        document: &Application,
        known: Option<&Application>,
    ) -> Result<(), ApplyError> {
        let Some(server) = &document.resource_server else { return Ok(()) };
        let known = known.and_then(|known| known.resource_server.as_ref());
        if known == Some(server) {
            return Ok(());
        }
        self.claim(index, "resource_server.audience", "audience", &server.audience, &document.id).await?;
        for (position, url) in server.resource_urls.iter().enumerate() {
            let path = format!("resource_server.resource_urls[{position}]");
            self.claim(index, &path, "resource_url", url, &document.id).await?;
        }
        Ok(self.write.put_resource_server(self.tenant, &document.id, server).await?)
    }

    async fn put_clients(
        &mut self,
        index: usize,
        document: &Application,
        known: Option<&Application>,
    ) -> Result<(), ApplyError> {
        for (position, client) in document.clients.iter().enumerate() {
            let id = client.id(document);
            let stored = known.and_then(|known| known.clients.iter().find(|known_client| known_client.id(known) == id));
            let moved = known.and_then(|known| known.clients.get(position)).map(|at| at.client_id.as_ref());
            let stays = moved == Some(client.client_id.as_ref());
            let status_differs = known.is_none_or(|known| known.status != document.status);
            if stays && !status_differs && stored.is_some_and(|stored| same_client(stored, client)) {
                continue;
            }
            let path = format!("clients[{position}].client_id");
            self.claim(index, &path, "client", id, &document.id).await?;
            if let (Some(known), Some(stored)) = (known, stored) {
                if is_disabled(known.status, document.status) {
                    self.write.take_back(self.tenant, TakenBack::Client(id)).await?;
                } else {
                    self.write.take_back_from_client(self.tenant, id, stored, client).await?;
                }
            }
            let position = i64::try_from(position).unwrap_or(i64::MAX);
            self.write.put_client(self.tenant, &document.id, position, client).await?;
        }
        Ok(())
    }

    /// Takes an identifier for an application, or says who has it.
    async fn claim(
        &mut self,
        index: usize,
        path: &str,
        kind: &str,
        value: &str,
        application: &str,
    ) -> Result<(), ApplyError> {
        let owner = IdentifierOwner { kind: kind.to_owned(), application: application.to_owned() };
        match self.write.claim_identifier(self.tenant, value, &owner).await? {
            None => Ok(()),
            Some(owner) => Err(DocumentFault::at(index, path, taken(value, &owner)).into()),
        }
    }
}

/// Says who has an identifier.
pub(crate) fn taken(value: &str, owner: &IdentifierOwner) -> String {
    let what = match &*owner.kind {
        "client" => "a client id",
        "audience" => "the audience",
        "resource_url" => "a resource URL",
        _ => "a subject",
    };
    format!("`{value}` is already {what} of the application `{}`", owner.application)
}

/// The applications in whose documents clients are, by client id.
#[derive(Default)]
pub(super) struct Homes<'d>(HashMap<&'d str, &'d Application>);

impl<'d> Homes<'d> {
    fn of(documents: &'d [(usize, Application)]) -> Self {
        let clients = documents
            .iter()
            .flat_map(|(_, document)| document.clients.iter().map(move |client| (client.id(document), document)));
        Self(clients.collect())
    }
}

/// The form in which applications are stored and compared.
fn canonical(mut application: Application) -> Application {
    let id = application.id.clone();
    application.name = application.name.filter(|name| *name != id);
    if let Some(server) = &mut application.resource_server {
        server.shorten_actions();
    }
    for client in &mut application.clients {
        client.client_id.take_if(|client_id| *client_id == id);
        client.merge_authorizations();
    }
    application
}

/// Whether two documents say the same, credentials aside.
fn same(a: &Application, b: &Application) -> bool {
    let (Application { clients: a_clients, .. }, Application { clients: b_clients, .. }) = (a, b);
    let heads = (&a.id, &a.name, a.status, &a.resource_server) == (&b.id, &b.name, b.status, &b.resource_server);
    heads && a_clients.len() == b_clients.len() && a_clients.iter().zip(b_clients).all(|(a, b)| same_client(a, b))
}

fn same_client(a: &Client, b: &Client) -> bool {
    let bare = |client: &Client| Client { credentials: None, ..client.clone() };
    bare(a) == bare(b)
}

/// Whether a document says what is stored, as one that was read from here does; credentials that are left out are the
/// stored ones.
fn is_as_stored(document: &Application, stored: &Application) -> bool {
    let stored = canonical(stored.clone());
    let secrets = |a: &Client, b: &Client| a.credentials.is_none() || a.credentials == b.credentials;
    same(document, &stored) && document.clients.iter().zip(&stored.clients).all(|(a, b)| secrets(a, b))
}
