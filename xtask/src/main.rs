//! All set-up and all checks of the project: `cargo xtask COMMAND`.

#![expect(clippy::disallowed_methods, reason = "a development tool reads its environment where it needs it")]

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

mod bench;
mod finding;
mod floors;
mod fuzz;
mod gate;
mod layers;
mod process;
mod reference;
mod sizes;
mod stage;
mod workspace;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test [--only STAGE,...] [-- ARGS]   set up what the tests need and run every check;
                                      ARGS go to `cargo test`
  soak [kills [N] | load [MINUTES]]   what is too long for the gate, on both engines, both parts when
                                      none is named. kills: kill the server again and again while it
                                      writes, and look at what is left; 500 times take about ten
                                      minutes. load: mixed load, ten minutes on each engine, while
                                      memory, descriptors and tables have to stay flat
  layers                              which crate may use what
  sizes                               lengths of files and functions
  floors                              the lock file against known advisories
  bench [--quick|--write]             what a token and a checked call cost, as ratios to floors of
                                      the same run; --write puts the page into docs/reference
  fuzz [TARGET ...] [--minutes N] [--keep | --also FOLDER]
                                      look for inputs that break a promise, ten minutes a target;
                                      --keep adds what reaches something new to fuzz/corpus
  gen [--check]                       write docs/reference, or tell what is stale in it
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode> {
    let Some((command, rest)) = arguments.split_first() else {
        bail!("no command\n\n{USAGE}");
    };
    let workspace = Workspace::load()?;
    let flags: Vec<&str> = rest.iter().map(String::as_str).collect();
    match (command.as_str(), flags.as_slice()) {
        ("test", flags) => return gate::run(workspace, flags),
        ("soak", flags) => return gate::soak(workspace, flags),
        ("fuzz", flags) => return fuzz::run(&workspace, flags),
        ("layers", []) => layers::check(&workspace)?,
        ("sizes", []) => sizes::check(&workspace)?,
        ("floors", []) => floors::check(&workspace)?,
        ("bench", []) => bench::run(&workspace, bench::Mode::Full)?,
        ("bench", ["--quick"]) => bench::run(&workspace, bench::Mode::Quick)?,
        ("bench", ["--write"]) => bench::run(&workspace, bench::Mode::Write)?,
        ("gen", []) => reference::generate(&workspace)?,
        ("gen", ["--check"]) => reference::check(&workspace)?,
        _ => bail!("unknown command: {}\n\n{USAGE}", arguments.join(" ")),
    }
    Ok(ExitCode::SUCCESS)
}
