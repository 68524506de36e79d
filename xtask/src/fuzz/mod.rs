//! `cargo xtask fuzz`: every fuzz target for some minutes each, and what came of it.
//!
//! The compiler's own coverage pass and libFuzzer are all it takes, so the toolchain is the one that everything else is
//! built with; `docs/fuzzing.md` has the reasons.

mod build;
mod session;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};

use self::build::Fuzzer;
use self::session::Report;
use crate::workspace::Workspace;

const USAGE: &str = "`fuzz` takes targets, `--minutes N`, and `--keep` or `--also FOLDER`";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    /// None: all.
    targets: Vec<String>,
    /// Of each target.
    time: Duration,
    /// Whether what reaches something new is added to the corpus.
    keep: bool,
    /// A further folder to begin with, of which nothing is kept.
    also: Option<PathBuf>,
}

/// Fuzzes, prints a line for each target, and fails if there was a finding.
pub(crate) fn run(workspace: &Workspace, flags: &[&str]) -> Result<ExitCode> {
    let mut plan = Plan::parse(flags)?;
    let known = targets(workspace)?;
    if let Some(unknown) = plan.targets.iter().find(|target| !known.contains(target)) {
        bail!("no target is called {unknown}; there are {}", known.join(", "));
    }
    if plan.targets.is_empty() {
        plan.targets = known;
    }
    let fuzzer = Fuzzer::build(workspace)?;
    let mut reports = Vec::new();
    for target in &plan.targets {
        println!("\n== {target}");
        reports.push(session::run(&fuzzer, target, &plan)?);
    }
    println!("\n{}", Report::HEADING);
    for report in &reports {
        println!("{report}");
    }
    let clean = reports.iter().all(|report| report.finding.is_none());
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Each target has a folder in the corpus, which a test of `writ-oauth` sees to.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(workspace.root.join("fuzz/corpus"))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

impl Plan {
    fn parse(flags: &[&str]) -> Result<Self> {
        let mut plan = Self { targets: Vec::new(), time: Duration::from_mins(10), keep: false, also: None };
        let mut flags = flags.iter();
        while let Some(flag) = flags.next() {
            match *flag {
                "--keep" => plan.keep = true,
                "--minutes" => plan.time = minutes(flags.next())?,
                "--also" => plan.also = Some(flags.next().ok_or_else(|| anyhow::anyhow!(USAGE))?.into()),
                _ if flag.starts_with('-') => bail!(USAGE),
                target => plan.targets.push(target.to_owned()),
            }
        }
        // What is found from files of others can be made of them.
        if plan.keep && plan.also.is_some() {
            bail!(USAGE);
        }
        Ok(plan)
    }
}

fn minutes(number: Option<&&str>) -> Result<Duration> {
    let minutes = number.and_then(|number| number.parse::<u32>().ok()).filter(|minutes| *minutes > 0);
    let minutes = minutes.ok_or_else(|| anyhow::anyhow!("`--minutes` takes a whole number of minutes"))?;
    Ok(Duration::from_mins(minutes.into()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn every_target_for_ten_minutes_unless_told_otherwise() {
        let plan = Plan::parse(&[]).unwrap();
        assert_eq!(plan, Plan { targets: vec![], time: Duration::from_mins(10), keep: false, also: None });
        let plan = Plan::parse(&["cms", "--minutes", "2", "form", "--keep"]).unwrap();
        let targets = vec!["cms".to_owned(), "form".to_owned()];
        assert_eq!(plan, Plan { targets, time: Duration::from_mins(2), keep: true, also: None });
        assert_eq!(Plan::parse(&["--also", "a"]).unwrap().also, Some("a".into()));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for flags in [&["--minutes"][..], &["--minutes", "0"], &["-x"], &["--also"], &["--also", "a", "--keep"]] {
            assert!(Plan::parse(flags).is_err(), "{flags:?}");
        }
    }
}
