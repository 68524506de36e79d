//! The servers that are measured, each pinned to its core.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::process;
use crate::workspace::Workspace;

/// The load generator's core; the server has core 0.
pub(super) const LOAD_CORE: &str = "1";

/// A running server; dropping it ends it.
pub(super) struct Server {
    child: Child,
    /// The root of the listener that is loaded.
    pub(super) url: String,
    writ: PathBuf,
    folder: PathBuf,
}

/// A program on a core.
pub(super) fn on_core(core: u32, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.arg("-c").arg(core.to_string()).arg(program);
    command
}

pub(super) fn client_id(n: usize) -> String {
    format!("client{n:05}")
}

pub(super) fn secret(n: usize) -> String {
    format!("bench-secret-of-{n:024}")
}

impl Server {
    /// The fixed response on the same stack.
    pub(super) fn floor(workspace: &Workspace) -> Result<Self> {
        let program = workspace.target.join("release/examples/floor");
        Self::start(on_core(0, &program), PathBuf::new(), PathBuf::new(), |line| Some(line.to_owned()))
    }

    /// Writ with this many clients.
    pub(super) fn writ(workspace: &Workspace, folder: &Path, clients: usize) -> Result<Self> {
        let writ = workspace.target.join("release/writ");
        let dir = folder.join(format!("data-{clients}"));
        if dir.exists() {
            fs::remove_dir_all(&dir)?;
        }
        let mut command = on_core(0, &writ);
        command.arg("serve").arg("--dir").arg(&dir);
        command.args(["--public", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--gateway", "127.0.0.1:0"]);
        let root = |line: &str| Some(line.strip_prefix("public")?.trim().to_owned());
        let server = Self::start(command, writ, dir, root)?;
        server.apply(&documents(clients))?;
        Ok(server)
    }

    fn start(
        mut command: Command,
        writ: PathBuf,
        folder: PathBuf,
        url: impl Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let wants_ready = !folder.as_os_str().is_empty();
        let mut found = None;
        while found.is_none() || wants_ready {
            let Some(line) = lines.next().transpose()? else { bail!("the server ended before it was ready") };
            found = found.or_else(|| url(&line));
            if line == "ready" {
                break;
            }
        }
        // Whatever else it prints must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, url: found.context("the server did not say where it listens")?, writ, folder })
    }

    /// Lets the issuer sign with another algorithm.
    pub(super) fn sign_with(&self, alg: &str) -> Result<()> {
        self.apply(&json!([{ "kind": "issuer", "name": "oauth", "dialect": "oauth", "signing": { "alg": alg } }]))
    }

    fn apply(&self, documents: &Value) -> Result<()> {
        let file = self.folder.join("bench-documents.json");
        fs::write(&file, documents.to_string())?;
        let mut apply = Command::new(&self.writ);
        process::output(apply.arg("apply").arg("--dir").arg(&self.folder).arg("-f").arg(&file)).map(drop)
    }

    /// The CPU time that the server has used, in microseconds.
    pub(super) fn cpu_micros(&self) -> Result<f64> {
        /// The kernel counts in hundredths of a second, whatever its own clock is.
        const MICROS_A_TICK: f64 = 10_000.0;
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let after_name = stat.rsplit(") ").next().context("an unknown form of /proc/PID/stat")?;
        let ticks = after_name.split(' ').skip(11).take(2).map(str::parse::<f64>);
        Ok(ticks.sum::<Result<f64, _>>()? * MICROS_A_TICK)
    }

    /// The server's resident memory.
    pub(super) fn resident_megabytes(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches("kB").trim().parse::<u64>()? / 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One resource server, and an application with a client for each number.
fn documents(clients: usize) -> Value {
    let server = json!({
        "kind": "application",
        "id": "bench",
        "resource_server": { "audience": "api://bench", "permissions": [{ "id": "read:all" }] },
    });
    let application = |n: usize| {
        json!({
            "kind": "application",
            "id": client_id(n),
            "clients": [{
                "credentials": [{ "kind": "secret", "value": secret(n) }],
                "authorizations": [{ "audience": "api://bench", "permissions": ["read:all"] }],
            }],
        })
    };
    std::iter::once(server).chain((0..clients).map(application)).collect()
}
