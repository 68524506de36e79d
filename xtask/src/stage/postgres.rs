//! A PostgreSQL of its own for the tests, gone when they are over.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::{fs, process};

use anyhow::{Context, Result};

use crate::gate::Gate;
use crate::process::{is_root, output, run};

const OLDEST: u32 = 15;

/// Waits until this program ends in whatever way, then stops the server and removes its files.
/// `$0` is the folder, the arguments are the command that stops.
const WARDEN: &str = r#"trap '' HUP INT TERM; read -r _; "$@"; rm -rf -- "$0""#;

/// A running server. Dropping it stops it and removes its files; should this program be
/// interrupted or killed instead, the warden sees the pipe close and does the same.
pub(crate) struct Cluster {
    warden: Child,
    pipe: Option<ChildStdin>,
}

/// Makes a cluster for the tests, and tells them where it is.
pub(crate) fn start(gate: &mut Gate) -> Result<()> {
    let Started { cluster, url, programs } = Cluster::start()?;
    gate.cluster = Some(cluster);
    println!("PostgreSQL of {} at {url}", programs.display());
    gate.environment.push(("WRIT_TEST_POSTGRES", url.into()));
    gate.environment.push(("WRIT_TEST_POSTGRES_PROGRAMS", programs.into()));
    Ok(())
}

/// A cluster that runs.
pub(crate) struct Started {
    pub(crate) cluster: Cluster,
    /// How its only user reaches it.
    pub(crate) url: String,
    /// The folder of its programs.
    pub(crate) programs: PathBuf,
}

fn initdb(programs: &Path, data: &Path) -> Result<()> {
    let mut initdb = as_server(&programs.join("initdb"))?;
    initdb.args(["-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C", "-D"]);
    output(initdb.arg(data)).map(drop)
}

/// The folder of `initdb` and `pg_ctl`: the newest that Debian has, else the one in use.
pub(crate) fn programs() -> Option<PathBuf> {
    let debian = fs::read_dir("/usr/lib/postgresql").ok().into_iter().flatten().flatten();
    let versions =
        debian.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))));
    let in_use = || {
        let version = pg_config("--version")?;
        let digits = version.trim_start_matches(|c: char| !c.is_ascii_digit());
        let major = digits.split(|c: char| !c.is_ascii_digit()).next()?;
        Some((major.parse().ok()?, PathBuf::from(pg_config("--bindir")?)))
    };
    versions
        .chain(in_use())
        .filter(|(version, folder): &(u32, PathBuf)| *version >= OLDEST && has_server(folder))
        .max_by_key(|(version, _)| *version)
        .map(|(_, folder)| folder)
}

fn has_server(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"].iter().all(|name| folder.join(name).exists())
}

fn pg_config(argument: &str) -> Option<String> {
    let output = Command::new("pg_config").arg(argument).stderr(Stdio::null()).output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim_end().to_owned())
}

/// PostgreSQL refuses to run as root: then its own user runs it.
fn as_server(program: &Path) -> Result<Command> {
    let mut command = if is_root()? {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/");
    Ok(command)
}

fn make_folder(folder: &Path) -> Result<()> {
    let mut install = Command::new("install");
    install.args(["-d", "-m", "700"]);
    if is_root()? {
        install.args(["-o", "postgres", "-g", "postgres"]);
    }
    run(install.arg(folder))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

impl Cluster {
    /// Makes a cluster and starts it on a free port of the loopback interface.
    pub(crate) fn start() -> Result<Started> {
        let programs = programs().context("no server programs of PostgreSQL 15 or newer")?;
        let folder = std::env::temp_dir().join(format!("writ-test-postgres-{}", process::id()));
        make_folder(&folder)?;
        let data = folder.join("data");
        let mut stop = as_server(&programs.join("pg_ctl"))?;
        stop.arg("-D").arg(&data).args(["-m", "immediate", "stop"]);
        let cluster = Self::new(&folder, &stop)?;

        initdb(&programs, &data)?;
        let port = free_port()?;
        let log = folder.join("log");
        // Synchronous writes stay on: some tests kill what they test and look at what is left.
        let options = format!("-p {port} -k {} -c listen_addresses=127.0.0.1 -c max_connections=400", folder.display());
        let mut start = as_server(&programs.join("pg_ctl"))?;
        start.arg("-D").arg(&data).args(["-w", "-s", "-o", &options, "-l"]).arg(&log).arg("start");
        run(&mut start).with_context(|| fs::read_to_string(&log).unwrap_or_default())?;
        Ok(Started { cluster, url: format!("postgres://postgres@127.0.0.1:{port}/postgres"), programs })
    }

    fn new(folder: &Path, stop: &Command) -> Result<Self> {
        let mut warden = Command::new("sh")
            .args(["-c", WARDEN])
            .arg(folder)
            .arg(stop.get_program())
            .args(stop.get_args())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C reaches the terminal's whole process group; the warden stands outside.
            .process_group(0)
            .spawn()
            .context("cannot run sh")?;
        let pipe = warden.stdin.take();
        Ok(Self { warden, pipe })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.pipe.take());
        if let Err(error) = self.warden.wait() {
            eprintln!("the test PostgreSQL may still run: {error}");
        }
    }
}
