//! What is measured on, and when.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// Date and processor, for the page.
pub(super) struct Machine {
    pub(super) date: String,
    pub(super) processor: String,
    /// Whether it has AVX-512 IFMA, which makes RSA two to three times as fast.
    pub(super) ifma: bool,
}

pub(super) fn describe() -> Result<Machine> {
    let date = process::output(Command::new("date").arg("+%Y-%m-%d"))?;
    let info = fs::read_to_string("/proc/cpuinfo")?;
    let count = info.lines().filter(|line| line.starts_with("processor")).count();
    if count < 2 {
        bail!("a measurement takes two cores: one for the server, one for the load");
    }
    let (model, flags) = (field(&info, "model name"), field(&info, "flags"));
    let processor = format!("{count} cores of {}", model.context("no model name in /proc/cpuinfo")?);
    let ifma = flags.is_some_and(|flags| flags.split(' ').any(|flag| flag == "avx512ifma"));
    Ok(Machine { date, processor, ifma })
}

fn field<'i>(info: &'i str, name: &str) -> Option<&'i str> {
    let line = info.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim())
}
