//! `writ demo`: what it prints to try is run as it stands, and prints what it says.

use std::path::Path;
use std::process::Command;

use crate::support::command::{assert_in_order, run};
use crate::support::process::{Launch, Server};

/// One thing to try, as printed: `# what`, `$ command`, `> fragment`.
#[derive(Debug, PartialEq)]
struct Try {
    what: String,
    command: String,
    fragments: Vec<String>,
}

fn tries(page: &str) -> Vec<Try> {
    let mut tries: Vec<Try> = Vec::new();
    for line in page.lines() {
        if let Some(what) = line.strip_prefix("# ") {
            tries.push(Try { what: what.to_owned(), command: String::new(), fragments: Vec::new() });
        } else if let Some(command) = line.strip_prefix("$ ") {
            command.clone_into(&mut tries.last_mut().unwrap().command);
        } else if let Some(fragment) = line.strip_prefix("> ") {
            tries.last_mut().unwrap().fragments.push(fragment.to_owned());
        }
    }
    tries
}

/// Runs every command as a reader of the page does, in the folder where the demo was started.
fn try_all(demo: &Server, folder: &Path) -> Vec<Try> {
    let tries = tries(&demo.stdout);
    assert!(tries.len() >= 5, "{}", demo.stdout);
    for Try { what, command, fragments } in &tries {
        assert!(!command.is_empty() && !fragments.is_empty(), "{what}");
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{{ {command}\n}} 2>&1")]).current_dir(folder).env("no_proxy", "127.0.0.1");
        assert_in_order(&run(shell).stdout, fragments);
    }
    tries
}

/// The secrets that stand in the commands: what is the same after a restart, when the ports are others.
fn secrets(tries: &[Try]) -> Vec<&str> {
    let commands = tries.iter().filter_map(|one| one.command.split_once("--client-secret "));
    commands.filter_map(|(_, rest)| rest.split(' ').next()).collect()
}

#[test]
fn the_printed_commands_do_what_is_printed_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let launch = || Launch::demo(Path::new("try me")).within(folder.path());
    let demo = launch().start();
    let first = try_all(&demo, folder.path());
    assert_in_order(
        &demo.stdout,
        &["bootstrap credential, printed this once", "client_secret ", "Ctrl-C ends the demo"],
    );
    demo.signal("INT");
    demo.ended();

    let demo = launch().start();
    let second = try_all(&demo, folder.path());
    assert!(!secrets(&first).is_empty());
    assert_eq!(secrets(&first), secrets(&second));
    assert!(!demo.stdout.contains("bootstrap credential"), "{}", demo.stdout);
    demo.signal("INT");
    demo.ended();
}

#[test]
fn a_folder_with_a_real_configuration_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let server = Launch::serve(folder.path()).start();
    server.apply("{kind: application, id: real}", &[]).ok();
    server.stop();
    let told = "this folder holds a real configuration (the application `real`); use another --dir";
    Launch::demo(folder.path()).refused().tells(&[told]);
    let server = Launch::serve(folder.path()).start();
    let applications = server.writ(&["get", "applications", "--output", "json"]).ok().json();
    let ids: Vec<_> = applications.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["real", "writ-admin"]);
    server.stop();
}
