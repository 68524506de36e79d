//! curl, by the literal command lines of the vendor's pages.
//!
//! The client, its secret, the audience and the permission are registered as the pages have them. The pages' host is
//! replaced, their shortened Basic credentials are written out, and where their `scope` has lost its name, it gets it
//! back; nothing else is changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::scene;
use crate::support::command::run;

pub(super) const CLIENT: &str = "app_m5doozesno52kbqrqpw3XXXX";
pub(super) const SECRET: &str = "CS5v3F4Cy8hyDmFPJtAuyHDTUdR8i88GcgcXXXXX";
pub(super) const AUDIENCE: &str = "api://api.xxxxx.com";
pub(super) const PERMISSION: &str = "read:file";

/// The folder that lies beside every checkout of this project. Without it the test fails: a run that left it out
/// would pass for one that compared the product with the pages.
fn seeds() -> PathBuf {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let seeds = checkout.join("../shared/seeds");
    assert!(seeds.is_dir(), "the folder `shared` beside the checkout is missing: {}", seeds.display());
    seeds
}

fn page(number: &str) -> String {
    let mut files = fs::read_dir(seeds()).unwrap().map(|entry| entry.unwrap().path());
    let is_it = |file: &PathBuf| file.file_name().unwrap().to_str().unwrap().starts_with(number);
    fs::read_to_string(files.find(is_it).unwrap_or_else(|| panic!("no page {number}"))).unwrap()
}

/// The commands with which the page asks for a token by a secret: first in a Basic header, then in the body.
fn commands(page: &str) -> [String; 2] {
    let mut lines = page.lines();
    let mut commands = Vec::new();
    while let Some(first) = lines.find(|line| line.trim_start().starts_with("curl --location --request POST")) {
        let mut command = first.trim().to_owned();
        while command.ends_with('\\') {
            command.push('\n');
            command.push_str(lines.next().unwrap().trim_end());
        }
        commands.push(command);
    }
    commands.try_into().unwrap()
}

/// Replaces what stands in the command exactly once.
#[track_caller]
fn replaced(command: &str, from: &str, to: &str) -> String {
    assert_eq!(command.matches(from).count(), 1, "`{from}` in\n{command}");
    command.replace(from, to)
}

fn execute(command: &str, root: &str) -> Value {
    let command = replaced(command, "https://XXXX.aliyunidaas.com", root);
    let mut shell = Command::new("sh");
    shell.args(["-c", &command]).env("no_proxy", "127.0.0.1");
    let ran = run(shell).ok();
    ran.json()
}

#[track_caller]
fn assert_a_token(answer: &Value) {
    assert_eq!(answer["token_type"], "Bearer", "{answer:#}");
    assert_eq!(answer["expires_in"], 3600, "{answer:#}");
    assert!(answer["access_token"].is_string() && answer["expires_at"].is_u64(), "{answer:#}");
}

#[test]
fn the_pages_commands_for_client_secret_basic() {
    let scene = scene();
    let credentials = STANDARD.encode(format!("{CLIENT}:{SECRET}"));
    for (number, header) in [("000_", "Authorization: Basic YXBwX201ZG9vemVxxxxxx"), ("001_", "Authorization:xxxxxxx")]
    {
        let [basic, _] = commands(&page(number));
        let basic = replaced(&basic, header, &format!("Authorization: Basic {credentials}"));
        let nameless = execute(&basic, scene.server.said("public"));
        assert_eq!(nameless["error_description"], "Require parameter variable: scope", "{nameless:#}");
        let item = format!("'{AUDIENCE}|{PERMISSION}'");
        let basic = replaced(&basic, &item, &format!("'scope={AUDIENCE}|{PERMISSION}'"));
        assert_a_token(&execute(&basic, scene.server.said("public")));
    }
}

#[test]
fn the_pages_commands_for_client_secret_post() {
    let scene = scene();
    for number in ["000_", "001_"] {
        let [_, post] = commands(&page(number));
        assert_a_token(&execute(&post, scene.server.said("public")));
    }
}
