//! The log, on standard error: what was refused and what failed, one line each, never a secret.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use writ_core::store;

use crate::config::{Log, LogFormat};

/// Starts logging; a second start in one process (tests) changes nothing.
pub(super) fn init(log: &Log) {
    // What the configuration says comes last, and wins.
    let filter = EnvFilter::try_new(format!("{},{}", store::LOG_FILTER, log.filter));
    let filter = filter.unwrap_or_else(|_| EnvFilter::new("info"));
    let terminal = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Text => builder.with_ansi(terminal).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging had been started already");
    }
}
