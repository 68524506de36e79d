//! `writ explain`, with the real program, and what it prints.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::support::command::{Ran, run_with_input};
use crate::support::process::{Launch, Server};

const SECRET: &str = "the-secret-key-of-a-partner-0001";

/// The vendor's story: one contractor may read announcements, and nothing else.
fn scene() -> (tempfile::TempDir, Server) {
    let folder = tempfile::tempdir().unwrap();
    let server = Launch::serve(folder.path()).start();
    let resource = |code: &str| json!({"code": code, "actions": ["create", "read", "update", "delete"]});
    let resources: Vec<_> = ["user-growth", "customer", "announce", "revenue"].map(resource).into();
    let require = |permission: &str| json!({"audience": "screen-api", "permission": permission});
    let documents = json!([
        {"kind": "application", "id": "screen",
        "resource_server": {"audience": "screen-api", "resources": resources},
        "clients": [{"client_id": "contractor-a",
            "credentials": [{"kind": "secret", "name": "sk", "value": SECRET}],
            "authorizations": [{"audience": "screen-api", "rules": [{"resource": "announce:*", "actions": ["read"]}]}]}]},
        {"kind": "route", "name": "announce", "match": {"path": "/announcements/{id}", "methods": ["PUT"]},
            "require": require("announce:{id}:update"), "upstream": {"url": "http://127.0.0.1:9"}},
    ]);
    server.apply(&documents.to_string(), &[]).ok();
    (folder, server)
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/explain").join(name).with_extension("txt")
}

/// Compares what a command prints with its file, up to what differs from run to run.
#[track_caller]
fn check(name: &str, ran: &Ran, differs: &[(&str, &str)]) {
    let differing = differs.iter().fold(ran.stdout.clone(), |text, (from, to)| text.replace(from, to));
    crate::golden::check_file(&golden(name), &differing);
}

const ASKED: &str = "announce:read announce:update revenue:read customer user-growth:read";

#[test]
fn a_request_is_explained_and_the_status_says_that_it_was() {
    let (_folder, server) = scene();
    let ask = ["explain", "request", "--client", "contractor-a", "--door", "authing", "--scope", ASKED];
    let ran = server.writ(&ask).ok();
    check("request", &ran, &[(server.said("public"), "<root>")]);
    let refused = ["explain", "request", "--client", "contractor-a", "--scope", ASKED, "--from", "192.0.2.1"];
    check("request-refused", &server.writ(&refused).ok(), &[]);
    assert_eq!(server.writ(&[&refused[..], &["--exit-status"]].concat()).failed(1).stderr, "");
    server.writ(&[&ask[..], &["--exit-status"]].concat()).ok();
    let scripts = server.writ(&[&ask[..], &["--output", "json"]].concat()).ok().json();
    assert_eq!(scripts["granted"], true);
    assert_eq!(scripts["rejected"], json!(["announce:update", "revenue:read", "customer", "user-growth:read"]));
    let nobody = server.writ(&["explain", "request", "--client", "nobody", "--door", "front"]).failed(1);
    assert!(nobody.stderr.contains("there is no door `front`"), "{nobody}");
    server.stop();
}

#[test]
fn a_call_and_a_refusal_are_explained() {
    let (folder, server) = scene();
    let token = server.writ(&[
        "token",
        "--door",
        "authing",
        "--client-id",
        "contractor-a",
        "--client-secret",
        SECRET,
        "--scope",
        ASKED,
        "--raw",
    ]);
    let token = token.ok().stdout.trim().to_owned();
    let url = format!("{}/announcements/7", server.said("gateway"));
    let ask = server.command(&["explain", "call", "--token-file", "-", "PUT", &url]);
    let ran = run_with_input(ask, &format!("{token}\n")).ok();
    assert!(!ran.stdout.contains(&token), "{ran}");
    let until = ran.stdout.split("until ").nth(1).unwrap().lines().next().unwrap().to_owned();
    check("call", &ran, &[(server.said("public"), "<root>"), (&until, "<time>")]);
    let file = folder.path().join("token");
    std::fs::write(&file, &token).unwrap();
    let ask = ["explain", "call", "--token-file", file.to_str().unwrap(), "PUT", "/announcements/7", "--exit-status"];
    server.writ(&ask).failed(1);

    let refused = server.token("contractor-a", SECRET, "announce:read revenue:read");
    let id = refused["response"]["request_id"].as_str().unwrap_or_else(|| panic!("{refused:#}"));
    let ran = server.writ(&["explain", "refusal", id]).ok();
    let time = ran.stdout.split(&format!("{id}, ")).nth(1).unwrap().lines().next().unwrap().to_owned();
    check("refusal", &ran, &[(id, "<request-id>"), (&time, "<time>"), (server.said("admin"), "<admin>")]);
    let listed = server.writ(&["explain", "refusals", "--client", "contractor-a", "--output", "json"]).ok().json();
    assert_eq!(listed["refusals"][0]["request_id"], id);
    let table = server.writ(&["explain", "refusals"]).ok();
    assert!(table.stdout.contains("PermissionNotGranted: revenue:read"), "{table}");
    server
        .writ(&["explain", "refusal", "req_nothing"])
        .failed(1)
        .tells(&["remembers no refused request `req_nothing`"]);
    server.stop();
}
