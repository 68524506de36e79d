//! Provisional: the server itself is another piece of work and replaces this file.

use crate::config;

/// Which server to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// With sample data, and the commands to try.
    Demo,
    /// As configured.
    Serve,
}

/// Runs the server until it is told to stop.
pub fn serve(_config: config::Server, _mode: Mode) -> anyhow::Result<()> {
    anyhow::bail!("this build has no server yet")
}
