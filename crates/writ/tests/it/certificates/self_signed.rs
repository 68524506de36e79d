//! Certificates that are registered themselves: it is their key that counts.

use rcgen::date_time_ymd;
use serde_json::json;
use writ_oauth::Refusal;

use super::{of, send};
use crate::support::catalogue::{client, documents};
use crate::support::client_certificate::{Made, Party, params};
use crate::support::door::Door;
use crate::support::server::Server;

#[test]
fn case_41_the_key_is_compared_and_nothing_else() {
    let own = &Party::get().own;
    let renewed = Made::renewed(params("another name"), own.key());
    // The dates of a certificate that nobody but its owner vouches for say nothing.
    let stale = {
        let mut params = params("anything");
        params.not_after = date_time_ymd(2026, 2, 1);
        Made::renewed(params, own.key())
    };
    let same_name = Made::self_signed(params("anything"));
    for door in Door::BOTH {
        for good in [&renewed, &stale] {
            send(door, "cert-own", good).ok();
        }
        send(door, "cert-own", &same_name).is(Refusal::ConnectionCertificateUnknown);
        send(door, "cert-own", &Party::get().named).is(Refusal::ConnectionCertificateUnknown);
    }
}

#[test]
fn of_two_registrations_of_one_key_the_one_that_may_be_used_counts() {
    let server = Server::new();
    server.apply("default", &documents());
    let own = &Party::get().own;
    let certificates = json!([
        {"kind": "certificate", "name": "old", "pem": own.pem, "status": "disabled"},
        {"kind": "certificate", "name": "named", "provider": "machines", "subject_dn": "CN=cert-named"},
    ]);
    let methods = json!(["self_signed_tls_client_auth", "tls_client_auth"]);
    server.apply("default", &client("caller", json!({"auth_methods": methods, "credentials": certificates})));
    let ask = |made: &Made| server.public(&of(Door::Oauth, "caller").certificate(made));
    ask(own).is(Refusal::CredentialDisabled);
    ask(&Party::get().named).ok();
}
