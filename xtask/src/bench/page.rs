//! The page `docs/reference/performance.md`: method and numbers of one run.

use super::contest::Measured;
use super::crypto::Crypto;
use super::decisions::Decision;
use super::figures::{Figures, Ratio, Target, clients};
use super::gateway::{Row, Who};

/// The most that a second start may take, in milliseconds, and what may be resident then, in megabytes.
const START: u128 = 300;
const RESIDENT: f64 = 50.0;
/// The most that a decision may take, in microseconds.
const DECISION: f64 = 20.0;

pub(super) fn markdown(figures: &Figures, rounds: usize, seconds: u32) -> String {
    let mut page = introduction(figures, rounds, seconds);
    page += &shares(&figures.shares());
    page += "\n![Shares of the limit](performance.svg)\n";
    page += &comparisons(&figures.comparisons());
    page += &memory(figures);
    page += &crypto(figures);
    page += &decisions(figures);
    page += &tokens(figures);
    page += &gateway(figures);
    page
}

fn introduction(figures: &Figures, rounds: usize, seconds: u32) -> String {
    let machine = &figures.machine;
    let ifma = if machine.ifma { "has AVX-512 IFMA" } else { "lacks AVX-512 IFMA" };
    format!(
        "# Performance\n\n\
         Measured by `cargo xtask bench --write` on {}, on {}, which {ifma}: with it RSA is two to three times as fast.\n\n\
         Servers are built as they are shipped (profile `dist`) and have one core; the load, `wrk` with 64 connections, and\n\
         what the gateway forwards to have another. Everything that is compared is loaded in turns, {rounds} times for\n\
         {seconds} seconds each (two where every token is used once, one where every assertion is), and the medians count.\n\
         Rates depend on the machine and on what else it does; only the ratios within one run mean something, and those by CPU\n\
         time (what the kernel says that the server used, a request) are the steadier ones. The column of the spread says how\n\
         far the rounds lie apart.\n\n\
         - The **token floor** is the same listener and router, a form that is read, and a fixed answer of 900 bytes.\n\
         - The **gateway floor** is the same listener, routes and forwarding, with a decision that was made once and for\n\
         \x20 all.\n\
         - The **limit** of tokens is 1/(signature + token floor); of calls with tokens that the gateway has seen its floor;\n\
         \x20 of calls with tokens that it has not, 1/(verification + gateway floor). It takes both from where they cost least:\n\
         \x20 the crypto alone in a loop, the floor under a load that never sleeps and need not be woken.\n\
         - **Of floor with crypto** is the share of what the floor reaches when it does the same crypto for each request, with\n\
         \x20 cold caches and a load that sleeps meanwhile. What is missing there is Writ's own work; what is missing only of\n\
         \x20 the limit, no server on this stack could get.\n\
         - **HAProxy** is Debian's {}, with `jwt_verify`: the signature, by one algorithm with one key, and no claims. It\n\
         \x20 forwards to the same upstream, on the same core, under the same load.\n\
         - **private_key_jwt**: each request brings an assertion of its own, signed with the client's key of that kind. It is\n\
         \x20 verified, its `jti` put down durably (in SQLite, by group commit; in a PostgreSQL on the load's core, with its\n\
         \x20 time not counted), and answered with an ES256 token. The limit is 1/(verification + signature + token floor).\n\
         - **Introspection**: the application that is called asks about 2,000 live tokens, with its secret. The limit is\n\
         \x20 1/(verification + token floor).\n\
         - *Every token once*: 60,000 tokens or more, which is more than the gateway remembers, and a start (with\n\
         \x20 other tokens to warm up) before each round.\n",
        machine.date, machine.processor, figures.gateway.haproxy
    )
}

fn shares(ratios: &[Ratio]) -> String {
    let line = |ratio: &Ratio| {
        let of_bare = ratio.of_bare.map_or(String::new(), |share| format!("{share:.2}"));
        let Ratio { name, by_cpu, by_rate, target, .. } = ratio;
        format!("| {name} | {by_cpu:.2} | {by_rate:.2} | {} | {of_bare} |\n", bound(*target, *by_cpu))
    };
    let lines: String = ratios.iter().map(line).collect();
    format!(
        "\n## Shares of the limit\n\n| | by CPU time | by rate | target | | of floor with crypto |\n\
         |---|---|---|---|---|---|\n{lines}"
    )
}

