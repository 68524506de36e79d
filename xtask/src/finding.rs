//! One breach of a rule, with the place to look at.

use std::fmt;
use std::path::PathBuf;

use anyhow::{Result, bail};

/// A breach, printed as `file:line: message`, which editors follow.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Relative to the workspace's root.
    pub(crate) file: PathBuf,
    /// From 1.
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.file.display(), self.line, self.message)
    }
}

/// Prints the findings; any at all is an error.
pub(crate) fn conclude(check: &str, findings: &[Finding]) -> Result<()> {
    for finding in findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => bail!("{check}: 1 finding"),
        count => bail!("{check}: {count} findings"),
    }
}
