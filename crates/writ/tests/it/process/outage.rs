//! A database that is away (PostgreSQL crashes, or stands still) or locked (SQLite): what is known goes on, the rest is
//! refused at once with 503, and the server recovers without a restart.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::locked_database::Holder;
use crate::gateway::{API, READ, documents, status};
use crate::support::call::Call;
use crate::support::catalogue::SECRET;
use crate::support::cluster::Cluster;
use crate::support::door::Door;
use crate::support::process::{Launch, Server};
use crate::support::reply::Reply;
use crate::support::upstream::Upstream;
use crate::support::wire::exchange;

/// From when on an outage is known, so that nobody waits for a connection any more.
const NOTICED: Duration = Duration::from_secs(10);
/// What is refused then is refused within this time.
const AT_ONCE: Duration = Duration::from_secs(1);
/// By then it is over.
const RECOVERED: Duration = Duration::from_secs(15);

/// Sends a request to a listener.
fn send(server: &Server, listener: &str, call: Call) -> Reply {
    let host = server.said(listener).strip_prefix("http://").unwrap();
    Reply::parse(&exchange(host.parse().unwrap(), &call.host(host).bytes()))
}

fn ask(server: &Server, door: Door, client: &str) -> Reply {
    send(server, "public", door.ask_of(API, &[READ]).basic(client, SECRET))
}

#[track_caller]
fn token_of(server: &Server, client: &str) -> String {
    let issued = ask(server, Door::Oauth, client).json();
    issued["access_token"].as_str().unwrap_or_else(|| panic!("{issued:#}")).to_owned()
}

fn admin_token(server: &Server) -> String {
    let call = Call::post("/v1/token").basic(server.said("client_id"), server.said("client_secret"));
    let issued = send(server, "admin", call.form(&[("grant_type", "client_credentials")])).json();
    issued["access_token"].as_str().unwrap_or_else(|| panic!("{issued:#}")).to_owned()
}

fn administer(server: &Server, token: &str, path: &str, body: &Value) -> Reply {
    send(server, "admin", Call::post(&format!("/v1/tenants/default/{path}")).json(body).bearer(token))
}

/// Waits until something is so, and says how long it took.
#[track_caller]
fn wait_until(server: &Server, limit: Duration, mut is_so: impl FnMut() -> bool) -> Duration {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < limit, "{}", server.log());
        std::thread::sleep(Duration::from_millis(20));
    }
    started.elapsed()
}

fn ready(server: &Server) -> u16 {
    send(server, "admin", Call::get("/readyz")).status
}

/// Ends the test unless the answer is 503, says when to try again, and came at once.
#[track_caller]
fn assert_away(error: &str, answer: impl FnOnce() -> Reply) {
    let started = Instant::now();
    let reply = answer();
    let took = started.elapsed();
    assert_eq!(reply.error(503), error, "{reply:?}");
    assert_eq!(reply.header("retry-after").as_deref(), Some("1"), "{reply:?}");
    assert!(took < AT_ONCE, "{took:?}");
}

fn outage(begin: impl FnOnce(&Cluster), end: impl FnOnce(&Cluster)) {
    let (cluster, folder, upstream) = (Cluster::start_new(), tempfile::tempdir().unwrap(), Upstream::plain());
    let server = Launch::serve(folder.path()).env("WRIT_DATABASE", &cluster.url()).start();
    let admin = admin_token(&server);
    let administer = |path: &str, body: Value| administer(&server, &admin, path, &body);
    server.apply(&documents(&upstream.url()).to_string(), &[]).ok();
    let (before, writers) = (token_of(&server, "partner"), token_of(&server, "writer"));
    let gateway = server.said("gateway");
    assert_eq!((status(gateway, &before), status(gateway, &writers)), (200, 200));
    // Taken back before: heeded all the same.
    assert_eq!(administer("revocations", json!({"client_id": "writer"})).status, 200);
    assert_eq!(status(gateway, &writers), 401);

    begin(&cluster);
    let noticed = wait_until(&server, NOTICED, || ready(&server) == 503);
    assert_eq!(status(gateway, &before), 200);
    assert_eq!(status(gateway, &token_of(&server, "partner")), 200);
    assert_eq!(status(gateway, &writers), 401);
    assert_away("temporarily_unavailable", || ask(&server, Door::Oauth, "unknown"));
    assert_away("internal_error", || ask(&server, Door::Idaas, "unknown"));
    let another = || json!({"kind": "network_zone", "name": "office", "cidrs": ["203.0.113.0/24"]});
    assert_away("database_unavailable", || administer("apply", another()));
    assert_away("database_unavailable", || administer("revocations", json!({"client_id": "partner"})));
    assert_away("database_unavailable", || administer("revocations", json!({"token": before})));
    assert_eq!(status(gateway, &before), 200, "nothing was revoked");

    end(&cluster);
    let recovered = wait_until(&server, RECOVERED, || ready(&server) == 200);
    println!("noticed after {noticed:?}, recovered after {recovered:?}");
    assert_eq!(ask(&server, Door::Oauth, "unknown").status, 401);
    assert_eq!(status(gateway, &writers), 401);
    assert_eq!(administer("apply", another()).status, 200);
    assert_eq!(administer("revocations", json!({"client_id": "partner"})).status, 200);
    assert_eq!(status(gateway, &before), 401);
    server.stop();
}

/// SQLite lets everyone read while somebody writes, so a lock holds up changes and nothing else.
#[test]
fn a_locked_sqlite_file_holds_up_changes_and_nothing_else() {
    let (folder, upstream) = (tempfile::tempdir().unwrap(), Upstream::plain());
    let server = Launch::serve(folder.path()).start();
    server.apply(&documents(&upstream.url()).to_string(), &[]).ok();
    let admin = admin_token(&server);
    let (gateway, token) = (server.said("gateway"), token_of(&server, "partner"));
    let holder = Holder::new(&server);
    for (path, body) in [
        ("revocations", json!({"client_id": "partner"})),
        ("revocations", json!({"token": token})),
        ("issuers/oauth/keys/rotate", json!({"now": true})),
    ] {
        let reply = administer(&server, &admin, path, &body);
        assert_eq!(reply.error(503), "database_unavailable", "{reply:?}");
        assert_eq!(reply.header("retry-after").as_deref(), Some("1"), "{reply:?}");
    }
    assert_eq!(ready(&server), 200);
    assert_eq!(status(gateway, &token), 200);
    assert_eq!(status(gateway, &token_of(&server, "writer")), 200);
    assert_eq!(ask(&server, Door::Oauth, "unknown").status, 401);
    holder.let_go();
    assert_eq!(administer(&server, &admin, "revocations", &json!({"client_id": "partner"})).status, 200);
    assert_eq!(status(gateway, &token), 401);
    server.stop();
}

#[test]
fn a_crash_of_postgresql_is_survived() {
    outage(Cluster::crash, Cluster::start);
}

/// As when the network is cut: connections stay open, and nobody answers.
#[test]
fn a_postgresql_that_answers_nothing_is_survived() {
    outage(|cluster| cluster.set_still(true), |cluster| cluster.set_still(false));
}
