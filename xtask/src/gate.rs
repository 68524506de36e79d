//! The gate: every stage in turn, then what failed and how long each took.

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::stage::cargo_test::Tally;
use crate::stage::postgres::Cluster;
use crate::stage::{cargo_test, clients, packages, postgres};
use crate::workspace::Workspace;
use crate::{floors, layers, process, reference, sizes};

/// What the stages share and hand on to the tests.
pub(crate) struct Gate {
    pub(crate) workspace: Workspace,
    /// Arguments for `cargo test`.
    pub(crate) arguments: Vec<String>,
    /// The environment of the tests, filled by the stages before them.
    pub(crate) environment: Vec<(&'static str, OsString)>,
    /// Stopped and removed when the gate is dropped.
    pub(crate) cluster: Option<Cluster>,
    pub(crate) tally: Option<Tally>,
}

impl Gate {
    fn new(workspace: Workspace, arguments: Vec<String>) -> Self {
        Self { workspace, arguments, environment: Vec::new(), cluster: None, tally: None }
    }
}

/// One step of the gate.
struct Stage {
    name: &'static str,
    run: fn(&mut Gate) -> Result<()>,
    /// The stages without which this one cannot work.
    needs: &'static [&'static str],
}

/// Cheap checks first; a stage stands after all that it needs.
const STAGES: &[Stage] = &[
    stage("packages", |_| packages::install(packages::TESTS), &[]),
    stage("fmt", fmt, &[]),
    stage("layers", |gate| layers::check(&gate.workspace), &[]),
    stage("sizes", |gate| sizes::check(&gate.workspace), &[]),
    stage("floors", |gate| floors::check(&gate.workspace), &[]),
    stage("clippy", clippy, &[]),
    stage("build", |gate| gate.workspace.build().map(drop), &[]),
    stage("gen", |gate| reference::check(&gate.workspace), &["build"]),
    stage("python", clients::python, &["packages"]),
    stage("node", clients::node, &["packages", "python"]),
    stage("postgres", postgres::start, &["packages"]),
    stage("tests", cargo_test::run, &["packages", "python", "node", "postgres"]),
];

const fn stage(name: &'static str, run: fn(&mut Gate) -> Result<()>, needs: &'static [&'static str]) -> Stage {
    Stage { name, run, needs }
}

/// How one stage went.
struct Outcome {
    name: &'static str,
    took: Duration,
    passed: bool,
}

/// Runs the gate, or the stages of it that the flags ask for.
pub(crate) fn run(workspace: Workspace, flags: &[&str]) -> Result<ExitCode> {
    let (stages, arguments) = parse(flags)?;
    Ok(run_stages(&stages, Gate::new(workspace, arguments)))
}

/// What is too long for the gate: `kills [N]`, `load [MINUTES]`, or nothing, which is both.
pub(crate) fn soak(workspace: Workspace, flags: &[&str]) -> Result<ExitCode> {
    let asked = match flags {
        [] => vec![(Soak::Kills, "500"), (Soak::Load, "10")],
        ["kills"] => vec![(Soak::Kills, "500")],
        ["kills", count] => vec![(Soak::Kills, *count)],
        ["load"] => vec![(Soak::Load, "10")],
        ["load", minutes] => vec![(Soak::Load, *minutes)],
        _ => bail!("`soak` takes `kills [N]`, `load [MINUTES]` or nothing"),
    };
    let mut environment = Vec::new();
    let mut flags = vec!["--only", "tests", "--", "-p", "writ", "--test", "it", "--"];
    for (part, number) in asked {
        let number: u32 = number.parse().with_context(|| format!("`{number}` is not a number"))?;
        let (variable, number) = match part {
            Soak::Kills => ("WRIT_TEST_KILLS", number),
            Soak::Load => ("WRIT_TEST_LOAD_SECONDS", number * 60),
        };
        environment.push((variable, number.to_string().into()));
        flags.push(part.tests());
    }
    // One after the other, so that what is measured is one server's, and shown as it comes.
    flags.extend(["--test-threads=1", "--nocapture"]);
    let (stages, arguments) = parse(&flags)?;
    let mut gate = Gate::new(workspace, arguments);
    gate.environment.extend(environment);
    Ok(run_stages(&stages, gate))
}

/// A part of the soak, which is a part of the tests that goes on for longer.
#[derive(Clone, Copy)]
enum Soak {
    /// Kills the server while it writes, and looks at what is left.
    Kills,
    /// Mixed load, with an eye on memory, descriptors and tables.
    Load,
}

impl Soak {
    fn tests(self) -> &'static str {
        match self {
            Self::Kills => "process::kill",
            Self::Load => "soak::",
        }
    }
}

