//! A server that is measured: pinned to a core, and ended when dropped.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The core of the load and of what is forwarded to; the servers have core 0.
pub(super) const LOAD_CORE: u32 = 1;

/// How a server is started, and how it says where it listens.
#[derive(Clone)]
pub(super) struct Recipe {
    pub(super) core: u32,
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    /// What stands before the URL in its output; empty: the line is the URL.
    pub(super) before_url: &'static str,
    /// Whether it prints `ready` in the end.
    pub(super) says_ready: bool,
}

/// A running server.
pub(super) struct Server {
    recipe: Recipe,
    child: Child,
    /// The root of the listener that is loaded.
    pub(super) url: String,
    /// How long the start took.
    pub(super) start: Duration,
}

/// A program on a core.
pub(super) fn on_core(core: u32, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.arg("-c").arg(core.to_string()).arg(program);
    command
}

impl Server {
    pub(super) fn start(recipe: Recipe) -> Result<Self> {
        let mut command = on_core(recipe.core, &recipe.program);
        command.args(&recipe.arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let started = Instant::now();
        let mut child = command.spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let mut url = None;
        while url.is_none() || recipe.says_ready {
            let Some(line) = lines.next().transpose()? else { bail!("the server ended before it was ready") };
            url = url.or_else(|| Some(line.strip_prefix(recipe.before_url)?.trim().to_owned()));
            if line == "ready" {
                break;
            }
        }
        let start = started.elapsed();
        // Whatever else it prints must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { recipe, child, url: url.context("the server did not say where it listens")?, start })
    }

    /// A server that says nothing, known to listen at this URL.
    pub(super) fn silent(mut command: Command, recipe: Recipe, url: String) -> Result<Self> {
        let started = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()).spawn()?;
        let server = Self { recipe, child, start: started.elapsed(), url };
        let address = server.url.trim_start_matches("http://").to_owned();
        while std::net::TcpStream::connect(&address).is_err() {
            if started.elapsed() > Duration::from_secs(5) {
                bail!("nothing listens at {}", server.url);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// Ends it and starts it again: what it had in memory is gone.
    pub(super) fn restart(&mut self) -> Result<()> {
        self.end();
        *self = Self::start(self.recipe.clone())?;
        Ok(())
    }

    /// The CPU time that it has used, in microseconds.
    pub(super) fn cpu_micros(&self) -> Result<f64> {
        cpu_micros(&fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?)
    }

    /// Its resident memory, in megabytes of a million bytes.
    pub(super) fn resident_megabytes(&self) -> Result<f64> {
        resident_megabytes(&fs::read_to_string(format!("/proc/{}/status", self.child.id()))?)
    }

    fn end(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

fn cpu_micros(stat: &str) -> Result<f64> {
    /// The kernel counts in hundredths of a second, whatever its own clock is.
    const MICROS_A_TICK: f64 = 10_000.0;
    // The name stands in parentheses and may hold anything.
    let (_, after_name) = stat.rsplit_once(") ").context("an unknown form of /proc/PID/stat")?;
    let ticks: Vec<f64> = after_name.split(' ').skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    if ticks.len() < 2 {
        bail!("no times in /proc/PID/stat");
    }
    Ok(ticks.iter().sum::<f64>() * MICROS_A_TICK)
}

fn resident_megabytes(status: &str) -> Result<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kibibytes * 1024.0 / 1e6)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_that_of_user_and_system() {
        let stat = "7 (a) b) R 1 7 7 0 -1 4194560 160 0 0 0 120 30 0 0 20 0 1 0 100 1 1";
        assert!((cpu_micros(stat).unwrap() - 1_500_000.0).abs() < 0.5);
        assert!(cpu_micros("7 (a) R 1 2 3").is_err() && cpu_micros("").is_err());
    }

    #[test]
    fn memory_is_what_is_resident() {
        let status = "VmHWM:\t   99999 kB\nVmRSS:\t   50000 kB\n";
        assert!((resident_megabytes(status).unwrap() - 51.2).abs() < 0.01);
        assert!(resident_megabytes("").is_err());
    }
}
