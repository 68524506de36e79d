//! Commands for a server elsewhere: `--server` and a credential in the environment, and nothing from its folder.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::{application, secret_of, server};
use crate::support::command::{Ran, run};
use crate::support::process::{Server, writ};

/// Someone at another machine, with a client's credential.
struct Elsewhere<'s> {
    server: &'s Server,
    folder: tempfile::TempDir,
    client: (&'s str, String),
}

impl<'s> Elsewhere<'s> {
    fn new(server: &'s Server, client: &'s str, secret: String) -> Self {
        Self { server, folder: tempfile::tempdir().unwrap(), client: (client, secret) }
    }

    fn writ(&self, arguments: &[&str]) -> Ran {
        let mut command = writ();
        let (client, secret) = &self.client;
        command.current_dir(&self.folder).args(["--server", self.server.said("admin")]).args(arguments);
        command.env("WRIT_CLIENT_ID", client).env("WRIT_CLIENT_SECRET", secret);
        run(command)
    }

    fn file(&self, name: &str, content: &str) {
        fs::write(Path::new(self.folder.path()).join(name), content).unwrap();
    }
}

#[test]
fn an_administrator_elsewhere_needs_only_the_url_and_a_credential() {
    let (_folder, server) = server();
    let ops = Elsewhere::new(&server, "writ-admin", server.said("client_secret").to_owned());
    ops.file("one.json", &application("one").to_string());
    ops.writ(&["apply", "-f", "one.json"]).ok();
    ops.writ(&["get", "application", "one"]).ok();
    ops.writ(&["secret", "issue", "one", "--name", "second"]).ok();
    assert_eq!(server.applications(), ["one"]);
    server.assert_serves("one");
    ops.writ(&["delete", "application", "one"]).ok();
    server.stop();
}

#[test]
fn an_administrator_may_do_what_is_granted_and_no_more() {
    let (_folder, server) = server();
    let mut reader = application("reader");
    reader["clients"][0]["authorizations"] = json!([{ "audience": "urn:writ:admin", "permissions": ["config:read"] }]);
    reader["clients"][0]["default_scopes"] = "all".into();
    server.apply(&reader.to_string(), &[]).ok();
    let reader = Elsewhere::new(&server, "reader", secret_of("reader"));
    reader.file("one.json", &application("one").to_string());
    reader.writ(&["get", "applications"]).ok();
    let lacks = "The credential lacks the permission for this";
    reader.writ(&["apply", "-f", "one.json"]).failed(1).tells(&["403 insufficient_scope", lacks]);
    reader.writ(&["secret", "show", "reader", "first"]).failed(1).tells(&["403 insufficient_scope", lacks]);
    reader.writ(&["delete", "application", "reader"]).failed(1).tells(&["403 insufficient_scope", lacks]);
    assert_eq!(server.applications(), ["reader"]);
    server.stop();
}

#[test]
fn what_is_wrong_with_the_url_or_the_credential_is_said() {
    let (_folder, server) = server();
    let stranger = Elsewhere::new(&server, "writ-admin", "not the secret of it".to_owned());
    let told = ["401 invalid_client", "check WRIT_CLIENT_ID and WRIT_CLIENT_SECRET"];
    stranger.writ(&["get", "applications"]).failed(1).tells(&told);
    let mut command = writ();
    command.args(["get", "applications", "--server", server.said("public")]);
    command.env("WRIT_CLIENT_ID", "writ-admin").env("WRIT_CLIENT_SECRET", "x");
    run(command).failed(1).tells(&["publishes no metadata; is it the admin URL of a Writ server?"]);
    let mut command = writ();
    command.args(["get", "applications", "--server", server.said("admin")]);
    run(command).failed(1).tells(&["WRIT_CLIENT_ID and WRIT_CLIENT_SECRET, and one of them is not set"]);
    server.stop();
}