fn comparisons(ratios: &[Ratio]) -> String {
    let line = |ratio: &Ratio| {
        let Ratio { name, by_cpu, by_rate, target, .. } = ratio;
        format!("| {name} | {by_cpu:.2} | {by_rate:.2} | {} |\n", bound(*target, *by_cpu))
    };
    let lines: String = ratios.iter().map(line).collect();
    format!("\n## Compared\n\n| | by CPU time | by rate | target | |\n|---|---|---|---|---|\n{lines}")
}

/// The target and whether it is met, as two cells.
fn bound(target: Target, value: f64) -> String {
    let bound = match target {
        Target::None => String::new(),
        Target::AtLeast(least) => format!("at least {least}"),
        Target::AtMost(most) => format!("at most {most}"),
    };
    format!("{bound} | {}", verdict(target.is_met(value)))
}

fn verdict(met: Option<bool>) -> &'static str {
    match met {
        None => "",
        Some(true) => "met",
        Some(false) => "missed",
    }
}

fn memory(figures: &Figures) -> String {
    let (resident, start) = (figures.tokens.resident, figures.tokens.start.as_millis());
    format!(
        "\n## Memory and start\n\n| | | target | |\n|---|---|---|---|\n\
         | resident with 20,000 clients in memory | {resident:.1} MB | less than {RESIDENT} | {} |\n\
         | a start with 20,000 clients in the database, until it is ready | {start} ms | at most {START} | {} |\n",
        verdict(Some(resident < RESIDENT)),
        verdict(Some(start <= START))
    )
}

fn crypto(figures: &Figures) -> String {
    let line = |crypto: &Crypto| format!("| {} | {:.1} | {:.1} |\n", crypto.alg, crypto.sign, crypto.verify);
    let lines: String = figures.crypto.iter().map(line).collect();
    format!("\n## Crypto, microseconds of CPU an operation\n\n| | sign | verify |\n|---|---|---|\n{lines}")
}

fn decisions(figures: &Figures) -> String {
    let line = |decision: &Decision| {
        let Decision { question, micros } = decision;
        format!("| {question} | {micros:.2} | less than {DECISION} | {} |\n", verdict(Some(*micros < DECISION)))
    };
    let lines: String = figures.decisions.iter().map(line).collect();
    format!(
        "\n## Decisions over 10,000 rules of one client, microseconds of CPU each\n\n| asked for | | target | |\n\
         |---|---|---|---|\n{lines}"
    )
}

fn tokens(figures: &Figures) -> String {
    let mut text = "\n## Tokens\n\n".to_owned() + HEAD;
    text += &line("floor", &figures.tokens.floor);
    for (alg, measured) in &figures.tokens.bare {
        text += &line(&format!("floor, with {alg}"), measured);
    }
    for row in &figures.tokens.rows {
        text += &line(&format!("{}, {}", row.alg, clients(row.clients)), &row.measured);
    }
    for (alg, measured) in &figures.assertions.bare {
        text += &line(&format!("floor, with verification by {alg} and ES256"), measured);
    }
    for row in &figures.assertions.rows {
        text += &line(&format!("private_key_jwt, {}, {}", row.alg, row.ledger.words()), &row.measured);
    }
    for row in &figures.introspection {
        text += &line(&format!("introspection of {} tokens", row.alg), &row.measured);
    }
    text
}

fn gateway(figures: &Figures) -> String {
    let mut text = "\n## Calls\n\n".to_owned() + HEAD;
    text += &line("floor", &figures.gateway.floor);
    for Row { server, alg, tokens, measured } in &figures.gateway.rows {
        let server = match server {
            Who::Writ => "Writ",
            Who::Floor => "floor with a verification",
            Who::HaProxy => "HAProxy",
        };
        let what = alg.map_or("no check".to_owned(), |alg| format!("{alg}, {}", tokens.words()));
        text += &line(&format!("{server}, {what}"), measured);
    }
    text
}

const HEAD: &str = "| | a second | CPU us each | spread |\n|---|---|---|---|\n";

fn line(name: &str, measured: &Measured) -> String {
    let Measured { rate, cpu, spread } = measured;
    format!("| {name} | {rate:.0} | {cpu:.1} | {:.0} % |\n", spread * 100.0)
}
