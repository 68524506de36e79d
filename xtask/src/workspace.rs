//! The workspace as cargo describes it, and its files.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;

/// The workspace's folders and crates.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
    pub(crate) members: Vec<Member>,
}

/// One crate of the workspace.
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) manifest: PathBuf,
    /// The names of its direct dependencies of every kind.
    pub(crate) dependencies: Vec<String>,
}

impl Workspace {
    /// Asks cargo; needs neither the network nor any dependency's source.
    pub(crate) fn load() -> Result<Self> {
        let arguments = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
        let metadata: Value = serde_json::from_str(&process::output(process::cargo(Path::new(".")).args(arguments))?)?;
        Self::from_metadata(&metadata).context("cargo metadata has an unknown shape")
    }

    fn from_metadata(metadata: &Value) -> Option<Self> {
        let members = metadata.get("packages")?.as_array()?.iter();
        Some(Self {
            root: metadata.get("workspace_root")?.as_str()?.into(),
            target: metadata.get("target_directory")?.as_str()?.into(),
            members: members.map(Member::from_metadata).collect::<Option<_>>()?,
        })
    }

    /// A folder for what the tests need, kept between runs.
    pub(crate) fn cache(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// The path as a reader of the project names it.
    pub(crate) fn relative(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_owned()
    }

    /// Builds the tests and the binary, and returns the binary. Asking for exactly what the
    /// tests are built from, with the same features, means that no dependency is built twice.
    pub(crate) fn build(&self) -> Result<Command> {
        let arguments = ["test", "--workspace", "--locked", "--no-run", "--quiet"];
        process::run(process::cargo(&self.root).args(arguments))?;
        Ok(Command::new(self.target.join("debug/writ")))
    }
}

impl Member {
    fn from_metadata(package: &Value) -> Option<Self> {
        let dependencies = package.get("dependencies")?.as_array()?.iter();
        Some(Self {
            name: package.get("name")?.as_str()?.to_owned(),
            manifest: package.get("manifest_path")?.as_str()?.into(),
            dependencies: dependencies
                .map(|dependency| Some(dependency.get("name")?.as_str()?.to_owned()))
                .collect::<Option<_>>()?,
        })
    }

    /// The folder that holds the manifest.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest.parent().unwrap_or(&self.manifest)
    }
}

/// Every file below a folder, sorted; symbolic links and hidden or built folders are left out.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(folder, &mut found).with_context(|| format!("cannot list {}", folder.display()))?;
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let kind = entry.file_type()?;
        if kind.is_file() {
            found.push(entry.path());
        } else if kind.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            collect(&entry.path(), found)?;
        }
    }
    Ok(())
}

/// Whether the file is Rust source.
pub(crate) fn is_rust(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "rs")
}
