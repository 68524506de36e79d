//! `cargo xtask bench`: what a token costs, as ratios to floors measured in the same run.
//!
//! The server has one core, the load the other. The machine is shared, so rates mean little by themselves; the
//! server's CPU time a request is the steadiest figure, and the ratio to the floor is the result.

mod load;
mod server;

use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result, bail};

use self::load::{Load, Measured};
use self::server::Server;
use crate::process;
use crate::workspace::Workspace;

const MANY: usize = 20_000;
const ALGORITHMS: [&str; 3] = ["RS256", "ES256", "EdDSA"];

/// Measures, prints, and writes `target/bench/tokens.md`.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    if !process::succeeds("wrk", &["-v"]) && !process::succeeds("sh", &["-c", "command -v wrk"]) {
        bail!("please install wrk, the load generator (on Debian: `apt-get install wrk`)");
    }
    build(workspace)?;
    let folder = workspace.target.join("bench");
    fs::create_dir_all(&folder)?;
    let signing = signing_rates(workspace)?;
    let floor = {
        let server = Server::floor(workspace)?;
        Load::new(&folder, 1)?.against(&server)?
    };
    println!("floor: {floor}");
    let mut rows = Vec::new();
    for clients in [1, MANY] {
        let server = Server::writ(workspace, &folder, clients)?;
        let load = Load::new(&folder, clients)?;
        for alg in ALGORITHMS {
            server.sign_with(alg)?;
            let measured = load.against(&server)?;
            println!("{alg}, {clients} clients: {measured}");
            rows.push((alg, clients, measured));
        }
        println!("resident with {clients} clients: {} MB", server.resident_megabytes()?);
    }
    let page = page(&signing, &floor, &rows)?;
    fs::write(folder.join("tokens.md"), &page)?;
    println!("\n{page}");
    Ok(())
}

/// One selection, so that the libraries are built once.
fn build(workspace: &Workspace) -> Result<()> {
    let selection = ["build", "--release", "--package", "writ", "--package", "writ-oauth", "--bins", "--examples"];
    process::run(process::cargo(&workspace.root).args(selection))
}

/// Microseconds a signature, by algorithm.
fn signing_rates(workspace: &Workspace) -> Result<Vec<(String, f64)>> {
    let program = workspace.target.join("release/examples/signing_rate");
    let text = process::output(&mut server::on_core(0, &program))?;
    let line = |line: &str| {
        let (alg, micros) = line.split_once(' ')?;
        Some((alg.to_owned(), micros.parse().ok()?))
    };
    text.lines().map(|text| line(text).with_context(|| format!("unexpected: {text}"))).collect()
}

fn page(signing: &[(String, f64)], floor: &Measured, rows: &[(&str, usize, Measured)]) -> Result<String> {
    let mut page = format!(
        "HTTP floor: {:.0} requests/s, {:.1} us of CPU each.\n\n\
         | algorithm | clients | tokens/s | CPU us a token | signature us | limit 1/(sign + floor) | share of it, by rate | by CPU |\n\
         |---|---|---|---|---|---|---|---|\n",
        floor.rate, floor.cpu_micros
    );
    for (alg, clients, measured) in rows {
        let sign = signing.iter().find(|(known, _)| known == alg).map(|(_, micros)| *micros);
        let sign = sign.with_context(|| format!("{alg} was not measured"))?;
        let limit = 1e6 / (sign + 1e6 / floor.rate);
        writeln!(
            page,
            "| {alg} | {clients} | {:.0} | {:.1} | {sign:.1} | {limit:.0} | {:.2} | {:.2} |",
            measured.rate,
            measured.cpu_micros,
            measured.rate / limit,
            (sign + floor.cpu_micros) / measured.cpu_micros
        )?;
    }
    Ok(page)
}
