//! `cargo xtask bench`: what a token and a checked call cost, as ratios to floors measured in the same run.
//!
//! The servers have one core, the load the other. Everything that is compared is loaded in turns, so that what else
//! the machine does falls on all of it. Rates mean little by themselves; the server's CPU time a request is the steadiest
//! figure, and the ratios are the result.

mod assertions;
mod contest;
mod crypto;
mod decisions;
mod figures;
mod gateway;
mod introspection;
mod load;
mod machine;
mod page;
mod peer;
mod plot;
mod server;
mod tokens;
mod writ;

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use self::figures::Figures;
use crate::process;
use crate::stage::packages;
use crate::workspace::Workspace;

/// How thorough a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// To see whether it works: the figures mean nothing.
    Quick,
    /// Prints the page, and keeps it under `target/bench`.
    Full,
    /// Writes the page into the tree as well.
    Write,
}

/// What every part of a run needs.
struct Bench {
    /// The program as it is shipped.
    writ: PathBuf,
    /// The floors and the upstream.
    example: PathBuf,
    /// Where everything is put down.
    folder: PathBuf,
    mode: Mode,
}

impl Bench {
    /// How often everything is measured in turn; the median counts.
    fn rounds(&self) -> usize {
        if self.mode == Mode::Quick { 1 } else { 5 }
    }

    /// How long one measurement takes, in seconds.
    fn seconds(&self) -> u32 {
        if self.mode == Mode::Quick { 1 } else { 3 }
    }
}

/// Measures, prints the page, and writes it down.
pub(crate) fn run(workspace: &Workspace, mode: Mode) -> Result<()> {
    packages::install(packages::BENCH)?;
    build(workspace)?;
    let folder = workspace.target.join("bench");
    fs::create_dir_all(&folder)?;
    let dist = workspace.target.join("dist");
    let bench = Bench { writ: dist.join("writ"), example: dist.join("examples/bench"), folder, mode };
    let machine = machine::describe()?;
    let crypto = crypto::rates(&bench.example)?;
    let decisions = decisions::costs(&bench.example)?;
    let tokens = tokens::measure(&bench)?;
    let assertions = assertions::measure(&bench, &crypto, &tokens.floor)?;
    let introspection = introspection::measure(&bench)?;
    let gateway = gateway::measure(&bench, &crypto)?;
    let figures = Figures { machine, crypto, decisions, tokens, assertions, introspection, gateway };
    let (page, plot) = (page::markdown(&figures, bench.rounds(), bench.seconds()), plot::svg(&figures.shares()));
    println!("\n{page}");
    let reference = workspace.root.join("docs/reference");
    let targets: &[PathBuf] = if mode == Mode::Write { &[bench.folder, reference] } else { &[bench.folder] };
    for target in targets {
        fs::write(target.join("performance.md"), &page)?;
        fs::write(target.join("performance.svg"), &plot)?;
    }
    Ok(())
}

/// One selection, so that the libraries are built once.
fn build(workspace: &Workspace) -> Result<()> {
    let profile = ["build", "--profile", "dist", "--locked"];
    let selection = ["--package", "writ", "--bins", "--example", "bench"];
    process::run(process::cargo(&workspace.root).args(profile).args(selection))
}
