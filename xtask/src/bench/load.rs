//! The load: wrk on its own core.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::server::{LOAD_CORE, Server};
use super::writ::{client_id, secret};
use crate::process;

const CONNECTIONS: u32 = 64;

/// Requests, one after the other and round again, each prepared before the first is sent.
#[derive(Clone)]
pub(super) struct Load {
    script: PathBuf,
    /// How many different requests there are, where none may be sent twice.
    once: Option<u32>,
}

/// What one run of wrk came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    /// Requests in all.
    pub(super) requests: f64,
    /// Requests a second.
    pub(super) rate: f64,
    /// The server's CPU time a request, in microseconds.
    pub(super) cpu: f64,
}

/// A form with the credentials of a client.
pub(super) fn form(n: usize) -> String {
    format!("grant_type=client_credentials&scope=read:all&client_id={}&client_secret={}", client_id(n), secret(n))
}

impl Load {
    /// Token requests of a number of clients.
    pub(super) fn tokens(folder: &Path, clients: usize) -> Result<Self> {
        let requests = (0..clients).map(|n| {
            let form = form(n);
            format!(
                "POST /oauth2/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                 Content-Length: {}\r\n\r\n{form}",
                form.len()
            )
        });
        Self::write(folder.join(format!("tokens-{clients}.lua")), requests, None)
    }

    /// Calls of an API with some tokens; with `once`, no token may be used twice.
    pub(super) fn calls(folder: &Path, name: &str, tokens: &[String], once: bool) -> Result<Self> {
        let call = |token: &String| {
            format!("GET /bench/7 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n")
        };
        let once = if once { Some(u32::try_from(tokens.len())?) } else { None };
        Self::write(folder.join(format!("calls-{name}.lua")), tokens.iter().map(call), once)
    }

    /// The requests stand in a file of their own, each on a line with its ends escaped: Lua takes only so many constants.
    fn write(script: PathBuf, requests: impl Iterator<Item = String>, once: Option<u32>) -> Result<Self> {
        let list = script.with_extension("requests");
        let lines: Vec<_> = requests.map(|request| request.replace("\r\n", "\\")).collect();
        fs::write(&list, lines.join("\n"))?;
        let list = list.to_string_lossy();
        let text = format!(
            "local requests, at = {{}}, 0\n\
             for line in io.lines({list:?}) do requests[#requests + 1] = line:gsub(\"\\\\\", \"\\r\\n\") end\n\
             function request()\n  at = at % #requests + 1\n  return requests[at]\nend\n"
        );
        fs::write(&script, text)?;
        Ok(Self { script, once })
    }

    /// Loads a server for so long.
    pub(super) fn against(&self, server: &Server, seconds: u32) -> Result<Sample> {
        let before = server.cpu_micros()?;
        let report = wrk(&self.script, &server.url, CONNECTIONS, seconds)?;
        let cpu = server.cpu_micros()? - before;
        let sample = parse(&report, cpu, self.once)?;
        Ok(sample)
    }
}

/// Runs wrk and returns its report.
pub(super) fn wrk(script: &Path, url: &str, connections: u32, seconds: u32) -> Result<String> {
    let mut wrk = Command::new("taskset");
    wrk.args(["-c", &LOAD_CORE.to_string(), "wrk", "-t1"]).arg(format!("-c{connections}"));
    process::output(wrk.arg(format!("-d{seconds}s")).arg("-s").arg(script).arg(url))
}

/// Reads wrk's report. An answer that is no success, or a token used twice where none may be, is an error.
fn parse(report: &str, cpu: f64, once: Option<u32>) -> Result<Sample> {
    if report.contains("Non-2xx") || report.contains("Socket errors") {
        bail!("not every request was answered as it should be:\n{report}");
    }
    let requests = number_before(report, " requests in").context("wrk's report has no number of requests")?;
    if once.is_some_and(|different| requests > f64::from(different)) {
        bail!("there were not enough tokens to use each once; this machine is faster than was thought");
    }
    let rate = report.lines().find_map(|line| line.strip_prefix("Requests/sec:")).context("no rate")?;
    Ok(Sample { requests, rate: rate.trim().parse()?, cpu: cpu / requests })
}

fn number_before(text: &str, words: &str) -> Option<f64> {
    text.split_once(words)?.0.rsplit(char::is_whitespace).next()?.parse().ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const REPORT: &str = "Running 5s test @ http://127.0.0.1:1\n  1 threads and 64 connections\n\
        \x20 Thread Stats   Avg      Stdev     Max   +/- Stdev\n    Latency     1.07ms  110.00us   3.00ms   90.00%\n\
        \x20 20000 requests in 5.01s, 10.00MB read\nRequests/sec:   3992.02\nTransfer/sec:      2.00MB\n";

    #[test]
    fn a_report_gives_rate_and_cpu_time_a_request() {
        let sample = parse(REPORT, 1e6, None).unwrap();
        assert_eq!(sample, Sample { requests: 20_000.0, rate: 3992.02, cpu: 50.0 });
    }

    #[test]
    fn what_was_not_answered_well_is_no_measurement() {
        for trouble in ["  Non-2xx or 3xx responses: 3\n", "  Socket errors: connect 0, read 1, write 0, timeout 0\n"] {
            assert!(parse(&format!("{REPORT}{trouble}"), 1e6, None).is_err());
        }
        assert!(parse("wrk fell over", 1e6, None).is_err());
    }

    #[test]
    fn a_token_that_is_used_twice_is_not_fresh() {
        assert!(parse(REPORT, 1e6, Some(19_999)).is_err() && parse(REPORT, 1e6, Some(20_000)).is_ok());
    }
}
