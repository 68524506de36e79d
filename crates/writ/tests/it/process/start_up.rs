//! Why a server cannot start: one sentence with what to do next, no secret in it, and no panic.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{application, server};
use crate::support::command::{Ran, run};
use crate::support::database::{Postgres, with_sqlite};
use crate::support::process::Launch;

/// A folder in which a server has run, and has stopped.
fn used_folder() -> TempDir {
    let (folder, server) = server();
    server.apply(&application("one").to_string(), &[]).ok();
    server.stop();
    folder
}

/// Ends the test unless there is one line, which has these pieces in order and no secret.
#[track_caller]
fn assert_told(ran: Ran, pieces: &[&str]) {
    let ran = ran.tells(&["error: "]).tells(pieces);
    assert_eq!(ran.stderr.lines().count(), 1, "{ran}");
    assert_eq!(ran.stdout, "", "{ran}");
    assert!(!ran.stderr.contains("hunter2"), "{ran}");
}

fn refused(folder: &Path) -> Ran {
    Launch::serve(folder).refused()
}

#[test]
fn a_port_that_is_taken() {
    let (_folder, running) = server();
    let other = tempfile::tempdir().unwrap();
    let taken = running.said("admin").strip_prefix("http://").unwrap().to_owned();
    let ran = Launch::serve_on(other.path(), "--admin", &taken).refused();
    assert_told(ran, &["the admin listener cannot have ", &taken, "choose another address with --admin", "in use"]);
    running.stop();
}

#[test]
fn a_folder_that_another_server_runs_on() {
    let (folder, running) = server();
    assert_told(refused(folder.path()), &["another server is running on the folder ", "choose another with --dir"]);
    // The one that runs has not been disturbed.
    running.apply(&application("one").to_string(), &[]).ok();
    running.assert_serves("one");
    running.stop();
}

#[test]
fn a_master_key_that_is_missing_or_another() {
    let folder = used_folder();
    let key = folder.path().join("master.key");
    let kept = fs::read_to_string(&key).unwrap();
    fs::remove_file(&key).unwrap();
    assert_told(refused(folder.path()), &["the master key ", "is missing", "backup", "WRIT_MASTER_KEY"]);
    assert!(!key.exists(), "a new key for an old database would be mistaken for its own");

    fs::write(&key, "hunter2").unwrap();
    assert_told(refused(folder.path()), &["master.key is not a master key", "openssl rand -base64 32"]);
    let another = "aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMmh1bnQ=";
    fs::write(&key, another).unwrap();
    let told = ["is not the one that the database was made with", "WRIT_MASTER_KEY"];
    assert_told(refused(folder.path()), &told);
    let ran = Launch::serve(folder.path()).env("WRIT_MASTER_KEY", another).refused();
    assert!(!ran.stderr.contains(another), "{ran}");
    assert_told(ran, &told);

    fs::write(&key, &kept).unwrap();
    let server = Launch::serve(folder.path()).start();
    server.assert_serves("one");
    server.stop();
}

#[test]
fn a_database_of_a_newer_version() {
    let folder = used_folder();
    let newer = "t, = c.execute(\"SELECT name FROM sqlite_master WHERE name LIKE '%_migrations'\").fetchone(); \
                 c.execute(f\"INSERT INTO {t} VALUES (9999, 'later', 0, 1, x'00', 0)\")";
    run(with_sqlite(newer, &database(&folder))).ok();
    assert_told(refused(folder.path()), &["written by a newer version of writ (schema 9999); run that version"]);
}

#[test]
fn a_file_that_is_no_database() {
    let folder = used_folder();
    fs::write(database(&folder), "This is a text, and long enough to be looked at. ".repeat(200)).unwrap();
    assert_told(refused(folder.path()), &["writ.db: the file is not an SQLite database", "restore a backup", "--dir"]);
}

