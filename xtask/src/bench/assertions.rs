//! Clients that sign (`private_key_jwt`): each assertion is verified, spent durably, and answered with a token.

use anyhow::{Context, Result};
use serde_json::Value;

use super::Bench;
use super::contest::{self, Entry, Measured};
use super::crypto::{self, Crypto};
use super::load::Load;
use super::tokens;
use super::writ::{Door, Folder, ROOT};
use crate::process;
use crate::stage::postgres::{Cluster, Started};

/// What the servers sign with: what the door does by itself.
pub(super) const TOKENS: &str = "ES256";
const ALGORITHMS: [&str; 2] = ["ES256", "RS256"];
/// How long each measurement takes, in seconds: assertions are dear to make.
const SECONDS: u32 = 1;

/// Where spent assertions are put down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ledger {
    Sqlite,
    Postgres,
}

/// What was measured of one kind of client key at one server.
pub(super) struct Row {
    pub(super) alg: &'static str,
    pub(super) ledger: Ledger,
    pub(super) measured: Measured,
}

/// What was measured.
pub(super) struct Assertions {
    /// The floor with the verification by each kind of key, and the signature.
    pub(super) bare: Vec<(&'static str, Measured)>,
    pub(super) rows: Vec<Row>,
}

pub(super) fn measure(bench: &Bench, crypto: &[Crypto], floor: &Measured) -> Result<Assertions> {
    let mut clients = Vec::new();
    for alg in ALGORITHMS {
        clients.push((alg, Client::new(bench, alg, enough(bench, crypto, alg, floor)?)?));
    }
    let Started { cluster, url, .. } = Cluster::start()?;
    let keys: Vec<_> = clients.iter().map(|(alg, client)| (*alg, &client.key)).collect();
    let (mut servers, mut entries, mut cases) = (Vec::new(), Vec::new(), Vec::new());
    let entry = |name, server, load| Entry { name, server, load, seconds: SECONDS, afresh: None };
    for (alg, client) in &clients {
        let name = format!("private_key_jwt, {alg}, floor");
        entries.push(entry(name, servers.len(), client.load.anew()));
        servers.push(tokens::floor(bench, &[format!("verify={alg}"), format!("sign={TOKENS}")])?);
    }
    for ledger in [Ledger::Sqlite, Ledger::Postgres] {
        let postgres = (ledger == Ledger::Postgres).then_some(&*url);
        let folder = Folder::with_keys(bench, &format!("assertions-{ledger:?}"), postgres, &keys)?;
        for (alg, client) in &clients {
            let name = format!("private_key_jwt, {alg}, {ledger:?}");
            entries.push(entry(name, servers.len(), client.load.anew()));
            cases.push((*alg, ledger));
        }
        servers.push(folder.serve(Door::Public)?);
    }
    let mut measured = contest::run(&mut servers, &entries, bench.rounds())?.into_iter();
    drop((servers, cluster));
    let bare = ALGORITHMS.into_iter().zip(measured.by_ref()).collect();
    let rows = cases.into_iter().zip(measured).map(|((alg, ledger), measured)| Row { alg, ledger, measured });
    Ok(Assertions { bare, rows: rows.collect() })
}

/// So many assertions that no server can use them up: what none can save, for all rounds and the warm-up, and some more.
fn enough(bench: &Bench, crypto: &[Crypto], alg: &str, floor: &Measured) -> Result<usize> {
    const SPARE: f64 = 1.3;
    let of = |alg: &str| crypto::of(crypto, alg).with_context(|| format!("{alg} was not measured"));
    let cheapest = of(alg)?.verify + of(TOKENS)?.sign + floor.cpu;
    let seconds = f64::from(u32::try_from(bench.rounds())? * SECONDS + contest::WARM_UP);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
    Ok((SPARE * seconds * 1e6 / cheapest) as usize)
}

/// A client with a key, and requests that it has signed.
struct Client {
    key: Value,
    load: Load,
}

impl Client {
    fn new(bench: &Bench, alg: &str, count: usize) -> Result<Self> {
        println!("signing {count} assertions by {alg}");
        let mut sign = std::process::Command::new(&bench.example);
        sign.args(["assertions", alg, alg, &format!("{ROOT}/oauth2"), &count.to_string()]);
        let text = process::output(&mut sign)?;
        let mut lines = text.lines();
        let key = serde_json::from_str(lines.next().context("no key")?)?;
        let assertions: Vec<_> = lines.map(str::to_owned).collect();
        let load = Load::assertions(&bench.folder, &format!("assertions-{alg}"), &assertions)?;
        Ok(Self { key, load })
    }
}
