//! Introspection of live tokens by the application that is called.

use anyhow::Result;

use super::Bench;
use super::contest::{self, Entry, Measured};
use super::load::Load;
use super::writ::{Door, Folder};

/// How many tokens are asked about in turn.
const TOKENS: usize = 2_000;
const CLIENTS: usize = 100;
const ALGORITHMS: [&str; 2] = ["RS256", "ES256"];

/// What was measured with tokens of one algorithm.
pub(super) struct Row {
    pub(super) alg: &'static str,
    pub(super) measured: Measured,
}

pub(super) fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let (mut servers, mut entries) = (Vec::new(), Vec::new());
    for alg in ALGORITHMS {
        let folder = Folder::new(bench, &format!("introspection-{alg}"), CLIENTS, None, alg)?;
        let server = folder.serve(Door::Public)?;
        let load = Load::introspections(&bench.folder, alg, &folder.fetch_tokens(&server, TOKENS, CLIENTS)?)?;
        let name = format!("introspection, {alg}");
        entries.push(Entry { name, server: servers.len(), load, seconds: bench.seconds(), afresh: None });
        servers.push(server);
    }
    let measured = contest::run(&mut servers, &entries, bench.rounds())?;
    Ok(ALGORITHMS.into_iter().zip(measured).map(|(alg, measured)| Row { alg, measured }).collect())
}
