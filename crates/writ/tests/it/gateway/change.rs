//! A change of the configuration reaches live tokens at the door within a second: measured, in one process and
//! between two on one database.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use writ_oauth::Refusal;

use super::{API, READ, Scene, client, documents};
use crate::support::call::Call;
use crate::support::catalogue::SECRET;
use crate::support::command::Ran;
use crate::support::database::Postgres;
use crate::support::process::{Launch, Server};
use crate::support::reply::Reply;
use crate::support::upstream::Upstream;
use crate::support::wire::exchange;

/// The time that a change may take.
const BOUND: Duration = Duration::from_secs(1);

/// Changes of `partner`'s documents that take its token's ground away, and what its bearer is then told.
fn changes() -> [(&'static str, Value, u16); 5] {
    let mut unauthorized = client("partner", API, &[READ]);
    unauthorized["clients"][0]["authorizations"] = json!([]);
    let mut client_off = client("partner", API, &[READ]);
    client_off["clients"][0]["status"] = "disabled".into();
    let mut application_off = client("partner", API, &[READ]);
    application_off["status"] = "disabled".into();
    let mut secret_off = client("partner", API, &[READ]);
    secret_off["clients"][0]["credentials"][0]["status"] = "disabled".into();
    [
        ("a permission is taken back", client("partner", API, &["user-growth:2019:read"]), 403),
        ("the authorization is taken back", unauthorized, 403),
        ("the client is disabled", client_off, 401),
        ("the application is disabled", application_off, 401),
        ("the secret is disabled", secret_off, 401),
    ]
}

#[test]
fn in_this_process_the_next_request_is_refused() {
    for (what, document, status) in changes() {
        let scene = Scene::new();
        let token = scene.token("partner");
        scene.get(&token, "/any").ok();
        scene.upstream.forget();
        scene.server.apply("default", &document);
        assert_eq!(scene.get(&token, "/any").status, status, "{what}");
        assert!(scene.upstream.seen().is_empty(), "{what}");
    }
}

#[test]
fn a_revoked_secret_takes_its_tokens_along_and_no_others() {
    let scene = Scene::new();
    let secrets = "/v1/tenants/default/clients/partner/secrets";
    let issued = scene.server.administer(Call::post(secrets).json(&json!({"name": "second"}))).json();
    let second = issued["secret"].as_str().unwrap_or_else(|| panic!("{issued:#}"));
    let of_first = scene.token("partner");
    let ask = crate::support::door::Door::Oauth.ask_of(API, &[READ]).basic("partner", second);
    let of_second = scene.server.public(&ask).token();
    for token in [&of_first, &of_second] {
        scene.get(token, "/any").ok();
    }
    let revoked = Call::new("DELETE", &format!("{secrets}/{}", issued["id"].as_str().unwrap()));
    assert_eq!(scene.server.administer(revoked).status / 100, 2);
    let answer = scene.server.gateway(&Call::get("/any").bearer(&of_second)).is(Refusal::TokenRevoked);
    assert_eq!(answer.error(401), "invalid_token");
    scene.get(&of_first, "/any").ok();
}

#[test]
fn a_route_and_a_permission_of_the_server_can_go_as_well() {
    let scene = Scene::new();
    let token = scene.token("partner");
    scene.get(&token, "/any").ok();
    assert_eq!(scene.server.administer(Call::new("DELETE", "/v1/tenants/default/route/any")).status / 100, 2);
    assert_eq!(scene.get(&token, "/any").error(404), "not_found");
    let other = Upstream::plain();
    scene.server.apply("default", &documents(&other.url()));
    scene.get(&token, "/any").ok();
    other.only();
}

#[test]
fn what_could_not_be_confirmed_for_five_minutes_decides_nothing() {
    let scene = Scene::new();
    let token = scene.token("partner");
    scene.get(&token, "/any").ok();
    crate::support::server::RUNTIME.block_on(scene.server.app.core.close());
    scene.server.advance_unconfirmed(299);
    scene.get(&token, "/any").ok();
    scene.upstream.forget();
    scene.server.advance_unconfirmed(60);
    let reply = scene.get(&token, "/any");
    assert_eq!(reply.error(503), "temporarily_unavailable");
    assert_eq!(reply.header("retry-after").as_deref(), Some("1"));
    assert!(scene.upstream.seen().is_empty());
}

/// What a status is at a gateway, asked until it changes from 200.
fn refused_after(gateway: &str, token: &str, started: Instant) -> (u16, Duration) {
    loop {
        let status = status(gateway, token);
        if status != 200 || started.elapsed() > Duration::from_secs(10) {
            return (status, started.elapsed());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The status of a GET with a token.
pub(crate) fn status(gateway: &str, token: &str) -> u16 {
    let address = gateway.strip_prefix("http://").unwrap().parse().unwrap();
    let head =
        format!("GET /any HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n");
    Reply::parse(&exchange(address, head.as_bytes())).status
}

pub(super) fn access_token(server: &Server) -> String {
    let issued = server.token("partner", SECRET, READ);
    issued["response"]["access_token"].as_str().unwrap_or_else(|| panic!("{issued:#}")).to_owned()
}

#[test]
fn with_two_processes_on_one_database_the_other_one_refuses_within_a_second() {
    let database = Postgres::new();
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let upstream = Upstream::plain();
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let start = |folder: &tempfile::TempDir| {
        let launch = Launch::serve(folder.path()).env("WRIT_DATABASE", &database.url()).env("WRIT_MASTER_KEY", key);
        launch.env("WRIT_PUBLIC_URL", "http://127.0.0.1:8080").start()
    };
    let (first, second) = (start(&folders[0]), start(&folders[1]));
    let all = documents(&upstream.url()).to_string();
    for (what, document, expected) in changes() {
        let change = || first.apply(&document.to_string(), &[]).ok();
        refused_by_both(what, (&first, &second), &all, change, expected);
    }
    refused_by_both("the secret is revoked", (&first, &second), &all, || revoke_secret(&first), 401);
    refused_by_both("the key is revoked", (&first, &second), &all, || revoke_active_key(&first), 401);
    given_up_at_both((&first, &second), &all);
    first.stop();
    second.stop();
}

/// Ends the test unless a change on the first of two servers reaches a live token on the second within a second, and on
/// the first at once.
fn refused_by_both(
    what: &str,
    (first, second): (&Server, &Server),
    documents: &str,
    change: impl FnOnce() -> Ran,
    expected: u16,
) {
    first.apply(documents, &[]).ok();
    let token = token_at(first);
    // Until the second has heard of it.
    let started = Instant::now();
    while status(second.said("gateway"), &token) != 200 {
        assert!(started.elapsed() < Duration::from_secs(5), "{what}: {}", second.log());
    }
    let started = Instant::now();
    change();
    let changed = started.elapsed();
    assert_eq!(status(first.said("gateway"), &token), expected, "{what}");
    let (status, took) = refused_after(second.said("gateway"), &token, started);
    assert_eq!(status, expected, "{what}");
    assert!(took < changed + BOUND, "{what}: {took:?}, of which the command took {changed:?}");
    println!("{what}: refused {took:?} after the command was started, which took {changed:?}");
}

/// Ends the test unless a token that its client gives up at the first of two servers is dead there at once, and at the
/// second, for its gateway and whoever introspects it there, within a second.
fn given_up_at_both((first, second): (&Server, &Server), documents: &str) {
    first.apply(documents, &[]).ok();
    let token = token_at(first);
    let about = |server: &Server, endpoint: &str| {
        let call = Call::post(&format!("/oauth2/{endpoint}")).basic("partner", SECRET).form(&[("token", &token)]);
        let address = server.said("public").strip_prefix("http://").unwrap().parse().unwrap();
        Reply::parse(&exchange(address, &call.host("127.0.0.1:8080").bytes()))
    };
    let started = Instant::now();
    while about(second, "introspect").json()["active"] != true || status(second.said("gateway"), &token) != 200 {
        assert!(started.elapsed() < Duration::from_secs(5), "{}", second.log());
    }
    assert_eq!(about(first, "revoke").status, 200);
    let started = Instant::now();
    assert_eq!(about(first, "introspect").json(), json!({"active": false}));
    assert_eq!(status(first.said("gateway"), &token), 401);
    let (status, took) = refused_after(second.said("gateway"), &token, started);
    assert_eq!(status, 401);
    assert!(took < BOUND, "{took:?}");
    assert_eq!(about(second, "introspect").json(), json!({"active": false}));
    println!("given up: refused by the other {took:?} after the answer");
}

fn revoke_secret(server: &Server) -> Ran {
    server.writ(&["secret", "revoke", "partner", "first"]).ok()
}

fn revoke_active_key(server: &Server) -> Ran {
    let keys = server.writ(&["key", "list", "oauth", "--output", "json"]).ok().json();
    let active = keys.as_array().unwrap().iter().find(|key| key["state"] == "active").unwrap();
    server.writ(&["key", "revoke", "oauth", active["kid"].as_str().unwrap()]).ok()
}

/// A token from the server's own public listener: its root names another address.
fn token_at(server: &Server) -> String {
    let call = crate::support::door::Door::Oauth.ask_of(API, &[READ]).basic("partner", SECRET).host("127.0.0.1:8080");
    let address = server.said("public").strip_prefix("http://").unwrap().parse().unwrap();
    let reply = Reply::parse(&exchange(address, &call.bytes()));
    reply.json()["access_token"].as_str().unwrap_or_else(|| panic!("{reply:?}")).to_owned()
}

#[test]
fn in_one_process_a_revocation_by_command_takes_less_than_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = Upstream::plain();
    let server = Launch::serve(folder.path()).start();
    for (what, revoke) in
        [("a secret", revoke_secret as fn(&Server) -> Ran), ("the active key", revoke_active_key as fn(&Server) -> Ran)]
    {
        server.apply(&documents(&upstream.url()).to_string(), &[]).ok();
        let token = access_token(&server);
        assert_eq!(status(server.said("gateway"), &token), 200);
        let started = Instant::now();
        revoke(&server);
        let commanded = started.elapsed();
        let (status, took) = refused_after(server.said("gateway"), &token, started);
        assert_eq!(status, 401);
        println!("{what} was revoked: refused {took:?} after the command was started, which took {commanded:?}");
        assert!(took < commanded + BOUND, "{took:?}");
    }
    server.stop();
}
