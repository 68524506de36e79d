//! Certificates: as text in a form, as the headers of a proxy, and one in DER, alone and in a chain.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use writ_oauth::jose::Alg;
use writ_oauth::x509::{
    Anchors, Certificate, ChainPolicy, DistinguishedName, MAX_CERTIFICATES, MAX_TEXT_BYTES, NameFault, Purpose,
    SubjectMatch, from_client_cert_chain_header, from_client_cert_header, read_certificates, verify_chain,
};

use super::fixture::{ANCHORS, INTERMEDIATE, LEAF, NOW, POLICY, ROOT};

const PARAMETERS: [&str; 5] = [
    "tls_client_auth_subject_dn",
    "tls_client_auth_san_dns",
    "tls_client_auth_san_uri",
    "tls_client_auth_san_ip",
    "tls_client_auth_san_email",
];

pub(super) fn check(input: &[u8]) {
    if let Ok(certificate) = Certificate::from_der(input) {
        assert_eq!(certificate.der(), input);
        check_certificates(&[certificate]);
    }
    check_revocation_list(input);
    let Ok(text) = std::str::from_utf8(input) else { return };
    let header = from_client_cert_header(text).map(|one| vec![one]);
    for read in [read_certificates(text), from_client_cert_chain_header(text), header].into_iter().flatten() {
        check_certificates(&read);
    }
    check_name(text);
    for name in PARAMETERS {
        let _ = SubjectMatch::from_parameter(name, text).map(|subject| subject.matches(&LEAF));
    }
}

/// A list that nobody signed never makes a chain that must have lists.
fn check_revocation_list(list: &[u8]) {
    let Ok(anchors) = Anchors::new(std::slice::from_ref(&ROOT), &[list]) else { return };
    let policy = ChainPolicy { crl_required: true, ..POLICY };
    assert!(verify_chain(&LEAF, std::slice::from_ref(&INTERMEDIATE), &anchors, &policy, NOW).is_err());
}

fn check_certificates(certificates: &[Certificate]) {
    assert!((1..=MAX_CERTIFICATES).contains(&certificates.len()));
    check_forms(certificates);
    certificates.iter().for_each(check_certificate);
    let (leaf, rest) = certificates.split_first().unwrap();
    for anchors in [&*ANCHORS].into_iter().chain(Anchors::new(rest, &[]).as_ref()) {
        for policy in [POLICY, ChainPolicy { purpose: Purpose::CLIENT_AUTH, crl_required: true }] {
            if let Ok(chain) = verify_chain(leaf, rest, anchors, &policy, NOW) {
                assert!(!policy.crl_required, "no list says that it was not revoked");
                assert_eq!(chain.leaf(), leaf);
                assert!(anchors.certificates().contains(chain.anchor()) && *leaf != *chain.anchor());
                assert!(chain.intermediates().iter().all(|used| rest.contains(used)));
                assert!(*chain.anchor() != *ROOT || *leaf == *LEAF, "nobody vouches for this certificate");
            }
        }
    }
}

/// Every way to send them is read as the same.
fn check_forms(certificates: &[Certificate]) {
    let base64: Vec<String> = certificates.iter().map(|certificate| STANDARD.encode(certificate.der())).collect();
    let pem = |one: &String| format!("-----BEGIN CERTIFICATE-----\n{one}\n-----END CERTIFICATE-----\n");
    let header = base64.iter().map(|one| format!(":{one}:")).collect::<Vec<_>>().join(", ");
    let pem = base64.iter().map(pem).collect::<Vec<_>>().concat();
    if pem.len() > MAX_TEXT_BYTES {
        return;
    }
    for read in [read_certificates(&base64.join(",")), read_certificates(&base64.concat()), read_certificates(&pem)] {
        assert_eq!(read.as_deref(), Ok(certificates));
    }
    assert_eq!(from_client_cert_chain_header(&header).as_deref(), Ok(certificates));
    assert_eq!(from_client_cert_header(&format!(":{}:", base64[0])).as_ref(), Ok(&certificates[0]));
}

fn check_certificate(certificate: &Certificate) {
    let facts = certificate.facts();
    assert_eq!(facts["subject"]["dn"], certificate.subject().to_string());
    let names = certificate.alt_names();
    assert_eq!(facts["san"]["dns"].as_array().map(Vec::len), Some(names.dns.len()));
    if let Ok(keys) = certificate.verifying_keys(&Alg::ALL) {
        assert!(!keys.is_empty() && !keys.iter().any(|key| key.verifies(b"message", &[1; 64])));
    }
    check_name(&certificate.subject().to_string());
    check_name(&certificate.issuer().to_string());
    let dn = SubjectMatch::dn(&certificate.subject().to_string());
    let dns = names.dns.iter().map(|name| SubjectMatch::san_dns(name));
    let uri = names.uri.iter().map(|name| SubjectMatch::san_uri(name));
    let ip = names.ip.iter().map(|name| SubjectMatch::san_ip(&name.to_string()));
    let email = names.email.iter().map(|name| SubjectMatch::san_email(name));
    for subject in [dn].into_iter().chain(dns).chain(uri).chain(ip).chain(email).flatten() {
        assert!(subject.matches(certificate), "{subject:?}");
    }
}

/// A name that is written is read as the same name, unless it has become too long.
fn check_name(text: &str) {
    let Ok(name) = DistinguishedName::parse(text) else { return };
    match DistinguishedName::parse(&name.to_string()) {
        Ok(again) => assert_eq!(again, name),
        Err(fault) => assert_eq!(fault, NameFault::TooLong),
    }
}
