//! A database that somebody else holds, or that goes away while the server runs.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::{application, server};
use crate::support::database::{Postgres, with_sqlite};
use crate::support::process::{Launch, Server};

/// Another program that has the database for itself, until its standard input ends.
pub(super) struct Holder(Child);

impl Holder {
    pub(super) fn new(server: &Server) -> Self {
        let hold = "c.execute('BEGIN EXCLUSIVE'); print('held', flush=True); sys.stdin.read(); c.execute('ROLLBACK')";
        let mut command = with_sqlite(hold, &server.dir().join("writ.db"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "held\n");
        Self(child)
    }

    pub(super) fn let_go(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().unwrap().success());
    }
}

#[test]
fn a_locked_database_refuses_changes_and_serves_known_clients() {
    let (_folder, server) = server();
    server.apply(&application("known").to_string(), &[]).ok();
    server.assert_serves("known");
    let holder = Holder::new(&server);
    let told = server.apply(&application("new").to_string(), &[]).failed(1).json();
    assert_eq!((&told["error"], &told["status"]), (&"database_unavailable".into(), &503.into()), "{told:#}");
    assert_eq!(told["error_description"], "nothing was changed: the database is locked by another program");
    server.assert_serves("known");
    assert_eq!(server.applications(), ["known"]);
    holder.let_go();
    server.apply(&application("new").to_string(), &[]).ok();
    server.assert_serves("new");
    server.stop();
}

#[test]
fn a_server_does_not_start_on_a_locked_database() {
    let (folder, server) = server();
    let holder = Holder::new(&server);
    server.stop();
    let told = ["writ.db: the database is locked by another program; stop the program that holds it"];
    Launch::serve(folder.path()).refused().tells(&told);
    holder.let_go();
    Launch::serve(folder.path()).start().stop();
}

#[test]
fn postgresql_may_go_away_and_come_back() {
    let postgres = Postgres::new();
    let folder = tempfile::tempdir().unwrap();
    let server = Launch::serve(folder.path()).env("WRIT_DATABASE", &postgres.url()).start();
    server.apply(&application("known").to_string(), &[]).ok();
    server.assert_serves("known");
    postgres.set_reachable(false);
    let told = server.apply(&application("new").to_string(), &[]).failed(1).json();
    assert_eq!((&told["error"], &told["status"]), (&"database_unavailable".into(), &503.into()), "{told:#}");
    server.assert_serves("known");
    let stranger = server.token("new", &super::secret_of("new"), "read");
    assert_eq!(stranger["status"], 503, "what is not known cannot be told apart from what is not there\n{stranger:#}");
    postgres.set_reachable(true);
    let started = Instant::now();
    while server.apply(&application("new").to_string(), &[]).status != Some(0) {
        assert!(started.elapsed() < Duration::from_secs(30), "{}", server.log());
    }
    server.assert_serves("new");
    server.stop();
}
