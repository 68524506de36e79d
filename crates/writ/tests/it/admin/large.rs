//! Documents and proofs as large as somebody may make them: an answer in bounded time, and a refusal that names the limit.

use std::time::{Duration, Instant};

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{PKCS_RSA_SHA256, PublicKeyData, SignatureAlgorithm};
use serde_json::{Value, json};
use writ_oauth::Refusal;

use crate::support::answer::Answer;
use crate::support::assertion::{Assertion, jwk};
use crate::support::call::Call;
use crate::support::catalogue::{READ, client, documents};
use crate::support::document::Document;
use crate::support::door::Door;
use crate::support::private_ca::{Made, client_of};
use crate::support::server::Server;

/// A hundred times what anything here takes: machines can be busy.
const BOUND: Duration = Duration::from_secs(20);

#[track_caller]
fn bounded<T>(what: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let outcome = what();
    assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
    outcome
}

fn apply(server: &Server, documents: &Value) -> Answer {
    bounded(|| server.administer(Call::post("/v1/tenants/default/apply").json(documents)))
}

/// Ends the test unless a document is refused, at this place and in words that name the limit.
#[track_caller]
fn refused(server: &Server, document: &Value, path: &str, limit: &str) {
    let answer = apply(server, document);
    assert_eq!(answer.error(422), "invalid_document");
    assert_eq!(answer.json()["path"], path, "{}", answer.text);
    assert!(answer.description().contains(limit), "{}", answer.text);
}

fn server() -> Server {
    let server = Server::new();
    server.apply("default", &documents());
    server
}

fn ca(root: &Made, crls: &[&str]) -> Value {
    json!({ "kind": "provider", "name": "big-ca", "type": "private_ca", "anchors": [root.pem], "crls": crls })
}

fn workload(provider: &str, condition: &str) -> Value {
    let credential = json!({ "kind": "federated", "name": "big", "provider": provider, "condition": condition });
    client("big", json!({ "auth_methods": ["federated"], "credentials": [credential] }))
}

const X509_JWT: &str = "urn:cloud:idaas:params:oauth:client-assertion-type:x509-jwt-bearer";
const PKCS7: &str = "urn:cloud:idaas:params:oauth:client-assertion-type:pkcs7-bearer";

fn with_certificate(server: &Server, leaf: &Made, id: &str, certificates: [&str; 2]) -> Answer {
    let jwt = leaf.sign(&Assertion::of(Door::Oauth, "big").id(id));
    let call = Door::Oauth.ask(&[READ]).federated("big", X509_JWT, &jwt).named("big");
    let call = call.and("client_x509", certificates[0]);
    let [_, chain] = certificates;
    bounded(|| server.public(&if chain.is_empty() { call } else { call.and("client_x509_chain", chain) }))
}

