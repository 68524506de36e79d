use std::process::Command;

use writ_core::key_source::{KeySets, KeySource};
use writ_core::outbound::{OutboundFault, OutboundPolicy};

use super::stand_in::{StandIn, ok};
use super::{ISSUER, NOW, key_sets, outbound, set};

async fn fault_at(sets: &KeySets, url: &str) -> OutboundFault {
    match KeySource::uri(ISSUER, url, None) {
        Ok(source) => outbound(sets.keys(&source, None, NOW).await),
        Err(fault) => fault,
    }
}

#[tokio::test]
async fn case_91_addresses_inside_are_refused_in_every_writing() {
    let keys = set(&["a"]);
    let server = StandIn::start(move |_| ok(&keys)).await;
    let (sets, port) = (KeySets::new(OutboundPolicy::default()), server.port());
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[fe80::1]",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "１２７.０.０.１",
        "169.254.169.254",
        "100.100.100.200",
        "10.0.0.1",
        "192.168.0.1",
    ] {
        let https = fault_at(&sets, &format!("https://{host}:{port}/jwks")).await;
        // Not every system resolves every name of this machine.
        let is_refused = matches!(https, OutboundFault::AddressRefused | OutboundFault::NameUnknown);
        assert!(
            is_refused && (https == OutboundFault::AddressRefused || host.contains("localhost.")),
            "{host}: {https}"
        );
        let http = fault_at(&sets, &format!("http://{host}:{port}/jwks")).await;
        let is_refused = matches!(http, OutboundFault::PlainHttp | OutboundFault::NameUnknown);
        assert!(is_refused && (http == OutboundFault::PlainHttp || host.contains("localhost.")), "{host}: {http}");
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn what_is_allowed_is_allowed_by_name_and_by_address_and_nothing_beside_it() {
    let keys = set(&["a"]);
    let server = StandIn::start(move |_| ok(&keys)).await;
    let (sets, port) = (key_sets(), server.port());
    for host in ["127.0.0.1", "2130706433", "localhost", "[::ffff:127.0.0.1]"] {
        let source = KeySource::uri(host, &format!("http://{host}:{port}/jwks"), None).unwrap();
        sets.keys(&source, None, NOW).await.unwrap();
    }
    assert_eq!(server.requests(), 4);
    for host in ["10.0.0.1", "[::1]", "169.254.169.254"] {
        assert_eq!(fault_at(&sets, &format!("https://{host}:{port}/jwks")).await, OutboundFault::AddressRefused);
    }
    // On the internet anybody could answer for it.
    assert_eq!(fault_at(&sets, "http://8.8.8.8/jwks").await, OutboundFault::PlainHttp);
}

#[tokio::test]
async fn case_91_the_users_of_a_url_and_other_schemes_are_refused() {
    let keys = set(&["a"]);
    let server = StandIn::start(move |_| ok(&keys)).await;
    let (sets, port) = (key_sets(), server.port());
    for (url, fault) in [
        (format!("http://user:word@127.0.0.1:{port}/jwks"), OutboundFault::UserInfo),
        (format!("https://ci.example@127.0.0.1:{port}/jwks"), OutboundFault::UserInfo),
        ("file:///etc/passwd".to_owned(), OutboundFault::Url),
        ("gopher://127.0.0.1/".to_owned(), OutboundFault::Url),
        ("//127.0.0.1/jwks".to_owned(), OutboundFault::Url),
        ("https:///".to_owned(), OutboundFault::Url),
    ] {
        assert_eq!(fault_at(&sets, &url).await, fault, "{url}");
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_a_fault_of_its_own() {
    for url in ["http://127.0.0.1:1/jwks", "https://127.0.0.1:1/jwks", "http://127.0.0.1:0/jwks"] {
        let fault = fault_at(&key_sets(), url).await;
        assert!(matches!(fault, OutboundFault::Unreachable(_)), "{url}: {fault}");
    }
    let unknown = fault_at(&key_sets(), "https://no-such-host.invalid/jwks").await;
    // Without a name server at hand it takes too long to find out.
    assert!(matches!(unknown, OutboundFault::NameUnknown | OutboundFault::Timeout), "{unknown}");
}

#[tokio::test]
async fn case_91_a_proxy_of_the_environment_is_not_asked() {
    let proxy = StandIn::start(|_| vec![]).await;
    // Another test, in a process with such an environment.
    let mut other = Command::new(std::env::current_exe().unwrap());
    other.args(["--exact", "key_source::discovery::keys_are_found_by_what_the_issuer_says_of_itself"]);
    other.env_remove("NO_PROXY").env_remove("no_proxy");
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        other.env(name, proxy.url(""));
    }
    let output = tokio::task::spawn_blocking(move || other.output().unwrap()).await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    assert_eq!(proxy.requests(), 0);
}
