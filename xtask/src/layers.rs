//! Which crate may use what: the direction between the layers, SQL in one folder, the
//! vendors' words at the edge.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::finding::{Finding, conclude};
use crate::workspace::{Member, Workspace, files, is_rust};

/// Each crate and the crates of the workspace that it may depend on: never one above it.
const LAYERS: &[(&str, &[&str])] = &[
    ("writ-oauth", &[]),
    ("writ-verify", &["writ-oauth"]),
    ("writ-core", &["writ-oauth"]),
    ("writ-gateway", &["writ-core", "writ-oauth"]),
    // Its tests use the crate for resource servers, as these do.
    ("writ", &["writ-gateway", "writ-core", "writ-oauth", "writ-verify"]),
    ("xtask", &[]),
];

/// Libraries that a crate must do without, and why.
const KEPT_OUT: &[(&str, &[&str], &str)] = &[
    ("writ-oauth", &["tokio", "axum", "hyper", "sqlx", "reqwest", "tower"], "the pure part does no I/O"),
    ("writ-verify", &["hyper", "sqlx", "tower"], "a crate for strangers brings no server and no database"),
    ("writ-core", &["axum", "hyper", "tower"], "the use cases know no HTTP"),
];

/// The crates below the front doors, where a dialect is never visible.
const WITHOUT_DIALECTS: &[&str] = &["writ-oauth", "writ-core"];
const DIALECT_WORDS: &[&str] = &["idaas", "authing", "apigee"];

/// The only crate that speaks SQL, and the only folders in it: the store, and its tests, which look at the tables.
const STORE_CRATE: &str = "writ-core";
const SQL_FOLDERS: [&str; 2] = ["crates/writ-core/src/store", "crates/writ-core/tests"];
const SQL_LIBRARY: &str = "sqlx";

/// Checks every rule of this file.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut findings = Vec::new();
    for member in &workspace.members {
        let manifest = fs::read_to_string(&member.manifest)?;
        findings.extend(dependencies(workspace, member, &manifest));
        findings.extend(sources(workspace, member)?);
    }
    conclude("layers", &findings)
}

fn dependencies(workspace: &Workspace, member: &Member, manifest: &str) -> Vec<Finding> {
    let finding = |dependency: &str, message: String| Finding {
        file: workspace.relative(&member.manifest),
        line: line_naming(manifest, dependency),
        message,
    };
    let Some((_, below)) = LAYERS.iter().find(|(name, _)| *name == member.name) else {
        let message = format!("{} has no place among the layers of xtask/src/layers.rs", member.name);
        return vec![finding("name", message)];
    };
    let mut findings = Vec::new();
    for dependency in &member.dependencies {
        let is_layer = LAYERS.iter().any(|(name, _)| name == dependency);
        if is_layer && !below.contains(&dependency.as_str()) {
            let message = format!("{} must not depend on {dependency}: it is not below", member.name);
            findings.push(finding(dependency, message));
        }
        for (_, kept_out, why) in KEPT_OUT.iter().filter(|(name, ..)| *name == member.name) {
            if kept_out.iter().any(|library| is_of(dependency, library)) {
                let message = format!("{} must not depend on {dependency}: {why}", member.name);
                findings.push(finding(dependency, message));
            }
        }
        if is_of(dependency, SQL_LIBRARY) && member.name != STORE_CRATE {
            let message = format!("only {STORE_CRATE} may depend on {dependency}");
            findings.push(finding(dependency, message));
        }
    }
    findings
}

fn sources(workspace: &Workspace, member: &Member) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    // This crate names the words in order to look for them.
    if member.name == "xtask" {
        return Ok(findings);
    }
    for file in files(member.folder())? {
        let content = fs::read(&file).with_context(|| file.display().to_string())?;
        let content = String::from_utf8_lossy(&content);
        let relative = workspace.relative(&file);
        if WITHOUT_DIALECTS.contains(&member.name.as_str()) {
            findings.extend(dialect_words(&relative, &content));
        }
        if is_rust(&file) && !SQL_FOLDERS.iter().any(|folder| relative.starts_with(folder)) {
            findings.extend(sql_library(&relative, &content));
        }
    }
    Ok(findings)
}

fn dialect_words(file: &Path, content: &str) -> Vec<Finding> {
    let path = file.to_string_lossy().into_owned();
    let lines = content.lines().zip(1..).chain([(path.as_str(), 1)]);
    let mut findings = Vec::new();
    for (text, line) in lines {
        let text = text.to_ascii_lowercase();
        for word in DIALECT_WORDS.iter().filter(|word| text.contains(**word)) {
            let message = format!("the word {word} belongs to the front doors");
            findings.push(Finding { file: file.to_owned(), line, message });
        }
    }
    findings
}

fn sql_library(file: &Path, content: &str) -> Vec<Finding> {
    let named = content.lines().zip(1..).filter(|(text, _)| text.contains(SQL_LIBRARY));
    let finding = |(_, line)| Finding {
        file: file.to_owned(),
        line,
        message: format!("{SQL_LIBRARY} is named outside {}", SQL_FOLDERS.join(" and ")),
    };
    named.map(finding).collect()
}

/// Whether a crate is the library or one of its family: `tower-http` is of `tower`.
fn is_of(dependency: &str, library: &str) -> bool {
    let rest = dependency.strip_prefix(library);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

/// The first line of the manifest that begins with the key, or the top.
fn line_naming(manifest: &str, key: &str) -> usize {
    let begins = |text: &str| {
        let rest = text.trim_start().strip_prefix(key);
        rest.is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
    };
    manifest.lines().position(begins).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> Workspace {
        Workspace { root: "/src".into(), target: "/src/target".into(), members: Vec::new() }
    }

    fn breaches(name: &str, dependencies: &[&str]) -> Vec<String> {
        let member = Member {
            name: name.into(),
            manifest: "/src/Cargo.toml".into(),
            dependencies: dependencies.iter().map(ToString::to_string).collect(),
        };
        let manifest = "[package]\nname = \"x\"\n[dependencies]\nserde = \"1\"\nwrit-core.workspace = true\n";
        let findings = super::dependencies(&workspace(), &member, manifest);
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn dependencies_point_downwards_only() {
        assert_eq!(breaches("writ", &["writ-core", "writ-oauth", "axum"]), [""; 0]);
        assert_eq!(
            breaches("writ-oauth", &["serde", "writ-core"]),
            ["Cargo.toml:5: writ-oauth must not depend on writ-core: it is not below"]
        );
        assert_eq!(breaches("xtask", &["writ-oauth"]).len(), 1);
        assert_eq!(breaches("writ-new", &[]).len(), 1);
    }

    #[test]
    fn a_library_that_is_kept_out_takes_its_family_with_it() {
        assert_eq!(breaches("writ-oauth", &["tokio-util"]).len(), 1);
        assert_eq!(breaches("writ-oauth", &["towering"]).len(), 0);
        assert_eq!(breaches("writ-core", &["tokio", "sqlx"]).len(), 0);
        assert_eq!(breaches("writ", &["sqlx"]).len(), 1);
    }

    #[test]
    fn words_are_found_in_any_case_and_in_file_names() {
        let found = |file: &str, content| dialect_words(Path::new(file), content).len();
        assert_eq!(found("claims.rs", "plain\n"), 0);
        assert_eq!(found("claims.rs", "// as IDaaS does, and Apigee\n"), 2);
        assert_eq!(found("authing.rs", ""), 1);
        assert_eq!(sql_library(Path::new("a.rs"), "fn f() {}\nuse sqlx::Any;\n").len(), 1);
    }
}
