//! The lock file against known advisories, and the crates that must not be built.

use std::cmp::Ordering;
use std::fs;

use anyhow::{Context, Result};

use crate::finding::{Finding, conclude};
use crate::process;
use crate::workspace::Workspace;

type Version = (u64, u64, u64);

/// The oldest versions without a known advisory; where several release lines were mended,
/// one per line, the newest last.
const FLOORS: &[(&str, &[Version])] = &[
    ("aws-lc-sys", &[(0, 39, 0)]),
    ("bytes", &[(1, 11, 1)]),
    ("der", &[(0, 8, 3)]),
    ("h2", &[(0, 4, 16)]),
    ("hickory-proto", &[(0, 26, 1)]),
    ("lru", &[(0, 18, 2)]),
    ("quick-xml", &[(0, 41, 0)]),
    ("rand", &[(0, 8, 6), (0, 9, 3), (0, 10, 1)]),
    ("rustls-webpki", &[(0, 103, 13)]),
    ("time", &[(0, 3, 47)]),
    ("tokio-postgres", &[(0, 7, 18)]),
];

/// Crates that must not be built, not even for a test. A lock file may name them for a
/// feature or a platform that is not used.
const BANNED: &[(&str, &str)] = &[
    ("native-tls", "TLS is rustls"),
    ("openssl", "the one cryptographic library is aws-lc"),
    ("openssl-sys", "the one cryptographic library is aws-lc"),
    ("ring", "the one cryptographic library is aws-lc"),
    ("rsa", "its private-key operations leak timing (RUSTSEC-2023-0071)"),
    ("rustls-pemfile", "unmaintained (RUSTSEC-2025-0134)"),
];

/// Checks the lock file and the graph that is built.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let lock = fs::read_to_string(workspace.root.join("Cargo.lock"))?;
    let arguments = ["tree", "--workspace", "--locked", "--edges", "normal,build,dev"];
    let format = ["--prefix", "none", "--format", "{p}"];
    let tree = process::output(process::cargo(&workspace.root).args(arguments).args(format))?;
    let mut findings = below_floor(&lock)?;
    findings.extend(banned(&lock, &tree));
    conclude("floors", &findings)
}

fn below_floor(lock: &str) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (line, name, version) in packages(lock) {
        let Some((_, floors)) = FLOORS.iter().find(|(floored, _)| *floored == name) else {
            continue;
        };
        let locked = parse(version).with_context(|| format!("{name} {version}"))?;
        let Some(floor) = floor_for(locked, floors) else {
            continue;
        };
        if locked.cmp(&floor) == Ordering::Less {
            let (major, minor, patch) = floor;
            let message = format!("{name} {version} has a known advisory: at least {major}.{minor}.{patch}");
            findings.push(finding(line, message));
        }
    }
    Ok(findings)
}

/// The floor of the version's own release line, else the newest.
fn floor_for(version: Version, floors: &[Version]) -> Option<Version> {
    let same_line = |floor: &&Version| (floor.0, floor.1) == (version.0, version.1);
    floors.iter().find(same_line).or(floors.last()).copied()
}

fn banned(lock: &str, tree: &str) -> Vec<Finding> {
    let built = |name: &str| tree.lines().any(|line| line.split(' ').next() == Some(name));
    let line_of = |name: &str| packages(lock).find(|(_, locked, _)| *locked == name).map_or(1, |(line, ..)| line);
    BANNED
        .iter()
        .filter(|(name, _)| built(name))
        .map(|(name, why)| finding(line_of(name), format!("{name} is built: {why} (`cargo tree -i {name}`)")))
        .collect()
}

fn finding(line: usize, message: String) -> Finding {
    Finding { file: "Cargo.lock".into(), line, message }
}

/// Line, name and version of every package. The format of a lock file is generated, so
/// `version` always follows `name`.
fn packages(lock: &str) -> impl Iterator<Item = (usize, &str, &str)> {
    let lines = lock.lines().zip(lock.lines().skip(1)).zip(1..);
    lines.filter_map(|((name, version), line)| {
        let name = name.strip_prefix("name = \"")?.strip_suffix('"')?;
        let version = version.strip_prefix("version = \"")?.strip_suffix('"')?;
        Some((line, name, version))
    })
}

/// The numbers of a version; what follows `-` or `+` does not matter for a floor.
fn parse(version: &str) -> Option<Version> {
    let numbers = version.split(['-', '+']).next()?;
    let mut numbers = numbers.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??, numbers.next()??))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn lock(name: &str, version: &str) -> String {
        format!("version = 4\n\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"x\"\n")
    }

    #[test]
    fn a_version_below_its_floor_is_named_with_its_line() {
        let findings = below_floor(&lock("h2", "0.4.15")).unwrap();
        let shown: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["Cargo.lock:4: h2 0.4.15 has a known advisory: at least 0.4.16"]);
        assert_eq!(below_floor(&lock("h2", "0.4.16")).unwrap(), []);
        assert_eq!(below_floor(&lock("h2", "0.5.0")).unwrap(), []);
    }

    #[test]
    fn each_release_line_has_its_own_floor() {
        for (version, findings) in
            [("0.7.3", 1), ("0.8.5", 1), ("0.8.6", 0), ("0.9.2", 1), ("0.10.1", 0), ("0.10.0-rc.1", 1), ("1.0.0", 0)]
        {
            assert_eq!(below_floor(&lock("rand", version)).unwrap().len(), findings, "rand {version}");
        }
    }

    #[test]
    fn a_banned_crate_counts_only_when_it_is_built() {
        let lock = lock("ring", "0.17.14");
        assert_eq!(banned(&lock, "writ v0.1.0 (/src)\nringbuf v1.0.0").len(), 0);
        assert_eq!(banned(&lock, "writ v0.1.0 (/src)\nring v0.17.14 (*)").len(), 1);
    }
}
