//! TLS on every listener: versions, protocols, a certificate that changes, and callers that do not shake hands.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::routing::get;
use axum::{Extension, Router};
use rustls::version::{TLS12, TLS13};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use writ::config::Limits;
use writ::http::{OverTls, PeerCertificate, Tls};

use super::change::access_token;
use super::{API, READ, Scene, documents};
use crate::support::catalogue::SECRET;
use crate::support::certificate::{Authority, Certificate};
use crate::support::client_script::python;
use crate::support::command::{run, run_with_input};
use crate::support::process::{Launch, Server};
use crate::support::reply::Reply;
use crate::support::server::Setup;
use crate::support::tls::Caller;
use crate::support::upstream::Upstream;
use crate::support::wire::{connect, on_a_socket, rest};

const GET: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";

fn launch(folder: &Path, certificate: &Certificate, listeners: &str) -> Launch {
    Launch::serve(folder)
        .env("WRIT_TLS_CERTIFICATE", certificate.chain.to_str().unwrap())
        .env("WRIT_TLS_KEY", certificate.key.to_str().unwrap())
        .env("WRIT_TLS_LISTENERS", listeners)
}

fn address(server: &Server, listener: &str) -> SocketAddr {
    let url = server.said(listener);
    url.strip_prefix("https://").unwrap_or_else(|| panic!("{url} is not https")).parse().unwrap()
}

#[test]
fn every_listener_speaks_both_versions_and_both_protocols() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let server = launch(folder.path(), &authority.sign("leaf"), "public,admin,gateway").start();
    for listener in ["public", "admin", "gateway"] {
        for version in [&TLS12, &TLS13] {
            for (offers, agreed) in
                [(&["h2", "http/1.1"][..], Some("h2")), (&["http/1.1"], Some("http/1.1")), (&[], None)]
            {
                let mut caller =
                    Caller::connect(address(&server, listener), &authority.client(version, offers)).unwrap();
                assert_eq!(caller.protocol(), agreed, "{listener}");
                if agreed != Some("h2") {
                    let reply = Reply::parse(&caller.exchange(GET));
                    assert_eq!(reply.status, if listener == "admin" { 200 } else { 404 }, "{listener}");
                }
            }
        }
    }
    assert!(server.issuer("oauth").starts_with("https://127.0.0.1:"), "{}", server.issuer("oauth"));
    server.stop();
}

/// The certificate must name the address at which the command finds the server, and its authority must be known.
#[test]
fn commands_on_the_same_machine_reach_an_admin_listener_that_speaks_tls() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let trusted = authority.file();
    let trusted = trusted.to_str().unwrap();
    let launch = |launch: Launch| {
        let certificate = authority.sign("leaf");
        let launch = launch.env("WRIT_TLS_CERTIFICATE", certificate.chain.to_str().unwrap());
        launch.env("WRIT_TLS_KEY", certificate.key.to_str().unwrap()).env("WRIT_TLS_LISTENERS", "public,admin,gateway")
    };
    let server = launch(Launch::serve(folder.path())).start();
    let command = |arguments: &[&str]| {
        let mut command = server.command(arguments);
        command.env("SSL_CERT_FILE", trusted);
        command
    };
    let listed = run(command(&["get", "applications", "--output", "json"])).ok().json();
    assert_eq!(listed[0]["id"], "writ-admin");
    let zone = r#"{"kind": "network_zone", "name": "office", "cidrs": ["203.0.113.0/24"]}"#;
    run_with_input(command(&["apply", "-f", "-"]), zone).ok();
    server.writ(&["get", "applications"]).failed(1).tells(&["https://127.0.0.1:", "SSL_CERT_FILE"]);
    server.stop();
    // The demo is such a command too.
    let folder = tempfile::tempdir().unwrap();
    launch(Launch::demo(folder.path())).env("SSL_CERT_FILE", trusted).start().stop();
}

#[test]
fn only_the_listeners_that_are_named_speak_tls() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let server = launch(folder.path(), &authority.sign("leaf"), "gateway").start();
    assert!(server.said("public").starts_with("http://") && server.said("admin").starts_with("http://"));
    Caller::connect(address(&server, "gateway"), &authority.client(&TLS13, &[])).unwrap();
    server.stop();
}

