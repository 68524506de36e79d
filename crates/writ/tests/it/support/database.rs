//! Databases of a test's own, and other programs that use them.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::client_script::setting;
use super::command::run;

/// A program that has an SQLite file open as `c` and does something with it.
pub(crate) fn with_sqlite(script: &str, file: &Path) -> Command {
    let opened = format!("import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); {script}");
    let mut command = Command::new(setting("WRIT_TEST_PYTHON"));
    command.args(["-c", &opened]).arg(file);
    command
}

/// A PostgreSQL database of its own, dropped with this.
pub(crate) struct Postgres {
    cluster: String,
    name: String,
}

impl Postgres {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let url = setting("WRIT_TEST_POSTGRES").into_string().unwrap();
        let (cluster, _) = url.rsplit_once('/').unwrap();
        let name = format!("writ_it_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let postgres = Self { cluster: cluster.to_owned(), name };
        postgres.sql(&format!("CREATE DATABASE {} TEMPLATE template0", postgres.name));
        postgres
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The URL of the database.
    pub(crate) fn url(&self) -> String {
        format!("{}/{}", self.cluster, self.name)
    }

    /// The URL of another database of the cluster, for another role.
    pub(crate) fn url_of(&self, user: &str, name: &str) -> String {
        let (_, host) = self.cluster.rsplit_once('@').unwrap();
        format!("postgres://{user}@{host}/{name}")
    }

    /// A role that owns the database and has to give its password; both.
    pub(crate) fn role_with_password(&self) -> (String, String) {
        let role = format!("{}_role", self.name);
        let password = "correct-horse".to_owned();
        self.sql(&format!("CREATE ROLE {role} LOGIN PASSWORD '{password}'"));
        self.sql(&format!("ALTER DATABASE {} OWNER TO {role}", self.name));
        let rules = format!(
            "('host all {role} 127.0.0.1/32 scram-sha-256'), ('local all all trust'), \
             ('host all all 127.0.0.1/32 trust'), ('host all all ::1/128 trust')"
        );
        let copy =
            format!("EXECUTE format('COPY (VALUES {}) TO %L', current_setting('hba_file'))", rules.replace('\'', "''"));
        self.sql(&format!("DO $$ BEGIN {copy}; END $$"));
        self.reload();
        (role, password)
    }

    /// Makes the database unreachable for everybody, or reachable again.
    pub(crate) fn set_reachable(&self, reachable: bool) {
        self.sql(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS {reachable}", self.name));
        if !reachable {
            let of_database = format!("datname = '{}'", self.name);
            self.sql(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {of_database}"));
        }
    }

    /// Has the server read its rules, and waits until it has.
    fn reload(&self) {
        let loaded = || self.sql("SELECT pg_conf_load_time()");
        let (before, started) = (loaded(), Instant::now());
        self.sql("SELECT pg_reload_conf()");
        while loaded() == before {
            assert!(started.elapsed() < Duration::from_secs(30), "PostgreSQL does not read its configuration");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Runs a statement as the cluster's superuser.
    fn sql(&self, statement: &str) -> String {
        psql(&format!("{}/postgres", self.cluster), statement)
    }

    /// Runs a statement in the database; what it answers, as `psql -A -t` prints it.
    pub(crate) fn query(&self, statement: &str) -> String {
        psql(&self.url(), statement)
    }
}

fn psql(url: &str, statement: &str) -> String {
    let mut psql = Command::new("psql");
    psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement, "-d", url]);
    run(psql).ok().stdout
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // A test that failed already should tell its own failure.
        if !std::thread::panicking() {
            self.sql(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
        }
    }
}
