//! The token endpoint: each algorithm, with one client and with many, against the floor of its stack.

use std::time::Duration;

use anyhow::{Context, Result};

use super::Bench;
use super::contest::{self, Entry, Measured};
use super::load::Load;
use super::server::{Recipe, Server};
use super::writ::{Door, Folder};

/// How many clients are many.
pub(super) const MANY: usize = 20_000;
const ALGORITHMS: [&str; 3] = ["RS256", "ES256", "EdDSA"];

/// What was measured of the token endpoint.
pub(super) struct Tokens {
    pub(super) floor: Measured,
    /// The floor with a signature of each algorithm.
    pub(super) bare: Vec<(&'static str, Measured)>,
    pub(super) rows: Vec<Row>,
    /// Megabytes, with many clients in memory.
    pub(super) resident: f64,
    /// How long a start takes that is not the first, with many clients in the database.
    pub(super) start: Duration,
}

/// One algorithm with so many clients.
pub(super) struct Row {
    pub(super) alg: &'static str,
    pub(super) clients: usize,
    pub(super) measured: Measured,
}

pub(super) fn measure(bench: &Bench) -> Result<Tokens> {
    let mut servers = vec![floor(bench, &[])?];
    let entry = |name: String, server, load| Entry { name, server, load, seconds: bench.seconds(), afresh: None };
    let mut entries = vec![entry("token endpoint, floor".to_owned(), 0, Load::tokens(&bench.folder, 1)?)];
    for alg in ALGORITHMS {
        let name = format!("token endpoint, floor and {alg}");
        entries.push(entry(name, servers.len(), Load::tokens(&bench.folder, 1)?));
        servers.push(floor(bench, &[format!("sign={alg}")])?);
    }
    let (mut cases, mut start) = (Vec::new(), Duration::ZERO);
    for clients in [1, MANY] {
        let original = Folder::new(bench, &format!("tokens-{clients}"), clients, None, "EdDSA")?;
        let load = Load::tokens(&bench.folder, clients)?;
        for alg in ALGORITHMS {
            let folder = original.copy(&format!("tokens-{clients}-{alg}"))?;
            let mut server = folder.serve(Door::Public)?;
            start = start.max(second_start(&mut server)?);
            know_all(&server, &load, clients)?;
            folder.sign_with(alg)?;
            entries.push(entry(format!("token endpoint, {alg}, {clients} clients"), servers.len(), load.clone()));
            servers.push(server);
            cases.push((alg, clients));
        }
    }
    let mut measured = contest::run(&mut servers, &entries, bench.rounds())?.into_iter();
    let floor = measured.next().context("no floor")?;
    let bare = ALGORITHMS.into_iter().zip(measured.by_ref()).collect();
    let rows = cases.into_iter().zip(measured).map(|((alg, clients), measured)| Row { alg, clients, measured });
    let resident = servers.iter().map(Server::resident_megabytes).collect::<Result<Vec<_>>>()?;
    let resident = resident.into_iter().fold(0.0, f64::max);
    println!("resident: {resident:.1} MB; a second start: {} ms", start.as_millis());
    Ok(Tokens { floor, bare, rows: rows.collect(), resident, start })
}

/// The floor, with the crypto of each request that these words say.
pub(super) fn floor(bench: &Bench, work: &[String]) -> Result<Server> {
    let arguments = std::iter::once("token-floor".to_owned()).chain(work.iter().cloned()).collect();
    Server::start(Recipe { core: 0, program: bench.example.clone(), arguments, before_url: "", says_ready: false })
}

/// Lets a server issue tokens to every client once, by an algorithm that makes short work of it.
fn know_all(server: &Server, load: &Load, clients: usize) -> Result<()> {
    let clients = f64::from(u32::try_from(clients)?);
    let mut seconds = 1;
    while load.against(server, seconds)?.requests < clients {
        seconds *= 2;
    }
    Ok(())
}

/// The median of some starts.
fn second_start(server: &mut Server) -> Result<Duration> {
    const STARTS: usize = 3;
    let mut took = Vec::new();
    for _ in 0..STARTS {
        server.restart()?;
        took.push(server.start);
    }
    took.sort();
    took.get(STARTS / 2).copied().context("no start")
}
