//! `writ apply` and `writ get`: whole or not at all, and the second time nothing.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{application, server};
use crate::support::command::{Ran, assert_in_order, run};
use crate::support::process::Server;

#[test]
fn the_same_document_twice_changes_nothing_the_second_time() {
    let (_folder, server) = server();
    let zone = json!({ "kind": "network_zone", "name": "office", "cidrs": ["203.0.113.0/24"] });
    let documents = json!([application("one"), zone, application("two")]).to_string();
    let created = |kind: &str, name: &str| json!({ "op": "create", "kind": kind, "name": name });
    let changes = [created("network_zone", "office"), created("application", "one"), created("application", "two")];
    let first = server.apply(&documents, &[]).ok().json();
    assert_eq!(first, json!({ "changes": changes, "unchanged": 0 }));
    let second = server.apply(&documents, &[]).ok().json();
    assert_eq!(second, json!({ "changes": [], "unchanged": 3 }));
    server.assert_serves("one");
    server.stop();
}

#[test]
fn a_dry_run_prints_the_plan_and_changes_nothing() {
    let (folder, server) = server();
    server.apply(&application("one").to_string(), &[]).ok();
    let mut changed = application("one");
    changed["name"] = "Another name".into();
    let documents = json!([changed, application("two")]).to_string();
    let plan = server.apply(&documents, &["--dry-run"]).ok().json();
    let expected = json!([
        { "op": "update", "kind": "application", "name": "one" },
        { "op": "create", "kind": "application", "name": "two" },
    ]);
    assert_eq!(plan, json!({ "changes": expected, "unchanged": 0 }));
    assert_eq!(server.applications(), ["one"]);
    let one = server.writ(&["get", "application", "one", "--output", "json"]).ok().json();
    assert_eq!(one["name"], Value::Null);
    // The plan for people ends with what everyone wants to know.
    fs::write(folder.path().join("plan.json"), &documents).unwrap();
    let file = folder.path().join("plan.json");
    let ran = server.writ(&["apply", "--dry-run", "-f", file.to_str().unwrap()]).ok();
    assert_in_order(
        &ran.stdout,
        &["~ application  one", "+ application  two", "Plan: 1 to create, 1 to update, ", "Nothing was changed."],
    );
    server.stop();
}

#[test]
fn prune_removes_what_is_not_named_and_nothing_is_no_name() {
    let (_folder, server) = server();
    server.apply(&json!([application("one"), application("two")]).to_string(), &[]).ok();
    let pruned = server.apply(&application("two").to_string(), &["--prune"]).ok().json();
    assert_eq!(pruned["changes"], json!([{ "op": "delete", "kind": "application", "name": "one" }]));
    for nothing in ["", "# a template that came out empty\n", "[]"] {
        let told = server.apply(nothing, &["--prune"]).failed(2).json();
        assert_eq!(told["error"], "usage", "{told:#}");
    }
    assert_eq!(server.applications(), ["two"]);
    server.stop();
}

#[test]
fn what_get_prints_can_be_applied_and_changes_nothing() {
    let (_folder, server) = server();
    let zone = json!({ "kind": "network_zone", "name": "office", "cidrs": ["203.0.113.0/24", "2001:db8::/32"] });
    let mut fenced = application("fenced");
    fenced["name"] = "yes: a name that YAML could misread".into();
    fenced["clients"][0]["networks"] = json!(["office"]);
    fenced["clients"][0]["token"] = json!({ "lifetime": "10m" });
    fenced["clients"][0]["default_scopes"] = json!(["read"]);
    server.apply(&json!([zone, application("one"), fenced]).to_string(), &[]).ok();
    for format in ["yaml", "json"] {
        for kind in ["tenants", "issuers", "network-zones", "applications"] {
            let printed = server.writ(&["get", kind, "--output", format]).ok().stdout;
            let again = server.apply(&printed, &[]).ok().json();
            assert_eq!(again["changes"], json!([]), "{kind} as {format}\n{printed}");
            assert_ne!(again["unchanged"], 0, "{kind} as {format}\n{printed}");
        }
    }
    let printed = server.writ(&["get", "application", "fenced"]).ok().stdout;
    assert_eq!(server.apply(&printed, &[]).ok().json(), json!({ "changes": [], "unchanged": 1 }));
    server.assert_serves("one");
    server.stop();
}

/// One thing that can be wrong with a document, and what must be told about it.
struct Fault {
    text: &'static str,
    tells: &'static [&'static str],
}

