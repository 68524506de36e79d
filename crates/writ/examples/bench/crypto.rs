//! Microseconds of CPU a signature and its verification, one thread: the part that no server can save.

use anyhow::Context;
use writ_oauth::jose::{Alg, SigningKey, VerifyingKey};

/// How long each operation is measured, in microseconds of CPU.
const MEASURED: f64 = 1e6;
/// After how many operations the time is looked at.
const BATCH: u32 = 100;

pub(crate) fn rates() -> anyhow::Result<()> {
    // What is signed: header and claims of an access token in base64url.
    let message = [b'x'; 420];
    for alg in [Alg::RS256, Alg::ES256, Alg::EdDSA] {
        let (key, _) = SigningKey::generate(alg)?;
        let verifying = VerifyingKey::from_jwk(key.public_jwk(), alg)?;
        let signature = key.sign(&message)?;
        let sign = micros(|| key.sign(&message).is_ok())?;
        let verify = micros(|| verifying.verifies(&message, &signature))?;
        println!("{alg} {sign:.2} {verify:.2}");
    }
    Ok(())
}

fn micros(operation: impl Fn() -> bool) -> anyhow::Result<f64> {
    let mut done = 0_u32;
    let started = cpu_micros()?;
    loop {
        let spent = cpu_micros()? - started;
        if spent >= MEASURED {
            return Ok(spent / f64::from(done));
        }
        anyhow::ensure!((0..BATCH).all(|_| operation()), "a signature could not be made or verified");
        done += BATCH;
    }
}

/// The CPU time of this process: on a machine that others use too, the clock would count their work as well.
fn cpu_micros() -> anyhow::Result<f64> {
    /// The kernel counts in hundredths of a second, whatever its own clock is.
    const MICROS_A_TICK: f64 = 10_000.0;
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, after_name) = stat.rsplit_once(") ").context("an unknown form of /proc/self/stat")?;
    let ticks = after_name.split(' ').skip(11).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? * MICROS_A_TICK)
}
