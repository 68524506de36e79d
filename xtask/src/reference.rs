//! The generated reference: `docs/reference`, written by the binary itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::process;
use crate::workspace::{Workspace, files};

const FOLDER: &str = "docs/reference";
/// What stands there too and is measured, not generated: `cargo xtask bench --write` writes it.
const MEASURED: [&str; 2] = ["performance.md", "performance.svg"];

/// Writes the reference into the tree.
pub(crate) fn generate(workspace: &Workspace) -> Result<()> {
    write(workspace, &workspace.root.join(FOLDER))
}

/// Writes the reference elsewhere and compares: every difference is named.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let fresh = workspace.cache().join("reference");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    write(workspace, &fresh)?;
    let differences = differences(&workspace.root.join(FOLDER), &fresh)?;
    for difference in &differences {
        println!("{FOLDER}/{difference}");
    }
    if !differences.is_empty() {
        bail!("{FOLDER} is not what the source generates; run `cargo xtask gen`");
    }
    Ok(())
}

fn write(workspace: &Workspace, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut writ = workspace.build()?;
    process::run(writ.args(["docs", "--out"]).arg(folder).current_dir(&workspace.root))?;
    if files(folder)?.is_empty() {
        bail!("`writ docs` wrote nothing");
    }
    Ok(())
}

fn differences(tree: &Path, fresh: &Path) -> Result<Vec<String>> {
    let (in_tree, in_fresh) = (names(tree)?, names(fresh)?);
    let mut differences = Vec::new();
    for name in in_tree.union(&in_fresh) {
        let shown = name.display();
        if !in_fresh.contains(name) {
            differences.push(format!("{shown}: no longer generated"));
        } else if !in_tree.contains(name) {
            differences.push(format!("{shown}: missing"));
        } else if fs::read(tree.join(name))? != fs::read(fresh.join(name))? {
            differences.push(format!("{shown}: stale"));
        }
    }
    Ok(differences)
}

fn names(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    if !folder.exists() {
        return Ok(BTreeSet::new());
    }
    let generated = |file: &Path| MEASURED.iter().all(|measured| file != Path::new(measured));
    let relative = |file: PathBuf| file.strip_prefix(folder).map(Path::to_owned).ok().filter(|file| generated(file));
    Ok(files(folder)?.into_iter().filter_map(relative).collect())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_difference_is_named() {
        let (tree, fresh) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (folder, name, text) in [
            (&tree, "same", "1"),
            (&fresh, "same", "1"),
            (&tree, "changed", "1"),
            (&fresh, "changed", "2"),
            (&tree, "gone", "1"),
            (&fresh, "new", "1"),
            (&tree, "performance.md", "1"),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let found = differences(tree.path(), fresh.path()).unwrap();
        assert_eq!(found, ["changed: stale", "gone: no longer generated", "new: missing"]);
    }
}
