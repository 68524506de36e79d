//! Everything that is compared, loaded in turns.

use std::fmt;

use anyhow::{Context, Result};

use super::load::{Load, Sample};
use super::server::Server;

/// One server under one load.
pub(super) struct Entry {
    pub(super) name: String,
    /// Which of the servers.
    pub(super) server: usize,
    pub(super) load: Load,
    /// How long it is loaded each time.
    pub(super) seconds: u32,
    /// For a server that starts anew before it is loaded, so that it remembers nothing of the load: what it is warmed up
    /// with instead.
    pub(super) afresh: Option<Load>,
}

/// The medians of an entry's rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Measured {
    /// Requests a second.
    pub(super) rate: f64,
    /// The server's CPU time a request, in microseconds.
    pub(super) cpu: f64,
    /// How far the CPU times of the rounds lie apart, as a part of their median.
    pub(super) spread: f64,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rate, cpu, spread } = self;
        write!(f, "{rate:>8.0}/s {cpu:>8.1} us of CPU each, rounds {:.0} % apart", spread * 100.0)
    }
}

/// How long each is warmed up, in seconds.
pub(super) const WARM_UP: u32 = 1;

/// Loads every entry in turn, round after round; the medians, in the order of the entries.
pub(super) fn run(servers: &mut [Server], entries: &[Entry], rounds: usize) -> Result<Vec<Measured>> {
    let mut samples: Vec<Vec<Sample>> = entries.iter().map(|_| Vec::new()).collect();
    for entry in entries.iter().filter(|entry| entry.afresh.is_none()) {
        entry.load.against(server(servers, entry)?, WARM_UP)?;
    }
    for _ in 0..rounds {
        for (entry, samples) in entries.iter().zip(&mut samples) {
            let server = server(servers, entry)?;
            if let Some(other) = &entry.afresh {
                server.restart()?;
                other.against(server, WARM_UP)?;
            }
            samples.push(entry.load.against(server, entry.seconds).with_context(|| entry.name.clone())?);
        }
    }
    let measured: Vec<_> = samples.iter().map(|samples| median(samples)).collect();
    for (entry, measured) in entries.iter().zip(&measured) {
        println!("{:<34} {measured}", entry.name);
    }
    Ok(measured)
}

fn server<'s>(servers: &'s mut [Server], entry: &Entry) -> Result<&'s mut Server> {
    servers.get_mut(entry.server).context("an entry without its server")
}

fn median(samples: &[Sample]) -> Measured {
    let sorted = |value: fn(&Sample) -> f64| {
        let mut values: Vec<f64> = samples.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let middle = |values: &[f64]| values.get(values.len() / 2).copied().unwrap_or(f64::NAN);
    let (rates, cpus) = (sorted(|sample| sample.rate), sorted(|sample| sample.cpu));
    let cpu = middle(&cpus);
    let range = cpus.last().zip(cpus.first()).map_or(0.0, |(most, least)| most - least);
    Measured { rate: middle(&rates), cpu, spread: range / cpu }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_counts_and_the_spread_is_told() {
        let samples = [(10.0, 5.0), (30.0, 4.0), (20.0, 9.0)].map(|(rate, cpu)| Sample { requests: 1.0, rate, cpu });
        assert_eq!(median(&samples), Measured { rate: 20.0, cpu: 5.0, spread: 1.0 });
    }
}