/// Runs stages. One that fails does not keep the others from being tried: a run tells
/// everything that is wrong.
fn run_stages(stages: &[&Stage], mut gate: Gate) -> ExitCode {
    let mut outcomes = Vec::new();
    for stage in stages {
        println!("\n== {}", stage.name);
        let started = Instant::now();
        let result = (stage.run)(&mut gate);
        let took = started.elapsed();
        if let Err(error) = &result {
            println!("{}: {error:#}", stage.name);
        }
        println!("== {}: {} in {:.1} s", stage.name, verdict(result.is_ok()), took.as_secs_f64());
        outcomes.push(Outcome { name: stage.name, took, passed: result.is_ok() });
    }
    gate.cluster = None;
    summary(&outcomes, gate.tally.as_ref())
}

/// `--only A,B` and what they need, in the order of the gate; after `--`, what `cargo test` gets.
fn parse(flags: &[&str]) -> Result<(Vec<&'static Stage>, Vec<String>)> {
    let mut halves = flags.splitn(2, |flag| *flag == "--");
    let (own, rest) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    let asked: Vec<&str> = match own {
        [] => STAGES.iter().map(|stage| stage.name).collect(),
        ["--only", names] => names.split(',').collect(),
        _ => bail!("`test` takes `--only STAGE,...` and, after `--`, arguments for `cargo test`"),
    };
    if let Some(unknown) = asked.iter().find(|name| STAGES.iter().all(|stage| stage.name != **name)) {
        let names: Vec<_> = STAGES.iter().map(|stage| stage.name).collect();
        bail!("no stage is called {unknown}; there are {}", names.join(", "));
    }
    let needed = |name| STAGES.iter().any(|stage| asked.contains(&stage.name) && stage.needs.contains(&name));
    let stages = STAGES.iter().filter(|stage| asked.contains(&stage.name) || needed(stage.name));
    Ok((stages.collect(), rest.iter().map(ToString::to_string).collect()))
}

fn fmt(gate: &mut Gate) -> Result<()> {
    process::run(process::cargo(&gate.workspace.root).args(["fmt", "--all", "--check"]))
}

fn clippy(gate: &mut Gate) -> Result<()> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"];
    process::run(process::cargo(&gate.workspace.root).args(arguments))
}

/// The table, then what failed, then the counts: the line that ends a run.
fn summary(outcomes: &[Outcome], tally: Option<&Tally>) -> ExitCode {
    println!();
    for outcome in outcomes {
        let seconds = outcome.took.as_secs_f64();
        println!("{:<10} {seconds:>7.1} s  {}", outcome.name, verdict(outcome.passed));
    }
    let total: Duration = outcomes.iter().map(|outcome| outcome.took).sum();
    println!("{:<10} {:>7.1} s", "total", total.as_secs_f64());
    let failed = outcomes.iter().filter(|outcome| !outcome.passed);
    let failed: Vec<_> = failed.map(|outcome| outcome.name).collect();
    if !failed.is_empty() {
        println!("failed: {}", failed.join(", "));
    }
    if let Some(tally) = tally {
        println!("{tally}");
    }
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn verdict(passed: bool) -> &'static str {
    if passed { "ok" } else { "FAILED" }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn names(flags: &[&str]) -> Vec<&'static str> {
        let (stages, _) = parse(flags).unwrap();
        stages.iter().map(|stage| stage.name).collect()
    }

    #[test]
    fn a_chosen_stage_brings_what_it_needs_in_order() {
        assert_eq!(names(&[]).len(), STAGES.len());
        assert_eq!(names(&["--only", "fmt"]), ["fmt"]);
        assert_eq!(names(&["--only", "tests,fmt"]), ["packages", "fmt", "python", "node", "postgres", "tests"]);
        assert!(parse(&["--only", "fmtt"]).is_err());
        assert!(parse(&["fmt"]).is_err());
    }

    #[test]
    fn needs_are_complete_and_stand_before() {
        for (index, stage) in STAGES.iter().enumerate() {
            for need in stage.needs {
                let (before, _) = STAGES.split_at(index);
                let needed = before.iter().find(|earlier| earlier.name == *need).unwrap();
                assert!(needed.needs.iter().all(|further| stage.needs.contains(further)), "{}", stage.name);
            }
        }
    }

    #[test]
    fn what_follows_the_dashes_is_for_cargo_test() {
        let (stages, arguments) = parse(&["--only", "fmt", "--", "-p", "writ", "--", "--nocapture"]).unwrap();
        assert_eq!(stages.len(), 1);
        assert_eq!(arguments, ["-p", "writ", "--", "--nocapture"]);
    }
}
