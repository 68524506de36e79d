//! Certificates that a proxy tells of (RFC 9440).

use writ::config::ClientCertHeader;
use writ_oauth::Refusal;

use super::of;
use crate::support::call::Call;
use crate::support::catalogue::documents;
use crate::support::client_certificate::{Party, ca_params, params};
use crate::support::door::Door;
use crate::support::server::{Server, Setup};

const PROXY: &str = "10.1.2.3";

fn server(client_cert_header: ClientCertHeader) -> Server {
    let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    let server = Server::open(Setup { trusted_proxies, client_cert_header, ..Setup::default() });
    server.apply("default", &documents());
    server
}

fn told(door: Door, value: &str) -> Call {
    of(door, "cert-named").from(PROXY).header("client-cert", value)
}

#[test]
fn case_40_only_a_trusted_proxy_that_is_to_tell_is_heard() {
    let (on, off) = (server(ClientCertHeader::Rfc9440), server(ClientCertHeader::Off));
    let value = Party::get().named.header();
    for door in Door::BOTH {
        on.public(&told(door, &value)).ok();
        on.public(&told(door, &value).header("x-forwarded-proto", "https")).ok();
        // From anybody else it is not even read.
        for call in [told(door, &value).from("192.0.2.1"), told(door, "rubbish").from("192.0.2.1")] {
            on.public(&call).is(Refusal::AuthenticationMissing);
        }
        off.public(&told(door, &value)).is(Refusal::AuthenticationMissing);
        // Nor does it take the place of a certificate that somebody else has.
        let other = told(door, &value).from("192.0.2.1").certificate(&Party::get().own);
        on.public(&other).is(Refusal::ConnectionCertificateUnknown);
    }
}

/// A proxy that itself shows a certificate is not its callers.
#[test]
fn case_40_the_certificate_of_a_proxy_is_not_its_callers() {
    let party = Party::get();
    for header in [ClientCertHeader::Off, ClientCertHeader::Rfc9440] {
        let server = server(header);
        let call = of(Door::Oauth, "cert-named").certificate(&party.named);
        server.public(&call.clone().from(PROXY)).is(Refusal::AuthenticationMissing);
        server.public(&call).ok();
    }
}

#[test]
fn case_40_spellings_that_are_not_the_headers_are_not_heard() {
    let server = server(ClientCertHeader::Rfc9440);
    let value = Party::get().named.header();
    for name in [
        "client_cert",
        "Client.Cert",
        "x-ssl-client-cert",
        "ssl_client_cert",
        "x-client-cert",
        "X-Forwarded-Client-Cert",
    ] {
        let call = of(Door::Oauth, "cert-named").from(PROXY).header(name, &*value);
        server.public(&call).is(Refusal::AuthenticationMissing);
    }
}

#[test]
fn case_40_what_cannot_be_one_certificate_is_refused() {
    let server = server(ClientCertHeader::Rfc9440);
    let value = Party::get().named.header();
    let bare = value.trim_matches(':').to_owned();
    for wrong in ["", ":", "::", ":MIIB:", "rubbish", &bare, &format!("{value};a=1"), &format!("{value}, {value}")] {
        server.public(&told(Door::Oauth, wrong)).is(Refusal::ConnectionCertificateMalformed);
        assert_eq!(server.public(&told(Door::Idaas, wrong)).error(400), "invalid_request");
    }
    server
        .public(&told(Door::Oauth, &value).header("Client-Cert", &*value))
        .is(Refusal::ConnectionCertificateMalformed);
    let chain = of(Door::Oauth, "cert-named").from(PROXY).header("client-cert-chain", &*value);
    server.public(&chain).is(Refusal::ConnectionCertificateMalformed);
    for wrong in ["rubbish", ":MIIB:"] {
        let chain = told(Door::Oauth, &value).header("client-cert-chain", wrong);
        server.public(&chain).is(Refusal::ConnectionCertificateMalformed);
    }
    // Nobody showed the proxy a certificate on a connection without TLS.
    for scheme in ["http", "HTTPS", "https, http", ""] {
        let plain = told(Door::Oauth, &value).header("x-forwarded-proto", scheme);
        server.public(&plain).is(Refusal::ConnectionCertificateMalformed);
    }
}

#[test]
fn a_chain_is_told_beside_the_certificate() {
    let server = server(ClientCertHeader::Rfc9440);
    let party = Party::get();
    let first = party.root.issue(ca_params("First"));
    let second = first.issue(ca_params("Second"));
    let leaf = second.issue(params("cert-named"));
    let call = || told(Door::Oauth, &leaf.header());
    server.public(&call()).is(Refusal::ConnectionCertificateUntrusted);
    server.public(&call().header("client-cert-chain", format!("{}, {}", second.header(), first.header()))).ok();
    let lines = call().header("client-cert-chain", second.header()).header("client-cert-chain", first.header());
    server.public(&lines).ok();
}
