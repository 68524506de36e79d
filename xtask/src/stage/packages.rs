//! Programs of the system. On Debian, as root, what is missing is installed.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::postgres;
use crate::process;

/// A program that is needed.
pub(crate) struct Need {
    what: &'static str,
    /// Debian's packages.
    packages: &'static [&'static str],
    is_met: fn() -> bool,
}

/// What the tests need.
pub(crate) const TESTS: &[Need] = &[
    Need {
        what: "the server programs of PostgreSQL 15 or newer",
        packages: &["postgresql"],
        is_met: || postgres::programs().is_some(),
    },
    Need { what: "curl", packages: &["curl"], is_met: || process::succeeds("curl", &["--version"]) },
    Need { what: "openssl", packages: &["openssl"], is_met: || process::succeeds("openssl", &["version"]) },
    Need {
        what: "nginx",
        packages: &["nginx"],
        // Debian keeps it where only administrators look.
        is_met: || process::succeeds("nginx", &["-v"]) || process::succeeds("/usr/sbin/nginx", &["-v"]),
    },
    Need {
        what: "HAProxy",
        packages: &["haproxy"],
        is_met: || process::succeeds("haproxy", &["-v"]) || process::succeeds("/usr/sbin/haproxy", &["-v"]),
    },
    Need {
        what: "Python 3 with its venv module",
        packages: &["python3", "python3-venv"],
        is_met: || process::succeeds("python3", &["-c", "import venv, ensurepip"]),
    },
];

/// What the measurements need.
pub(crate) const BENCH: &[Need] = &[
    // It ends with a status of its own when it is only asked for its version.
    Need { what: "wrk", packages: &["wrk"], is_met: || process::succeeds("sh", &["-c", "command -v wrk"]) },
    Need { what: "HAProxy", packages: &["haproxy"], is_met: || process::succeeds("/usr/sbin/haproxy", &["-v"]) },
    Need { what: "taskset", packages: &["util-linux"], is_met: || process::succeeds("taskset", &["--version"]) },
];

/// Installs what is missing, or says exactly what to install.
pub(crate) fn install(needs: &[Need]) -> Result<()> {
    let missing: Vec<_> = needs.iter().filter(|need| !(need.is_met)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<_> = missing.iter().flat_map(|need| need.packages).copied().collect();
    let whats: Vec<_> = missing.iter().map(|need| need.what).collect();
    if !Path::new("/etc/debian_version").exists() || !process::is_root()? {
        bail!("please install {} (on Debian, as root: `apt-get install {}`)", whats.join(", "), packages.join(" "));
    }
    println!("installing {}", packages.join(" "));
    process::run(&mut apt(&["update"]))?;
    process::run(apt(&["install", "--yes", "--no-install-recommends"]).args(packages))?;
    if let Some(need) = missing.iter().find(|need| !(need.is_met)()) {
        bail!("{} is still missing after the installation", need.what);
    }
    Ok(())
}

fn apt(arguments: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    command.arg("--quiet=2").args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    command
}
