//! HAProxy, which verifies the same tokens with its own `jwt_verify` and forwards to the same upstream.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::Bench;
use super::server::{Recipe, Server, on_core};
use crate::process;

/// Debian keeps it where only administrators look.
const PROGRAM: &str = "/usr/sbin/haproxy";

/// Its version, for the page.
pub(super) fn version() -> Result<String> {
    let text = process::output(Command::new(PROGRAM).arg("-v"))?;
    let words: Vec<_> = text.split(' ').take(3).collect();
    let [_, _, version] = words.as_slice() else { return Ok("of an unknown version".to_owned()) };
    Ok((*version).to_owned())
}

/// HAProxy in front of an upstream, which lets through what is signed by a server's key, or everything.
pub(super) fn start(bench: &Bench, upstream: &str, signed_by: Option<(&str, &Server)>) -> Result<Server> {
    let name = signed_by.map_or("none", |(alg, _)| alg);
    let check = match signed_by {
        None => String::new(),
        Some((alg, server)) => {
            let key = bench.folder.join(format!("haproxy-{alg}.pem"));
            fs::write(&key, process::output(Command::new(&bench.example).args(["pem", &server.url]))? + "\n")?;
            check(alg, &key.to_string_lossy())
        }
    };
    // Free a moment ago, and nobody else asks for one.
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let file = bench.folder.join(format!("haproxy-{name}.cfg"));
    let upstream = upstream.strip_prefix("http://").context("not an http URL")?;
    fs::write(&file, configuration(&address, &check, upstream))?;
    let program = PathBuf::from(PROGRAM);
    let mut command = on_core(0, &program);
    command.args(["-db", "-f"]).arg(&file);
    let recipe = Recipe { core: 0, program, arguments: Vec::new(), before_url: "", says_ready: false };
    Server::silent(command, recipe, format!("http://{address}"))
}

/// The signature by one algorithm with one key, and none of the claims: less than Writ checks.
fn check(alg: &str, key: &str) -> String {
    format!(
        "  http-request set-var(txn.bearer) http_auth_bearer\n\
         \x20 http-request set-var(txn.alg) var(txn.bearer),jwt_header_query('$.alg')\n\
         \x20 http-request deny unless {{ var(txn.alg) -m str {alg} }}\n\
         \x20 http-request deny unless {{ var(txn.bearer),jwt_verify(txn.alg,\"{key}\") 1 }}\n"
    )
}

fn configuration(address: &str, check: &str, upstream: &str) -> String {
    format!(
        "global\n  nbthread 1\n  maxconn 1000\n\
         defaults\n  mode http\n  timeout client 30s\n  timeout server 30s\n  timeout connect 5s\n\
         frontend bench\n  bind {address}\n{check}  default_backend upstream\n\
         backend upstream\n  http-reuse always\n  server upstream {upstream}\n"
    )
}
