//! Building the fuzzer.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

/// LLVM's coverage pass, as libFuzzer reads it: which edges were taken and how often, and what was compared with what.
/// These are options of code generation, so that they need no nightly compiler; a sanitizer would, and would find little
/// in code that forbids `unsafe`.
const COVERAGE: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// The built fuzzer and its folders.
pub(super) struct Fuzzer {
    program: PathBuf,
    /// The inputs that are kept, a folder for each target.
    pub(super) corpus: PathBuf,
    /// The words of the targets' languages, a file for each target that has one.
    pub(super) words: PathBuf,
    /// For what a run leaves behind.
    pub(super) scratch: PathBuf,
}

impl Fuzzer {
    /// Builds everything anew with the coverage pass, in a folder of its own.
    pub(super) fn build(workspace: &Workspace) -> Result<Self> {
        if !process::succeeds("c++", &["--version"]) {
            bail!("please install a C++ compiler, for libFuzzer (on Debian: `apt-get install g++`)");
        }
        let folder = workspace.root.join("fuzz");
        lock(workspace)?;
        let scratch = workspace.cache().join("fuzz");
        // Without a target platform the flags would be for build scripts too.
        let host = host()?;
        let mut cargo = process::cargo(&folder);
        cargo.args(["build", "--release", "--target", &host, "--target-dir"]).arg(&scratch);
        process::run(cargo.env("CARGO_ENCODED_RUSTFLAGS", COVERAGE.join("\u{1f}")))?;
        let program = scratch.join(host).join("release/writ-fuzz");
        Ok(Self { program, corpus: folder.join("corpus"), words: folder.join("words"), scratch })
    }

    /// The fuzzer for one target.
    pub(super) fn command(&self, target: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.env("WRIT_FUZZ_TARGET", target);
        command
    }
}

/// The fuzzer is built from the versions that the workspace's lock file names. What only it needs cargo adds.
fn lock(workspace: &Workspace) -> Result<()> {
    let [theirs, ours] = ["Cargo.lock", "fuzz/Cargo.lock"].map(|file| workspace.root.join(file));
    let modified = |file: &PathBuf| fs::metadata(file).and_then(|metadata| metadata.modified());
    let is_newer = modified(&ours).is_ok_and(|ours| modified(&theirs).is_ok_and(|theirs| ours > theirs));
    if !is_newer {
        fs::copy(theirs, ours)?;
    }
    Ok(())
}

fn host() -> Result<String> {
    let version = process::output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("`rustc -vV` names no host")
}
