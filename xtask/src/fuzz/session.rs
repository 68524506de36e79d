//! One target under the fuzzer.

use std::fmt;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::Plan;
use super::build::Fuzzer;
use crate::process;

/// An input that takes longer than this is a finding: the worst that the limits of size allow takes milliseconds, and a
/// machine can be busy.
const SECONDS_AN_INPUT: u32 = 10;
const MEGABYTES: u32 = 2048;
/// Longer than the longest token, name and expression that are read.
const LONGEST_INPUT: usize = 20_000;
const BETWEEN_LINES: Duration = Duration::from_mins(1);

/// What came of one target.
pub(super) struct Report {
    target: String,
    runs: u64,
    coverage: u64,
    corpus: usize,
    pub(super) finding: Option<PathBuf>,
}

impl Report {
    pub(super) const HEADING: &str = "target                    runs  coverage  corpus  finding";
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, runs, coverage, corpus, finding } = self;
        let finding = finding.as_ref().map_or("none".to_owned(), |file| file.display().to_string());
        write!(f, "{target:<18} {runs:>11}  {coverage:>8}  {corpus:>6}  {finding}")
    }
}

/// Fuzzes one target until its time is over or there is a finding, and then keeps what is worth it.
pub(super) fn run(fuzzer: &Fuzzer, target: &str, plan: &Plan) -> Result<Report> {
    let folder = fuzzer.scratch.join("runs").join(target);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let found = folder.join("found");
    fs::create_dir_all(&found)?;
    let corpus = fuzzer.corpus.join(target);
    let mut command = fuzzer.command(target);
    command.arg(&found).arg(&corpus).args(&plan.also);
    command.arg(format!("-max_total_time={}", plan.time.as_secs()));
    command.arg(format!("-timeout={SECONDS_AN_INPUT}"));
    command.arg(format!("-rss_limit_mb={MEGABYTES}"));
    command.arg(format!("-max_len={LONGEST_INPUT}"));
    command.arg(format!("-artifact_prefix={}/", folder.display()));
    let words = fuzzer.words.join(target);
    if words.exists() {
        command.arg(format!("-dict={}", words.display()));
    }
    let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().context("cannot run the fuzzer")?;
    let progress = Progress::follow(child.stderr.take().context("no output")?, &folder.join("log"))?;
    let succeeded = child.wait()?.success();
    let finding = if succeeded { None } else { Some(finding(&folder)?) };
    if let Some(file) = &finding {
        println!("{}", progress.tail.join("\n"));
        println!("again: WRIT_FUZZ_TARGET={target} {} {}", command.get_program().display(), file.display());
    } else if plan.keep {
        keep(fuzzer, target, &found)?;
    }
    let corpus = fs::read_dir(corpus)?.count();
    Ok(Report { target: target.to_owned(), runs: progress.runs, coverage: progress.coverage, corpus, finding })
}

/// The input that the fuzzer wrote down: `crash-`, `timeout-` or `oom-`, and its digest. Slow inputs, which it writes
/// down too, are no findings.
fn finding(folder: &Path) -> Result<PathBuf> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if ["crash-", "timeout-", "oom-"].iter().any(|kind| name.starts_with(kind)) {
            return Ok(path);
        }
    }
    // The fuzzer itself failed: its log says how.
    Ok(folder.join("log"))
}

/// Adds to the corpus what reaches an edge that nothing in it reaches; how often an edge is taken does not count, which
/// keeps the corpus small.
fn keep(fuzzer: &Fuzzer, target: &str, found: &Path) -> Result<()> {
    let mut merge = fuzzer.command(target);
    merge.args(["-set_cover_merge=1", "-use_counters=0"]).arg(format!("-max_len={LONGEST_INPUT}"));
    merge.arg(fuzzer.corpus.join(target)).arg(found);
    process::run(merge.stderr(Stdio::null()))
}

/// What the fuzzer says of itself.
#[derive(Default)]
struct Progress {
    runs: u64,
    coverage: u64,
    /// Its last lines.
    tail: Vec<String>,
}

impl Progress {
    /// Reads to the end, into a file; a line a minute is shown.
    fn follow(output: impl std::io::Read, log: &Path) -> Result<Self> {
        let mut log = File::create(log)?;
        let mut progress = Self::default();
        let mut shown = Instant::now();
        for line in BufReader::new(output).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            writeln!(log, "{line}")?;
            progress.note(&line);
            if shown.elapsed() >= BETWEEN_LINES && line.starts_with('#') {
                println!("{line}");
                shown = Instant::now();
            }
        }
        Ok(progress)
    }

    /// A line such as `#65536 pulse  cov: 512 ft: 900 corp: 70/3Kb exec/s: 21845 rss: 40Mb`.
    fn note(&mut self, line: &str) {
        const TAIL: usize = 30;
        let mut words = line.split_whitespace();
        if let Some(runs) = words.next().and_then(|word| word.strip_prefix('#')?.parse().ok()) {
            self.runs = runs;
            let coverage = words.skip_while(|word| *word != "cov:").nth(1);
            self.coverage = coverage.and_then(|number| number.parse().ok()).unwrap_or(self.coverage);
        }
        if self.tail.len() == TAIL {
            self.tail.remove(0);
        }
        self.tail.push(line.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_fuzzer_says_is_read() {
        let mut progress = Progress::default();
        for line in ["INFO: Seed: 1", "#65536\tpulse  cov: 512 ft: 900 corp: 70/3Kb exec/s: 21845", "#7 x", "panicked"]
        {
            progress.note(line);
        }
        assert_eq!((progress.runs, progress.coverage), (7, 512));
        assert_eq!(progress.tail.len(), 4);
    }
}