#[test]
fn a_folder_or_a_database_that_may_not_be_written() {
    let folder = used_folder();
    let as_nobody = |folder: &Path| Launch::serve_as_nobody(folder).refused();
    let told = ["cannot write to the folder ", "choose another with --dir", "Permission denied"];
    assert_told(as_nobody(folder.path()), &told);
    let shared = tempfile::tempdir().unwrap();
    chmod("755", shared.path());
    let told = ["cannot make the folder ", "choose another with --dir", "Permission denied"];
    assert_told(as_nobody(&shared.path().join("new")), &told);

    let mut chown = Command::new("chown");
    chown.args(["-R", "65534"]).arg(folder.path());
    run(chown).ok();
    chmod("444", &database(&folder));
    let told = ["writ.db cannot be written; the server's user must be able to", "Permission denied"];
    assert_told(as_nobody(folder.path()), &told);
    chmod("644", &database(&folder));
    let server = Launch::serve_as_nobody(folder.path()).start();
    server.assert_serves("one");
    server.stop();
}

#[test]
fn a_folder_that_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    assert_told(refused(&file), &["cannot make the folder ", "choose another with --dir", "File exists"]);
}

#[test]
fn postgresql_that_cannot_be_reached() {
    let postgres = Postgres::new();
    let folder = tempfile::tempdir().unwrap();
    let at = |url: &str| Launch::serve(folder.path()).env("WRIT_DATABASE", url).refused();
    let next = "is it running, and is the URL right?";
    // A port that was free a moment ago: nothing listens there.
    let nobody = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap();
    let down = at(&format!("postgres://writ:hunter2@{nobody}/writ"));
    let place = format!("PostgreSQL at {nobody}/writ: ");
    assert_told(down, &[&place, "cannot be reached: Connection refused", next]);
    let unknown = at(&postgres.url_of("postgres", "not_there"));
    assert_told(unknown, &["/not_there: ", "database \"not_there\" does not exist", next]);
    let nowhere = at("postgres://writ:hunter2@host.invalid/writ");
    assert_told(nowhere, &["PostgreSQL at host.invalid/writ: ", "cannot be reached: ", next]);
    let no_url = Launch::serve(folder.path()).env("WRIT_DATABASE", "mysql://writ:hunter2@127.0.0.1/writ").refused();
    let no_url = no_url.tells(&["because of\nWRIT_DATABASE: expected `sqlite` or a postgres:// URL"]);
    assert!(!no_url.stderr.contains("hunter2"), "{no_url}");
}

#[test]
fn a_password_that_postgresql_refuses() {
    let postgres = Postgres::new();
    let (role, right) = postgres.role_with_password();
    let folder = tempfile::tempdir().unwrap();
    let at = |password: &str| postgres.url_of(&format!("{role}:{password}"), postgres.name());
    let ran = Launch::serve(folder.path()).env("WRIT_DATABASE", &at("hunter2")).refused();
    assert_told(ran, &[&format!("password authentication failed for user \"{role}\""), "is the URL right?"]);
    Launch::serve(folder.path()).env("WRIT_DATABASE", &at(&right)).start().stop();
}

#[test]
fn the_folder_of_another_postgresql_installation() {
    let postgres = Postgres::new();
    let first = tempfile::tempdir().unwrap();
    Launch::serve(first.path()).env("WRIT_DATABASE", &postgres.url()).start().stop();
    let second = tempfile::tempdir().unwrap();
    let ran = Launch::serve(second.path()).env("WRIT_DATABASE", &postgres.url()).refused();
    assert_told(ran, &["is not the one that the database was made with", "WRIT_MASTER_KEY"]);
}

#[test]
fn settings_that_are_wrong_are_all_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("writ.toml"), "publik = '127.0.0.1:0'\n\n[limits]\nparameters = 0\n").unwrap();
    Launch::serve(folder.path()).refused().tells(&[
        "because of\n",
        "writ.toml:1: publik: unknown key",
        "writ.toml:4: limits.parameters: ",
    ]);
    let other = tempfile::tempdir().unwrap();
    Launch::serve_on(other.path(), "--public", "here").misused().tells(&["--public: `here` is not an address"]);
}

fn database(folder: &TempDir) -> PathBuf {
    folder.path().join("writ.db")
}

fn chmod(mode: &str, path: &Path) {
    let mut chmod = Command::new("chmod");
    chmod.arg(mode).arg(path);
    run(chmod).ok();
}
