//! The load: wrk on its own core, every request another client's.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::server::{LOAD_CORE, Server, client_id, secret};
use crate::process;

const SECONDS: u32 = 8;
const CONNECTIONS: u32 = 64;
/// How often a measurement is taken; the median counts.
const RUNS: usize = 3;

/// Token requests of a number of clients, one after the other.
pub(super) struct Load {
    script: PathBuf,
}

/// The median of the runs.
#[derive(Clone, Copy)]
pub(super) struct Measured {
    /// Requests a second.
    pub(super) rate: f64,
    /// The server's CPU time a request, in microseconds.
    pub(super) cpu_micros: f64,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0}/s, {:.1} us of CPU each", self.rate, self.cpu_micros)
    }
}

impl Load {
    pub(super) fn new(folder: &Path, clients: usize) -> Result<Self> {
        let script = folder.join(format!("load-{clients}.lua"));
        let bodies: Vec<_> = (0..clients).map(|n| format!("{:?}", body(n))).collect();
        let text = format!(
            "local bodies = {{ {} }}\nlocal at = 0\n\
             local headers = {{ [\"Content-Type\"] = \"application/x-www-form-urlencoded\" }}\n\
             function request()\n  at = at % #bodies + 1\n\
             \x20 return wrk.format(\"POST\", \"/oauth2/token\", headers, bodies[at])\nend\n",
            bodies.join(",\n")
        );
        fs::write(&script, text)?;
        Ok(Self { script })
    }

    /// Loads a server, once to warm up and then for the record.
    pub(super) fn against(&self, server: &Server) -> Result<Measured> {
        self.once(server, 3)?;
        let mut runs = (0..RUNS).map(|_| self.once(server, SECONDS)).collect::<Result<Vec<_>>>()?;
        runs.sort_by(|a, b| a.rate.total_cmp(&b.rate));
        runs.get(RUNS / 2).copied().context("no run")
    }

    fn once(&self, server: &Server, seconds: u32) -> Result<Measured> {
        let cpu = server.cpu_micros()?;
        let mut wrk = Command::new("taskset");
        wrk.args(["-c", LOAD_CORE, "wrk", "-t1"]).arg(format!("-c{CONNECTIONS}")).arg(format!("-d{seconds}s"));
        let report = process::output(wrk.arg("-s").arg(&self.script).arg(&server.url))?;
        if report.contains("Non-2xx") || report.contains("Socket errors") {
            bail!("not every request was answered as it should be:\n{report}");
        }
        let requests = number_before(&report, " requests in").context("wrk's report has no number of requests")?;
        let rate = report.lines().find_map(|line| line.strip_prefix("Requests/sec:")).context("no rate")?;
        let cpu_micros = (server.cpu_micros()? - cpu) / requests;
        Ok(Measured { rate: rate.trim().parse()?, cpu_micros })
    }
}

fn number_before(text: &str, words: &str) -> Option<f64> {
    text.split(words).next()?.rsplit(char::is_whitespace).next()?.parse().ok()
}

fn body(n: usize) -> String {
    format!("grant_type=client_credentials&scope=read:all&client_id={}&client_secret={}", client_id(n), secret(n))
}
