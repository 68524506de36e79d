//! What an operation costs by itself.

use anyhow::Context;

/// How long each operation is measured, in microseconds of CPU.
const MEASURED: f64 = 1e6;
/// After how many operations the time is looked at.
const BATCH: u32 = 100;

/// Microseconds of CPU that an operation takes, which says whether it went well.
pub(crate) fn micros(operation: impl Fn() -> bool) -> anyhow::Result<f64> {
    let mut done = 0_u32;
    let started = used()?;
    loop {
        let spent = used()? - started;
        if spent >= MEASURED {
            return Ok(spent / f64::from(done));
        }
        anyhow::ensure!((0..BATCH).all(|_| operation()), "an operation came out otherwise than it should");
        done += BATCH;
    }
}

/// The CPU time of this process: on a machine that others use too, the clock would count their work as well.
fn used() -> anyhow::Result<f64> {
    /// The kernel counts in hundredths of a second, whatever its own clock is.
    const MICROS_A_TICK: f64 = 10_000.0;
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, after_name) = stat.rsplit_once(") ").context("an unknown form of /proc/self/stat")?;
    let ticks = after_name.split(' ').skip(11).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? * MICROS_A_TICK)
}