#[test]
fn an_api_is_called_over_tls_and_the_upstream_learns_so() {
    let (authority, folder, upstream) = (Authority::new(), tempfile::tempdir().unwrap(), Upstream::plain());
    let server = launch(folder.path(), &authority.sign("leaf"), "gateway").start();
    server.apply(&documents(&upstream.url()).to_string(), &[]).ok();
    let token = access_token(&server);
    let mut caller = Caller::connect(address(&server, "gateway"), &authority.client(&TLS13, &[])).unwrap();
    let call = format!("GET /any HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\r\n");
    assert_eq!(Reply::parse(&caller.exchange(call.as_bytes())).ok().rest, "ok");
    assert_eq!(upstream.only().header("x-forwarded-proto"), Some("https"));
    server.stop();
}

/// Waits until new connections see a certificate, doing something else meanwhile.
fn wait_for(server: &Server, authority: &Authority, expected: &Certificate, mut meanwhile: impl FnMut()) {
    let started = Instant::now();
    loop {
        meanwhile();
        let caller = Caller::connect(address(server, "gateway"), &authority.client(&TLS13, &["http/1.1"])).unwrap();
        if caller.leaf() == expected.leaf()[0] {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(15), "the new certificate is not in use\n{}", server.log());
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_new_certificate_is_used_at_once_and_open_connections_go_on() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let (used, first, second) = (authority.sign("used"), authority.sign("first"), authority.sign("second"));
    first.replaces(&used.chain, &used.key);
    let server = launch(folder.path(), &used, "gateway").start();
    let config = authority.client(&TLS13, &["http/1.1"]);
    let mut open = Caller::connect(address(&server, "gateway"), &config).unwrap();
    assert_eq!(open.leaf(), first.leaf()[0]);
    open.exchange(GET);

    // The key alone does not fit; the old pair stays in use.
    std::fs::copy(&second.key, &used.key).unwrap();
    let started = Instant::now();
    while !server.log().contains("the new certificate cannot be used") {
        assert!(started.elapsed() < Duration::from_secs(15), "{}", server.log());
        open.exchange(GET);
        std::thread::sleep(Duration::from_millis(100));
    }
    wait_for(&server, &authority, &first, || drop(open.exchange(GET)));
    // The chain follows, and fits.
    std::fs::copy(&second.chain, &used.chain).unwrap();
    wait_for(&server, &authority, &second, || drop(open.exchange(GET)));
    // Rubbish, and then nothing at all.
    std::fs::write(&used.chain, "rubbish").unwrap();
    std::fs::remove_file(&used.key).unwrap();
    std::thread::sleep(Duration::from_secs(6));
    wait_for(&server, &authority, &second, || drop(open.exchange(GET)));
    server.stop();
}

#[test]
fn files_that_are_missing_or_do_not_fit_are_told_at_the_start() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let (first, second) = (authority.sign("first"), authority.sign("second"));
    let start = |chain: &Path, key: &Path| {
        let pair = Certificate { chain: chain.to_owned(), key: key.to_owned() };
        launch(folder.path(), &pair, "gateway").refused()
    };
    start(Path::new("/nowhere.pem"), &first.key).tells(&["/nowhere.pem"]);
    start(&first.chain, Path::new("/nowhere.key")).tells(&["/nowhere.key"]);
    start(&first.key, &first.key).tells(&["holds no certificate"]);
    start(&first.chain, &first.chain).tells(&["holds no private key"]);
    start(&first.chain, &second.key).tells(&["do not belong together"]);
    let lone = Launch::serve(folder.path()).env("WRIT_TLS_CERTIFICATE", first.chain.to_str().unwrap());
    lone.refused().tells(&["WRIT_TLS_KEY", "a certificate needs its key"]);
}

/// A gateway over TLS in this process, with these limits.
fn over_tls(router: Router, authority: &Authority, limits: &Limits) -> (SocketAddr, tokio_util::sync::DropGuard) {
    let certificate = authority.sign("leaf");
    let tls = Arc::new(Tls::open(&certificate.chain, &certificate.key).unwrap());
    let stop = CancellationToken::new();
    (on_a_socket(router, Some(tls), limits, &stop), stop.drop_guard())
}

