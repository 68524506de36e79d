//! Where a request comes from: network zones, and proxies that are believed or not.

use writ_oauth::Refusal;

use crate::support::call::Call;
use crate::support::catalogue::{READ, SECRET, documents};
use crate::support::door::Door;
use crate::support::server::{Server, Setup, shared};

/// An address of the zone `office`, and one outside.
const INSIDE: &str = "203.0.113.9";
const OUTSIDE: &str = "198.51.100.7";
const PROXY: &str = "10.0.0.1";

fn ask(door: Door, peer: &str) -> Call {
    door.ask(&[READ]).basic("office", SECRET).from(peer)
}

#[track_caller]
fn is_refused(server: &Server, door: Door, call: &Call) {
    let answer = server.public(call).is(Refusal::AddressNotAllowed);
    let error = if door == Door::Oauth { "unauthorized_client" } else { "access_denied" };
    assert_eq!(answer.error(400), error);
}

#[test]
fn a_client_with_zones_calls_from_inside_them() {
    for door in Door::BOTH {
        for peer in [INSIDE, "2001:db8::1", "2001:db8:ffff::1", "::ffff:203.0.113.9"] {
            shared().public(&ask(door, peer)).ok();
        }
        for peer in [OUTSIDE, "203.0.114.0", "2001:db9::1", "::1", "::ffff:198.51.100.7", "::203.0.113.9"] {
            is_refused(shared(), door, &ask(door, peer));
        }
        // A client without zones calls from anywhere.
        shared().public(&door.ask(&[READ]).basic("partner", SECRET).from(OUTSIDE)).ok();
    }
}

#[test]
fn case_96_without_trusted_proxies_nobody_names_another_address() {
    for door in Door::BOTH {
        is_refused(shared(), door, &ask(door, OUTSIDE).header("x-forwarded-for", INSIDE));
        is_refused(shared(), door, &ask(door, OUTSIDE).header("forwarded", format!("for={INSIDE}")));
        is_refused(shared(), door, &ask(door, OUTSIDE).header("x-real-ip", INSIDE));
        // Nor does a caller from inside move itself out.
        shared().public(&ask(door, INSIDE).header("x-forwarded-for", OUTSIDE)).ok();
    }
}

#[test]
fn behind_a_trusted_proxy_the_last_address_that_no_trusted_proxy_appended_counts() {
    let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
    let server = Server::open(Setup { trusted_proxies, ..Setup::default() });
    server.apply("default", &documents());
    let forwarded = |peer: &str, lines: &[&str]| {
        let call = ask(Door::Oauth, peer);
        lines.iter().fold(call, |call, line| call.header("x-forwarded-for", *line))
    };
    for lines in [
        &[INSIDE][..],
        &["1.1.1.1, 203.0.113.9"],
        &["1.1.1.1", INSIDE],
        &["203.0.113.9, 10.0.0.2"],
        &[" 203.0.113.9 ,fd00::1"],
        &["2001:db8::5"],
        &["garbage, 203.0.113.9"],
        &["203.0.113.9:4711"],
        &["[2001:db8::5]:4711"],
    ] {
        server.public(&forwarded(PROXY, lines)).ok();
    }
    for lines in [&[OUTSIDE][..], &["203.0.113.9, 198.51.100.7"], &[INSIDE, OUTSIDE], &["203.0.113.9, garbage"], &[]] {
        is_refused(&server, Door::Oauth, &forwarded(PROXY, lines));
    }
    // From who is no proxy the header means nothing.
    is_refused(&server, Door::Oauth, &forwarded(OUTSIDE, &[INSIDE]));
    server.public(&forwarded("fd00::9", &[INSIDE])).ok();
}

/// The proxy is inside the zone itself: what a caller writes must not hide the address that the proxy appended.
#[test]
fn case_96_garbage_in_front_does_not_hide_who_a_proxy_inside_the_zone_speaks_for() {
    let trusted_proxies = vec!["203.0.113.9/32".parse().unwrap()];
    let server = Server::open(Setup { trusted_proxies, ..Setup::default() });
    server.apply("default", &documents());
    server.public(&ask(Door::Oauth, INSIDE)).ok();
    for line in [
        "198.51.100.7",
        "x",
        "unknown",
        "198.51.100.7:80",
        "x, 198.51.100.7",
        ", 198.51.100.7",
        "\u{e9}, 198.51.100.7",
        "203.0.113.1, 198.51.100.7",
    ] {
        is_refused(&server, Door::Oauth, &ask(Door::Oauth, INSIDE).header("x-forwarded-for", line));
    }
}