const FAULTS: &[Fault] = &[
    Fault {
        text: "kind: application\nid: bad\nclients:\n  - grant: [client_credentials]\n",
        tells: &["bad.yaml:4:5: clients[0].grant: unknown field `grant`, expected one of"],
    },
    Fault {
        text: "kind: network_zone\nname: fine\ncidrs: []\n---\nkind: aplication\nid: bad\n",
        tells: &["bad.yaml:5:1: kind: unknown kind `aplication`; the kinds are "],
    },
    Fault {
        text: "kind: application\nid: bad\nclients:\n  - credentials:\n      - kind: secret\n        value: { from_env: NOT_THERE }\n",
        tells: &["bad.yaml:6:16: ", "the environment variable NOT_THERE is not set or empty"],
    },
    Fault {
        text: "kind: application\nid: bad\nclients:\n  - credentials:\n      - kind: secret\n        value: { from_file: not/there }\n",
        tells: &["bad.yaml:6:16: ", "not/there", "No such file"],
    },
    Fault { text: "kind: application\nid: [bad\n", tells: &["bad.yaml:3:1: "] },
    Fault { text: "kind: application\nid: bad\n  name: x\n", tells: &["bad.yaml:3:"] },
    Fault {
        text: "kind: application\nid: bad\nclients:\n  - authorizations:\n      - audience: api://not.there\n        permissions: all\n",
        tells: &["bad.yaml:4:5: clients[0].authorizations", "`api://not.there`, which does not exist"],
    },
    Fault {
        text: "kind: application\nid: bad\nclients:\n  - client_id: good\n",
        tells: &["bad.yaml:4:5: clients[0].client_id: ", "`good`"],
    },
    Fault {
        text: "kind: application\nid: bad\nclients:\n  - credentials:\n      - { kind: secret, value: short }\n",
        tells: &["bad.yaml:5:", "a secret has "],
    },
];

#[test]
fn one_bad_document_among_good_ones_is_told_with_its_place_and_changes_nothing() {
    let (folder, server) = server();
    let documents = folder.path().join("documents");
    fs::create_dir(&documents).unwrap();
    fs::write(documents.join("a-good.json"), application("good").to_string()).unwrap();
    fs::write(documents.join("z-good.json"), application("good-too").to_string()).unwrap();
    for Fault { text, tells } in FAULTS {
        fs::write(documents.join("bad.yaml"), text).unwrap();
        let ran = apply_folder(&server, &documents, &[]).failed(1);
        assert_in_order(&ran.stderr, &["error: nothing was applied, because of\n"]);
        assert_in_order(&ran.stderr, tells);
        assert_eq!(ran.stdout, "");
        let object = apply_folder(&server, &documents, &["--output", "json"]).failed(1).json();
        let file = object["faults"][0]["file"].as_str().unwrap();
        assert!(file.ends_with("bad.yaml") && object["faults"][0]["line"].is_u64(), "{object:#}");
        assert_eq!(server.applications(), <[&str; 0]>::default(), "{text}");
    }
    fs::remove_file(documents.join("bad.yaml")).unwrap();
    apply_folder(&server, &documents, &[]).ok();
    assert_eq!(server.applications(), ["good", "good-too"]);
    server.stop();
}

fn apply_folder(server: &Server, folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = server.command(&["apply", "-f", folder.to_str().unwrap()]);
    command.args(arguments);
    run(command)
}

#[test]
fn a_file_that_is_not_there_and_a_flag_that_is_forgotten() {
    let (_folder, server) = server();
    server.writ(&["apply", "-f", "not-there.yaml"]).failed(1).tells(&["not-there.yaml: No such file or directory"]);
    server.writ(&["apply", "x.yaml"]).failed(2).tells(&["--file <PATH>"]);
    server.stop();
}

#[test]
fn what_is_deleted_is_gone_at_once_and_what_is_in_use_is_not() {
    let (_folder, server) = server();
    let mut caller = application("caller");
    caller["clients"][0]["authorizations"] = json!([{ "audience": "api://called", "permissions": ["read"] }]);
    server.apply(&json!([application("called"), caller]).to_string(), &[]).ok();
    server.assert_serves("caller");
    let told = "the application `called` is in use by the client `caller`";
    server.writ(&["delete", "application", "called"]).failed(1).tells(&[told]);
    server.writ(&["delete", "application", "caller"]).ok();
    assert_eq!(server.token("caller", &super::secret_of("caller"), "read")["status"], 401);
    server.writ(&["delete", "application", "caller"]).failed(1).tells(&["there is no application `caller`"]);
    server.writ(&["delete", "application", "called"]).ok();
    assert_eq!(server.applications(), <[&str; 0]>::default());
    server.stop();
}
