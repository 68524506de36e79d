//! Mixed load, for as long as is asked: nothing fails, and nothing grows.
//!
//! Some seconds when nobody says, so that the gate runs all of this; `WRIT_TEST_LOAD_SECONDS` asks for more, and
//! `cargo xtask soak load` sets it.

mod administrator;
mod caller;
mod sample;
mod world;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use self::administrator::Administrator;
use self::caller::Caller;
use self::sample::{Counter, Sample, assert_flat};
use self::world::{TENANTS, World, documents};
use crate::support::database::Postgres;
use crate::support::process::{Launch, Server};
use crate::support::server::RUNTIME;
use crate::support::upstream::Upstream;

/// How many callers there are at once.
const CALLERS: usize = 9;
/// How long it takes when nobody says, in seconds.
const SECONDS: u64 = 4;
/// From this length on, what is measured says something about growth, in seconds.
const TELLING: u64 = 120;

#[expect(clippy::disallowed_methods, reason = "how long to go on")]
fn seconds() -> u64 {
    let asked = std::env::var("WRIT_TEST_LOAD_SECONDS");
    asked.map_or(SECONDS, |text| text.parse().expect("WRIT_TEST_LOAD_SECONDS is a number"))
}

#[test]
fn mixed_load_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let server = Launch::serve(folder.path()).start();
    let file = folder.path().join("writ.db");
    run("SQLite", (&folder, server), &Counter::Sqlite(file));
}

#[test]
fn mixed_load_on_postgresql() {
    let postgres = Postgres::new();
    let folder = tempfile::tempdir().unwrap();
    let server = Launch::serve(folder.path()).env("WRIT_DATABASE", &postgres.url()).start();
    run("PostgreSQL", (&folder, server), &Counter::Postgres(&postgres));
}

fn run(engine: &str, (_folder, server): (&TempDir, Server), counter: &Counter<'_>) {
    let upstream = Upstream::plain();
    let prepared = Instant::now();
    for tenant in TENANTS {
        for documents in documents(tenant, &upstream.url()) {
            server.apply(&documents.to_string(), &["--tenant", tenant]).ok();
        }
    }
    println!("{engine}: prepared in {:.1} s; load for {} s", prepared.elapsed().as_secs_f64(), seconds());
    let world = Arc::new(World::of(&server));
    for number in 0..CALLERS {
        let caller = Caller::new(Arc::clone(&world), number);
        RUNTIME.spawn(caller.call());
    }
    let administrator = RUNTIME.spawn(Administrator::new(Arc::clone(&world)).administer());
    let samples = watch(&world, &server, &upstream, counter);
    world.finish();
    RUNTIME.block_on(administrator).unwrap();
    world.assert_faultless();
    println!("{engine}: {}", world.tally());
    let log = server.log();
    let bad = log.lines().find(|line| line.contains("panicked at") || line.contains(" ERROR "));
    assert_eq!(bad, None, "in the server's log");
    if seconds() >= TELLING {
        assert_flat(&samples);
    }
    server.stop();
}

/// Takes samples until the time is over.
fn watch(world: &World, server: &Server, upstream: &Upstream, counter: &Counter<'_>) -> Vec<Sample> {
    let every = Duration::from_secs((seconds() / 12).clamp(1, 10));
    let (started, mut samples) = (Instant::now(), Vec::new());
    while started.elapsed() < Duration::from_secs(seconds()) && !world.has_faults() {
        std::thread::sleep(every);
        upstream.forget();
        let sample = Sample::take(server.id(), counter);
        println!("{:>4} s  {sample}  {}", started.elapsed().as_secs(), world.take_latencies());
        samples.push(sample);
    }
    samples
}
