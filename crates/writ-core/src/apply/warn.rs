//! What is allowed in documents, and likely to let in more than was meant.

use serde::Serialize;

use super::validate::below;
use crate::document::{Application, Client, Credential, Document, Federated, Proof, Provider};
use crate::federated::warnings;

/// One thing to think about, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Which document, from 0.
    pub document: usize,
    /// The member.
    pub path: String,
    /// What it is.
    pub message: String,
}

/// A member, and what there is to say about it.
type Note = (String, String);

/// What there is to say about documents that are right.
pub(super) fn of(documents: &[Document]) -> Vec<Warning> {
    let notes = |(document, of): (usize, &Document)| {
        let notes = match of {
            Document::Provider(provider) => of_provider(provider),
            Document::Application(application) => of_application(application),
            Document::Tenant(_) | Document::Issuer(_) | Document::NetworkZone(_) | Document::Route(_) => Vec::new(),
        };
        notes.into_iter().map(move |(path, message)| Warning { document, path, message })
    };
    documents.iter().enumerate().flat_map(notes).collect()
}

fn of_provider(provider: &Provider) -> Vec<Note> {
    warnings("trust_condition", provider.trust.trust_condition())
}

fn of_application(application: &Application) -> Vec<Note> {
    let clients = application.clients.iter().enumerate();
    let at = |position: usize, (path, message): Note| (format!("clients[{position}].{path}"), message);
    clients.flat_map(|(position, client)| of_client(client).into_iter().map(move |note| at(position, note))).collect()
}

fn of_client(client: &Client) -> Vec<Note> {
    let mut notes = Vec::new();
    for (position, credential) in client.credentials.iter().flatten().enumerate() {
        let Credential { proof: Proof::Federated(federated), .. } = credential else { continue };
        let at = |(path, message): Note| (below(&format!("credentials[{position}]"), &path), message);
        notes.extend(of_federated(federated).into_iter().map(at));
        if !client.auth_methods.iter().any(|method| method == "federated") {
            let message = "the client may not use it: its `auth_methods` have no `federated`";
            notes.push(at((String::new(), message.to_owned())));
        }
    }
    notes
}

fn of_federated(federated: &Federated) -> Vec<Note> {
    let mut notes = warnings("condition", federated.condition.as_deref());
    notes.extend(warnings("subject", federated.subject.as_deref()));
    if let Some(profile) = &federated.profile {
        let of_profile = profile.warnings().into_iter();
        notes.extend(
            of_profile.map(|(member, message)| (format!("profile.{}{member}", profile.name()), message.into())),
        );
    }
    notes
}