#[test]
fn who_does_not_shake_hands_is_let_go_and_others_are_served_meanwhile() {
    let limits = Limits { header_timeout: Duration::from_millis(500), ..Setup::default().limits };
    let (authority, scene) = (Authority::new(), Scene::new());
    let (address, _guard) = over_tls(scene.server.gateway_router(), &authority, &limits);
    let started = Instant::now();
    let mut silent = connect(address);
    let mut plain = connect(address);
    plain.write_all(b"GET / HTTP/1.1\r\nhost: writ.example\r\n\r\n").unwrap();
    let mut slow = connect(address);
    // A record that promises more than it has.
    slow.write_all(b"\x16\x03\x01\x02\x00\x01").unwrap();
    Caller::connect(address, &authority.client(&TLS13, &[])).unwrap().exchange(GET);
    for stream in [&mut silent, &mut plain, &mut slow] {
        let mut read = Vec::new();
        // A TLS alert, perhaps, and then the end.
        let _ = std::io::Read::read_to_end(stream, &mut read);
        assert!(!read.starts_with(b"HTTP"));
    }
    // Shaken hands, and then nothing.
    let mut idle = Caller::connect(address, &authority.client(&TLS13, &[])).unwrap();
    idle.rest();
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

/// The other way round it is hyper that answers: a TLS greeting is no request.
#[test]
fn tls_at_a_plain_listener_is_no_request() {
    let scene = Scene::new();
    let mut stream = connect(scene.wire.gateway);
    stream.write_all(b"\x16\x03\x01\x00\x05hello this is a client hello\r\n\r\n").unwrap();
    let answer = rest(&mut stream);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[test]
fn a_client_certificate_is_read_and_not_asked_for() {
    async fn seen(tls: Option<Extension<OverTls>>, leaf: Option<Extension<PeerCertificate>>) -> String {
        let leaf = leaf.map(|Extension(PeerCertificate(certificate))| certificate.unwrap().leaf().der().to_vec());
        format!("{} {leaf:?}", tls.is_some())
    }
    let (authority, router) = (Authority::new(), || Router::new().route("/", get(seen)));
    let own = authority.sign("caller");
    let limits = Setup::default().limits;
    let (address, _guard) = over_tls(router(), &authority, &limits);
    let ask = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    for version in [&TLS12, &TLS13] {
        let mut with = Caller::connect(address, &authority.client_with(version, &[], Some(&own))).unwrap();
        assert_eq!(Reply::parse(&with.exchange(ask)).rest, format!("true {:?}", Some(own.leaf()[0].to_vec())));
        let mut without = Caller::connect(address, &authority.client(version, &[])).unwrap();
        assert_eq!(Reply::parse(&without.exchange(ask)).rest, "true None");
    }
    let stop = CancellationToken::new();
    let plain = on_a_socket(router(), None, &limits, &stop);
    let answer = crate::support::wire::exchange(plain, b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert_eq!(Reply::parse(&answer).rest, "false None");
    stop.cancel();
}

#[test]
fn the_vendors_factory_gets_a_token_over_tls_before_and_after_a_new_certificate() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let (used, second) = (authority.sign("used"), authority.sign("second"));
    let server = launch(folder.path(), &used, "public,gateway").start();
    server.apply(&documents("http://127.0.0.1:9").to_string(), &[]).ok();
    let issuer = server.issuer("idaas");
    let config = json!({
        "client_id": "partner", "client_secret": SECRET, "scope": format!("{API}|{READ}"),
        "method": "CLIENT_SECRET_POST", "issuer": issuer,
        // The factory makes https of it.
        "token_endpoint": format!("{}/token", issuer.replace("https://", "http://")),
        "jwks_uri": format!("{issuer}/jwks"), "audience": API,
        "certificate_authority": authority.file().to_str().unwrap(),
    });
    for certificate in [None, Some(&second)] {
        if let Some(certificate) = certificate {
            certificate.replaces(&used.chain, &used.key);
            wait_for(&server, &authority, certificate, || {});
        }
        let token = python("idaas_factory.py", &config);
        assert_eq!((&token["ok"], &token["verified"]), (&true.into(), &true.into()), "{token:#}");
        assert_eq!(token["claims"]["scope"], READ, "{token:#}");
    }
    // Who trusts another authority is not talked into it.
    let mut foreign = config;
    foreign["certificate_authority"] = Authority::new().file().to_str().unwrap().into();
    let refused = python("idaas_factory.py", &foreign);
    assert_eq!(refused["ok"], false, "{refused:#}");
    server.stop();
}
