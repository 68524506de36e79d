//! The load: wrk on its own core.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::server::{LOAD_CORE, Server};
use super::writ::{CALLED, client_id, secret};
use crate::process;

const CONNECTIONS: u32 = 64;

/// Requests, one after the other and round again, each prepared before the first is sent.
#[derive(Clone)]
pub(super) struct Load {
    script: PathBuf,
    /// How many different requests there are.
    different: u32,
    reuse: Reuse,
}

/// Whether a request may be sent more than once.
#[derive(Clone)]
pub(super) enum Reuse {
    Always,
    /// Once a run: between runs, the server forgets.
    Once,
    /// Never: so many were sent in earlier runs.
    Never(Cell<u32>),
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

fn assertion_form(assertion: &str) -> String {
    format!(
        "grant_type=client_credentials&scope=read:all&client_assertion={assertion}&\
         client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
    )
}

fn post(path: &str, form: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{form}",
        form.len()
    )
}

impl Load {
    /// Token requests of a number of clients.
    pub(super) fn tokens(folder: &Path, clients: usize) -> Result<Self> {
        let requests = (0..clients).map(|n| post("/oauth2/token", &form(n)));
        Self::write(folder.join(format!("tokens-{clients}.lua")), requests, Reuse::Always)
    }

    /// Token requests of one client, each with an assertion that is good for one request.
    pub(super) fn assertions(folder: &Path, name: &str, assertions: &[String]) -> Result<Self> {
        let requests = assertions.iter().map(|assertion| post("/oauth2/token", &assertion_form(assertion)));
        Self::write(folder.join(format!("{name}.lua")), requests, Reuse::Never(Cell::new(0)))
    }

    /// Questions of the application that is called whether some tokens are active.
    pub(super) fn introspections(folder: &Path, name: &str, tokens: &[String]) -> Result<Self> {
        let ask = |token: &String| {
            post("/oauth2/introspect", &format!("token={token}&client_id={CALLED}&client_secret={}", secret(0)))
        };
        Self::write(folder.join(format!("introspections-{name}.lua")), tokens.iter().map(ask), Reuse::Always)
    }

    /// Calls of an API with some tokens; with `once`, no token may be used twice.
    pub(super) fn calls(folder: &Path, name: &str, tokens: &[String], once: bool) -> Result<Self> {
        let call = |token: &String| {
            format!("GET /bench/7 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n")
        };
        let reuse = if once { Reuse::Once } else { Reuse::Always };
        Self::write(folder.join(format!("calls-{name}.lua")), tokens.iter().map(call), reuse)
    }

    /// The requests stand in a file of their own, each on a line with its ends escaped: Lua takes only so many constants.
    fn write(script: PathBuf, requests: impl Iterator<Item = String>, reuse: Reuse) -> Result<Self> {
        let list = script.with_extension("requests");
        let lines: Vec<_> = requests.map(|request| request.replace("\r\n", "\\")).collect();
        fs::write(&list, lines.join("\n"))?;
        let list = list.to_string_lossy();
        let text = format!(
            "local requests, at, sent = {{}}, 0, tonumber(os.getenv({SENT:?}))\n\
             for line in io.lines({list:?}) do\n\
             \x20 if sent > 0 then sent = sent - 1 else requests[#requests + 1] = line:gsub(\"\\\\\", \"\\r\\n\") end\n\
             end\n\
             function request()\n  at = at % #requests + 1\n  return requests[at]\nend\n"
        );
        fs::write(&script, text)?;
        Ok(Self { script, different: u32::try_from(lines.len())?, reuse })
    }

    /// Loads a server for so long.
    pub(super) fn against(&self, server: &Server, seconds: u32) -> Result<Sample> {
        let sent = match &self.reuse {
            Reuse::Always | Reuse::Once => 0,
            Reuse::Never(sent) => sent.get(),
        };
        let before = server.cpu_micros()?;
        let report = wrk(&self.script, &server.url, Run { connections: CONNECTIONS, seconds, sent })?;
        let cpu = server.cpu_micros()? - before;
        let left = match &self.reuse {
            Reuse::Always => None,
            Reuse::Once => Some(self.different),
            Reuse::Never(_) => Some(self.different.saturating_sub(sent)),
        };
        let sample = parse(&report, cpu, left)?;
        if let Reuse::Never(sent) = &self.reuse {
            // Those that were under way when wrk ended it did not count.
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a whole number, at most `left`"
            )]
            sent.set(sent.get() + sample.requests as u32 + CONNECTIONS);
        }
        Ok(sample)
    }

    /// The same requests for another server, which knows nothing of those that were sent.
    pub(super) fn anew(&self) -> Self {
        let reuse = match &self.reuse {
            Reuse::Never(_) => Reuse::Never(Cell::new(0)),
            other @ (Reuse::Always | Reuse::Once) => other.clone(),
        };
        Self { script: self.script.clone(), different: self.different, reuse }
    }
}

/// Where a script reads how many of its requests were sent before.
const SENT: &str = "BENCH_SENT";

/// What one run of wrk is to be.
#[derive(Clone, Copy)]
pub(super) struct Run {
    pub(super) connections: u32,
    pub(super) seconds: u32,
    /// How many requests of the script were sent before, and are left out.
    pub(super) sent: u32,
}

/// Runs wrk and returns its report.
pub(super) fn wrk(script: &Path, url: &str, run: Run) -> Result<String> {
    let mut wrk = Command::new("taskset");
    wrk.args(["-c", &LOAD_CORE.to_string(), "wrk", "-t1"]).arg(format!("-c{}", run.connections));
    wrk.env(SENT, run.sent.to_string());
    process::output(wrk.arg(format!("-d{}s", run.seconds)).arg("-s").arg(script).arg(url))
}

/// Reads wrk's report. An answer that is no success, or a request sent twice where none may be, is an error.
fn parse(report: &str, cpu: f64, left: Option<u32>) -> Result<Sample> {
    if report.contains("Non-2xx") || report.contains("Socket errors") {
        bail!("not every request was answered as it should be:\n{report}");
    }
    let requests = number_before(report, " requests in").context("wrk's report has no number of requests")?;
    if left.is_some_and(|left| requests > f64::from(left)) {
        bail!("there were not enough requests to send each once; this machine is faster than was thought");
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
