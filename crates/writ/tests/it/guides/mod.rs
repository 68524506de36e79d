//! The guides as a reader follows them: every document and every command that stands there, in its order and as it is
//! typed. Only addresses are others, since every test has ports, and clouds, of its own.

mod client_assertions;
mod mtls;
mod page;
mod private_ca;
mod signed_documents;
mod workload_identity;

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use self::page::Page;
use crate::support::command::{Ran, run};
use crate::support::process::{Launch, Server};

/// Where the guides have the public listener.
const PUBLIC: &str = "127.0.0.1:8080";

/// Somebody with a server and a folder, who has read what the page goes on from.
struct Reader {
    server: Server,
    folder: TempDir,
    /// What stands on the page, and what is meant here.
    others: Vec<(String, String)>,
    environment: Vec<(String, String)>,
}

impl Reader {
    /// With the API of the first guide.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Launch::serve(Path::new("my-writ")).within(folder.path()).start();
        let reader = Self::at(folder, server);
        reader.save("orders.yaml", Page::of("first-partner").having("id: orders"));
        reader.sh("writ apply -f orders.yaml").ok();
        reader
    }

    fn at(folder: TempDir, server: Server) -> Self {
        let (_, address) = server.said("public").split_once("://").unwrap();
        let others = vec![(PUBLIC.to_owned(), address.to_owned())];
        Self { server, folder, others, environment: vec![] }
    }

    /// From now on something on the page means something else.
    fn reads(&mut self, on_the_page: &str, here: &str) {
        self.others.push((on_the_page.to_owned(), here.to_owned()));
    }

    /// From now on a variable is set.
    fn exports(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    fn save(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.folder.path().join(name), content).unwrap();
    }

    fn saved(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// Saves a document and applies it, with what was warned of.
    #[track_caller]
    fn apply(&self, document: &str) -> Ran {
        self.save("as-printed.yaml", self.meant(document));
        self.sh("writ apply -f as-printed.yaml").ok()
    }

    /// Types commands into a shell, in the folder.
    fn sh(&self, commands: &str) -> Ran {
        let program = Path::new(env!("CARGO_BIN_EXE_writ")).parent().unwrap();
        let mut shell = Command::new("sh");
        let path = format!("PATH='{}':\"$PATH\"", program.display());
        shell.args(["-e", "-c", &format!("{path}\n{}", self.meant(commands))]).current_dir(self.folder.path());
        shell.env("WRIT_DIR", "./my-writ").env("no_proxy", "127.0.0.1");
        shell.envs(self.environment.iter().map(|(name, value)| (name, value)));
        run(shell)
    }

    fn meant(&self, text: &str) -> String {
        self.others.iter().fold(text.to_owned(), |text, (old, new)| text.replace(old, new))
    }
}

/// The claims of the token that `writ token` printed.
#[track_caller]
fn claims(ran: Ran) -> Ran {
    let ran = ran.ok();
    assert!(ran.stdout.contains("order:read"), "{ran}");
    ran
}

/// The answer that curl printed, a token.
#[track_caller]
fn answered(ran: Ran) -> Value {
    let answer = ran.ok().json();
    assert!(answer["access_token"].is_string(), "{answer:#}");
    answer
}
