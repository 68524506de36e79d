//! The program as an operator meets it: commands, restarts, failures and crashes.

mod apply;
mod drain;
mod full_disk;
mod kill;
mod locked_database;
mod outage;
mod remote;
mod replay;
mod secret;
mod spent;
mod start_up;
mod token;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::process::{Launch, Server};

/// A server on a folder of its own.
fn server() -> (TempDir, Server) {
    let folder = tempfile::tempdir().unwrap();
    let server = Launch::serve(folder.path()).start();
    (folder, server)
}

/// An application that may call itself: its id is its client's id too.
fn application(id: &str) -> Value {
    let audience = audience_of(id);
    json!({
        "kind": "application",
        "id": id,
        "resource_server": { "audience": audience, "permissions": [{ "id": "read" }, { "id": "write" }] },
        "clients": [{
            "credentials": [{ "kind": "secret", "name": "first", "value": secret_of(id) }],
            "authorizations": [{ "audience": audience, "permissions": ["read"] }],
        }],
    })
}

fn audience_of(id: &str) -> String {
    format!("api://{id}")
}

fn secret_of(id: &str) -> String {
    format!("the first secret of {id}, long enough")
}

impl Server {
    /// The ids of the applications, the built-in one left out.
    fn applications(&self) -> Vec<String> {
        let list = self.writ(&["get", "applications", "--output", "json"]).ok().json();
        let ids = list.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
        ids.filter(|id| id != "writ-admin").collect()
    }

    /// Ends the test unless the client gets a token with its first secret.
    #[track_caller]
    fn assert_serves(&self, id: &str) {
        let token = self.token(id, &secret_of(id), "read");
        assert_eq!(token["status"], 200, "{token:#}");
        assert_eq!(token["verified"], true, "{token:#}");
    }
}
