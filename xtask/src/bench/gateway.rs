//! The gateway: calls with tokens that it has seen and with tokens that it has not, against its own floor and against
//! HAProxy on the same work.

use anyhow::{Context, Result};

use super::Bench;
use super::contest::{self, Entry, Measured};
use super::crypto::{self, Crypto};
use super::load::Load;
use super::peer;
use super::server::{LOAD_CORE, Recipe, Server};
use super::writ::{Door, Folder, ROOT};

/// More tokens than the gateway remembers.
const FRESH: usize = 60_000;
/// How long they last, in seconds.
const FRESH_SECONDS: u32 = 2;
const SEVERAL: usize = 2_000;
const CLIENTS: usize = 100;
const ALGORITHMS: [&str; 2] = ["RS256", "ES256"];

/// What was measured of the gateway.
pub(super) struct Gateway {
    pub(super) floor: Measured,
    pub(super) rows: Vec<Row>,
    pub(super) haproxy: String,
}

/// Calls at one server.
pub(super) struct Row {
    pub(super) server: Who,
    /// `None`: nothing is checked.
    pub(super) alg: Option<&'static str>,
    pub(super) tokens: Kind,
    pub(super) measured: Measured,
}

/// Who lets calls through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Writ,
    /// Writ's floor; with a verification where every token comes once.
    Floor,
    HaProxy,
}

/// Which tokens the calls bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    One,
    Several,
    Fresh,
}

/// Servers, what each is loaded with, and what that stands for.
struct Line {
    seconds: u32,
    servers: Vec<Server>,
    entries: Vec<Entry>,
    cases: Vec<(Who, Option<&'static str>, Kind)>,
}

impl Line {
    fn add(&mut self, server: Server) -> usize {
        self.servers.push(server);
        self.servers.len() - 1
    }

    fn enter(&mut self, server: usize, case: (Who, Option<&'static str>, Kind), load: Load) {
        let (who, alg, kind) = case;
        let name = format!("gateway, {who:?}, {}, {kind:?}", alg.unwrap_or("no check"));
        let fresh = kind == Kind::Fresh;
        let seconds = if fresh { self.seconds.min(FRESH_SECONDS) } else { self.seconds };
        // The load before the fresh one of a server is the one that it knows all tokens of.
        let other = self.entries.iter().rev().find(|entry| entry.server == server).map(|entry| entry.load.clone());
        let afresh = other.filter(|_| fresh && who == Who::Writ);
        self.entries.push(Entry { name, server, load, seconds, afresh });
        self.cases.push(case);
    }
}

pub(super) fn measure(bench: &Bench, crypto: &[Crypto]) -> Result<Gateway> {
    let upstream = upstream(bench)?;
    let seconds = bench.seconds();
    let mut line = Line { seconds, servers: Vec::new(), entries: Vec::new(), cases: Vec::new() };
    for alg in ALGORITHMS {
        let folder = Folder::new(bench, &format!("gateway-{alg}"), CLIENTS, Some(&upstream.url), alg)?;
        let issuing = folder.serve(Door::Public)?;
        let tokens = folder.fetch_tokens(&issuing, SEVERAL + fresh(crypto, alg)?, CLIENTS)?;
        let checking = peer::start(bench, &upstream.url, Some((alg, &issuing)))?;
        drop(issuing);
        if line.cases.is_empty() {
            add_floors(bench, &mut line, &folder, &upstream, &tokens)?;
        }
        let writ = line.add(folder.serve(Door::Gateway)?);
        let haproxy = line.add(checking);
        let (several, fresh) = tokens.split_at_checked(SEVERAL).context("too few tokens")?;
        let one = several.get(..1).context("too few tokens")?;
        for (kind, some) in [(Kind::One, one), (Kind::Several, several), (Kind::Fresh, fresh)] {
            let load = Load::calls(&bench.folder, &format!("{alg}-{kind:?}"), some, kind == Kind::Fresh)?;
            line.enter(writ, (Who::Writ, Some(alg), kind), load.clone());
            if kind != Kind::One {
                line.enter(haproxy, (Who::HaProxy, Some(alg), kind), load.clone());
            }
            if kind == Kind::Fresh {
                let folder = folder.copy(&format!("gateway-floor-{alg}"))?;
                let floor = line.add(floor(bench, &folder, &tokens, &[format!("verify={alg}")])?);
                line.enter(floor, (Who::Floor, Some(alg), kind), load);
            }
        }
    }
    let measured = contest::run(&mut line.servers, &line.entries, bench.rounds())?;
    let rows = line.cases.iter().zip(measured);
    let mut rows = rows.map(|(&(server, alg, tokens), measured)| Row { server, alg, tokens, measured });
    let floor = rows.next().context("no floor")?.measured;
    Ok(Gateway { floor, rows: rows.collect(), haproxy: peer::version()? })
}

/// What both gateways cost when nothing is checked.
fn add_floors(bench: &Bench, line: &mut Line, folder: &Folder, upstream: &Server, tokens: &[String]) -> Result<()> {
    let some = tokens.get(..SEVERAL).context("too few tokens")?;
    let load = Load::calls(&bench.folder, "floor", some, false)?;
    let writ = line.add(floor(bench, &folder.copy("gateway-floor")?, tokens, &[])?);
    line.enter(writ, (Who::Floor, None, Kind::Several), load.clone());
    let haproxy = line.add(peer::start(bench, &upstream.url, None)?);
    line.enter(haproxy, (Who::HaProxy, None, Kind::Several), load);
    Ok(())
}

/// The gateway's floor in a folder, with the crypto of each call that these words say.
fn floor(bench: &Bench, folder: &Folder, tokens: &[String], work: &[String]) -> Result<Server> {
    let token = tokens.first().context("no token")?.clone();
    let path = folder.path.to_string_lossy().into_owned();
    let mut arguments = vec!["gateway-floor".to_owned(), path, ROOT.to_owned(), token];
    arguments.extend_from_slice(work);
    Server::start(Recipe { core: 0, program: bench.example.clone(), arguments, before_url: "", says_ready: false })
}

/// So many tokens that no server can use them up: more than the fastest that could be.
fn fresh(crypto: &[Crypto], alg: &str) -> Result<usize> {
    /// Nothing forwards in less than this, in microseconds.
    const FORWARD: f64 = 12.0;
    let verify = crypto::of(crypto, alg).with_context(|| format!("{alg} was not measured"))?.verify;
    let most = f64::from(FRESH_SECONDS) * 1e6 / (verify + FORWARD);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
    Ok(FRESH.max(most.ceil() as usize))
}

fn upstream(bench: &Bench) -> Result<Server> {
    let arguments = vec!["upstream".to_owned()];
    let core = LOAD_CORE;
    Server::start(Recipe { core, program: bench.example.clone(), arguments, before_url: "", says_ready: false })
}
