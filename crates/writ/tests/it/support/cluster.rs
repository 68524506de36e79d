//! A PostgreSQL server of a test's own, for tests that stop it.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::client_script::setting;
use super::command::run;
use super::process::is_root;

/// Waits until the test ends in whatever way, then stops the server and removes its files.
const WARDEN: &str = r#"trap '' HUP INT TERM; read -r _; "$@"; rm -rf -- "$0""#;

/// A server with one empty database. Dropping it ends it.
pub(crate) struct Cluster {
    folder: PathBuf,
    port: u16,
    warden: Child,
    pipe: Option<ChildStdin>,
}

impl Cluster {
    pub(crate) fn start_new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("writ-it-cluster-{}-{number}", std::process::id()));
        let mut install = Command::new("install");
        install.args(["-d", "-m", "700"]);
        if is_root() {
            install.args(["-o", "postgres", "-g", "postgres"]);
        }
        install.arg(&folder);
        run(install).ok();
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap().port();
        let mut stop = pg_ctl(&folder);
        stop.args(["-m", "immediate", "stop"]);
        let mut warden = Command::new("sh");
        warden.args(["-c", WARDEN]).arg(&folder).arg(stop.get_program()).args(stop.get_args());
        warden.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let mut warden = warden.spawn().unwrap();
        let pipe = warden.stdin.take();
        let mut initdb = as_server("initdb");
        initdb.args(["-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C", "-D"]).arg(folder.join("data"));
        run(initdb).ok();
        let cluster = Self { folder, port, warden, pipe };
        cluster.start();
        cluster
    }

    /// The URL of its database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    pub(crate) fn start(&self) {
        let options = format!("-p {} -k {} -c listen_addresses=127.0.0.1", self.port, self.folder.display());
        let mut start = pg_ctl(&self.folder);
        start.args(["-w", "-s", "-o", &options, "-l"]).arg(self.folder.join("log")).arg("start");
        run(start).ok();
    }

    /// Ends it without a word to anybody, as a crash does.
    pub(crate) fn crash(&self) {
        let mut stop = pg_ctl(&self.folder);
        stop.args(["-m", "immediate", "stop"]);
        run(stop).ok();
    }

    /// Has all its processes stand still, or go on: connections stay open, and nobody answers.
    pub(crate) fn set_still(&self, still: bool) {
        // Not there: it has ended.
        let Ok(file) = std::fs::read_to_string(self.folder.join("data/postmaster.pid")) else { return };
        let postmaster = file.lines().next().unwrap().to_owned();
        let signal = |processes: &[String]| {
            let mut kill = Command::new("kill");
            kill.arg(if still { "-STOP" } else { "-CONT" }).args(processes);
            // One of them may have ended by itself.
            drop(kill.output().unwrap());
        };
        // The parent first, so that there are no more children when they are stopped.
        signal(std::slice::from_ref(&postmaster));
        signal(&children_of(&postmaster));
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.set_still(false);
        drop(self.pipe.take());
        drop(self.warden.wait());
    }
}

fn children_of(parent: &str) -> Vec<String> {
    let is_child = |process: &String| {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        stat.rsplit(") ").next().and_then(|fields| fields.split(' ').nth(1)) == Some(parent)
    };
    let names = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).filter(is_child).collect()
}

fn pg_ctl(folder: &Path) -> Command {
    let mut command = as_server("pg_ctl");
    command.arg("-D").arg(folder.join("data"));
    command
}

/// PostgreSQL refuses to run as root: then its own user runs it.
fn as_server(program: &str) -> Command {
    let program = PathBuf::from(setting("WRIT_TEST_POSTGRES_PROGRAMS")).join(program);
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/");
    command
}