/// Eight lists of almost a mebibyte each: two hundred thousand certificates that were taken back.
#[test]
fn case_39_revocation_lists_as_large_as_they_may_be_are_obeyed() {
    const MEBIBYTE: usize = 1 << 20;
    let (server, root) = (server(), Made::root("Root"));
    let (good, bad) = (root.issue(client_of("billing")), root.issue(client_of("billing")));
    let serial = |made: &Made| writ_oauth::x509::Certificate::from_der(&made.der()).unwrap().serial().to_vec();
    let others = |count: u32| (0..count).map(|number| [&[1], &number.to_be_bytes()[..]].concat());
    let full = root.crl_of(others(32_000).chain([serial(&bad)]), 12);
    assert!((MEBIBYTE * 9 / 10..=MEBIBYTE).contains(&full.len()), "{}", full.len());
    let full = full.as_str();
    let condition = r#"Equals(cert.subject.CN, "billing")"#;
    apply(&server, &json!([ca(&root, &[full; 8]), workload("big-ca", condition)])).ok();
    // Two hundred thousand numbers are read in the background. Until they are, the client is told to come again.
    bounded(|| {
        while with_certificate(&server, &good, "good", [&good.pem, ""]).refusal == Some(Refusal::ProviderUnavailable) {
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    with_certificate(&server, &good, "another", [&good.pem, ""]).ok();
    with_certificate(&server, &bad, "bad", [&bad.pem, ""]).is(Refusal::CertificateRevoked);
    // Nothing else is slower for it.
    apply(&server, &client("another", json!({}))).ok();
    refused(&server, &ca(&root, &[full; 9]), "crls", "at most 8");
    let longer = full.to_owned() + &"\n".repeat(MEBIBYTE + 1 - full.len());
    refused(&server, &ca(&root, &[full, &longer]), "crls[1]", "at most 1048576 bytes");
    // A body beyond the limit of the API is not read to its end.
    let call = Call::post("/v1/tenants/default/apply").bearer(&server.admin_token());
    let vast = Body::from(vec![b' '; 65 * MEBIBYTE]);
    assert_eq!(bounded(|| server.admin_body(&call, vast)).is(Refusal::BodyTooLarge).status, 413);
}

#[test]
fn case_37_fifty_certificates_are_no_chain() {
    let (server, root) = (server(), Made::root("Root"));
    let leaf = root.issue(client_of("billing"));
    apply(&server, &json!([ca(&root, &[]), workload("big-ca", r#"Equals(cert.subject.CN, "billing")"#)])).ok();
    with_certificate(&server, &leaf, "few", [&leaf.pem, &root.pem.repeat(8)]).ok();
    with_certificate(&server, &leaf, "x", [&leaf.pem, &root.pem.repeat(50)]).is(Refusal::CertificateUnreadable);
    with_certificate(&server, &leaf, "x", [&leaf.pem.repeat(50), ""]).is(Refusal::CertificateUnreadable);
    let fifty = vec![root.pem.as_str(); 50];
    let mut anchors = ca(&root, &[]);
    anchors["anchors"] = json!(fifty);
    refused(&server, &anchors, "anchors", "at most 8");
    let cloud = |member: &str, certificates: &[&str]| {
        let mut cloud = json!({
            "kind": "provider", "name": "big-cloud", "type": "pkcs7", "signing_time": "attribute", "max_age": "1h",
            "trust_condition": r#"Equals(pkcs7.payload.data, "x")"#,
        });
        if member == "intermediates" {
            cloud["anchors"] = json!([root.pem]);
        }
        cloud[member] = json!(certificates);
        cloud
    };
    refused(&server, &cloud("signers", &fifty), "signers", "at most 8");
    refused(&server, &cloud("intermediates", &fifty), "intermediates", "at most 32");
    let signer = Made::signer("Cloud");
    apply(&server, &cloud("signers", &[&signer.pem])).ok();
    apply(&server, &workload("big-cloud", r#"Equals(pkcs7.payload.data, "x")"#)).ok();
    let document = |count: usize| {
        let document = (0..count).fold(Document::streamed("x", "270115080000Z"), |it, _| it.carrying(&signer));
        let call = Door::Oauth.ask(&[READ]).federated("big", PKCS7, &STANDARD.encode(document.by(&[&signer])));
        bounded(|| server.public(&call.named("big")))
    };
    document(8).ok();
    document(50).is(Refusal::DocumentUnreadable);
}

#[test]
fn case_29_an_expression_of_ten_kilobytes_is_refused_where_it_stands() {
    let server = server();
    let long = |length: usize| {
        let frame = r#"Equals(jwt.claims.sub, "")"#.len();
        format!(r#"Equals(jwt.claims.sub, "{}")"#, "x".repeat(length - frame))
    };
    let listed = |count: usize| {
        let clauses: Vec<_> = (0..count).map(|number| format!(r#"Equals(jwt.claims.sub, "{number:0>20}")"#)).collect();
        format!("Or({})", clauses.join(", "))
    };
    for (expression, limit) in [(long(10_240), "4096"), (listed(210), "4096")] {
        let path = "clients[0].credentials[0].condition";
        refused(&server, &workload("ci", &expression), path, limit);
        let mut mapped = workload("ci", r#"Equals(jwt.claims.sub, "x")"#);
        mapped["clients"][0]["credentials"][0]["subject"] = format!("Append(\"a\", {expression})").into();
        assert_eq!(apply(&server, &mapped).json()["path"], "clients[0].credentials[0].subject");
        let mut provider = crate::support::federation::issuer("big", "https://big.example", 1, "first");
        provider["trust_condition"] = expression.into();
        refused(&server, &provider, "trust_condition", limit);
    }
}

#[test]
fn case_81_key_sets_of_ten_thousand_keys_and_keys_of_sixteen_thousand_bits_are_refused() {
    let server = server();
    let issuer = |keys: Value| {
        let mut issuer = crate::support::federation::issuer("big", "https://big.example", 1, "first");
        issuer["jwks"] = json!({ "inline": { "keys": keys } });
        issuer
    };
    let path = "jwks.inline";
    refused(&server, &issuer(json!(vec![jwk(1, "a"); 10_000])), path, "more than 262144 bytes");
    refused(&server, &issuer(json!(vec![json!({}); 10_000])), path, "more than 100 keys");
    refused(&server, &issuer(json!(vec![jwk(1, "a"); 101])), path, "more than 100 keys");
    // One that is too large is passed over where there are others, and refused where it is all there is.
    let huge = json!({ "kty": "RSA", "e": "AQAB", "n": URL_SAFE_NO_PAD.encode([0xff; 2048]) });
    refused(&server, &issuer(json!([huge])), path, "no key in this set");
    apply(&server, &issuer(json!([huge, jwk(1, "first")]))).ok();
    let signer = |key: Value| {
        let mut key = key;
        key["kind"] = "public_key".into();
        client("big", json!({ "auth_methods": ["private_key_jwt"], "credentials": [key] }))
    };
    let at = |member: &str| format!("clients[0].credentials[0].{member}");
    refused(&server, &signer(json!({ "jwk": huge })), &at("jwk"), "2048 to 8192 bits");
    let der = RsaNumbers::of_octets(2048).subject_public_key_info();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der));
    refused(&server, &signer(json!({ "pem": pem })), &at("pem"), "2048 to 8192 bits");
    refused(&server, &signer(json!({ "pem": pem.repeat(8) })), &at("pem"), "at most 16384 bytes");
}

#[test]
fn case_81_a_certificate_with_a_key_of_sixteen_thousand_bits_is_refused_at_once() {
    let (server, root) = (server(), Made::root("Root"));
    apply(&server, &json!([ca(&root, &[]), workload("big-ca", r#"Equals(cert.subject.CN, "billing")"#)])).ok();
    let leaf = root.issue(client_of("billing"));
    for (octets, refusal) in [(2048, Refusal::CertificateUnfit), (1024, Refusal::AssertionSignature)] {
        let huge = root.certify(&client_of("billing"), &RsaNumbers::of_octets(octets));
        with_certificate(&server, &leaf, "x", [&huge, ""]).is(refusal);
    }
}

/// An RSA key of any size: numbers that look like one are enough for whoever reads it.
struct RsaNumbers(Vec<u8>);

impl RsaNumbers {
    fn of_octets(len: u16) -> Self {
        let [high, low] = (len + 1).to_be_bytes();
        let [outer_high, outer_low] = (len + 10).to_be_bytes();
        let mut der = vec![0x30, 0x82, outer_high, outer_low, 0x02, 0x82, high, low, 0];
        der.extend(vec![0xff; usize::from(len)]);
        der.extend([0x02, 0x03, 1, 0, 1]);
        Self(der)
    }
}

impl PublicKeyData for RsaNumbers {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}
