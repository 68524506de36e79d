//! Messages written by hand: every shape that signers write, and shapes that only attackers do.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use writ_oauth::x509::Certificate;
use x509_cert::der::Encode as _;
use x509_cert::der::asn1::ObjectIdentifier;

use super::fixture::{leaf, rsa};

pub(super) const DATA: &str = "1.2.840.113549.1.7.1";
pub(super) const SHA256_DIGEST: &str = "2.16.840.1.101.3.4.2.1";
pub(super) const SHA256_WITH_RSA: &str = "1.2.840.113549.1.1.11";
pub(super) const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
pub(super) const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
pub(super) const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";

const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";

static RSA_KEY: LazyLock<KeyPair> = LazyLock::new(|| key(include_str!("fixtures/rsa.key")));
static LEAF_KEY: LazyLock<KeyPair> = LazyLock::new(|| key(include_str!("fixtures/leaf.key")));

fn key(pem: &str) -> KeyPair {
    let pkcs8 = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).unwrap();
    KeyPair::from_pkcs8(pkcs8.secret_pkcs8_der()).unwrap()
}

pub(super) fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    let significant = length.iter().position(|octet| *octet != 0).map_or(&[][..], |from| &length[from..]);
    let mut der = vec![tag];
    if body.len() >= 0x80 {
        der.push(0x80 | u8::try_from(significant.len()).unwrap());
    }
    der.extend(if body.is_empty() { &[0] } else { significant });
    der.extend(body);
    der
}

pub(super) fn indefinite(tag: u8, body: &[u8]) -> Vec<u8> {
    [&[tag, 0x80], body, &[0, 0]].concat()
}

pub(super) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

pub(super) fn oid(dotted: &str) -> Vec<u8> {
    ObjectIdentifier::new_unwrap(dotted).to_der().unwrap()
}

pub(super) fn algorithm(dotted: &str) -> Vec<u8> {
    sequence(&[oid(dotted), vec![5, 0]])
}

pub(super) fn attribute(kind: &str, values: &[Vec<u8>]) -> Vec<u8> {
    sequence(&[oid(kind), tlv(0x31, &values.concat())])
}

pub(super) fn content_type() -> Vec<u8> {
    attribute(CONTENT_TYPE, &[oid(DATA)])
}

pub(super) fn message_digest(content: &[u8]) -> Vec<u8> {
    attribute(MESSAGE_DIGEST, &[tlv(4, digest(&SHA256, content).as_ref())])
}

pub(super) fn signing_time(utc: &str) -> Vec<u8> {
    attribute(SIGNING_TIME, &[tlv(0x17, utc.as_bytes())])
}

/// What a good signer's attributes are, in DER's order.
pub(super) fn attributes(content: &[u8]) -> Vec<Vec<u8>> {
    vec![content_type(), signing_time("260101000000Z"), message_digest(content)]
}

/// A signer who signs what is to be signed, and may write something else.
pub(super) struct Signer {
    pub(super) id: Vec<u8>,
    pub(super) version: u8,
    pub(super) digest_algorithm: Vec<u8>,
    pub(super) signature_algorithm: Vec<u8>,
    /// as written
    pub(super) attributes: Option<Vec<Vec<u8>>>,
    pub(super) signature: Vec<u8>,
}

impl Signer {
    /// Without attributes: signs `bytes` as they are.
    pub(super) fn of(certificate: &Certificate, bytes: &[u8]) -> Self {
        let key = if *certificate == leaf() { &LEAF_KEY } else { &RSA_KEY };
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), bytes, &mut signature).unwrap();
        Self {
            id: sequence(&[certificate.issuer_der().to_vec(), tlv(2, certificate.serial())]),
            version: 1,
            digest_algorithm: algorithm(SHA256_DIGEST),
            signature_algorithm: algorithm(SHA256_WITH_RSA),
            attributes: None,
            signature,
        }
    }

    /// With attributes, written as they are given and signed as DER sorts them.
    pub(super) fn with(certificate: &Certificate, attributes: Vec<Vec<u8>>) -> Self {
        let mut sorted = attributes.clone();
        sorted.sort();
        Self { attributes: Some(attributes), ..Self::of(certificate, &tlv(0x31, &sorted.concat())) }
    }

    pub(super) fn info(&self) -> Vec<u8> {
        let attributes = self.attributes.as_ref().map(|list| tlv(0xa0, &list.concat())).unwrap_or_default();
        sequence(&[
            tlv(2, &[self.version]),
            self.id.clone(),
            self.digest_algorithm.clone(),
            attributes,
            self.signature_algorithm.clone(),
            tlv(4, &self.signature),
        ])
    }
}

/// A whole message in DER.
pub(super) fn message(content: &[u8], certificates: &[Vec<u8>], signers: &[Vec<u8>]) -> Vec<u8> {
    wrapped(&sequence(&[oid(DATA), tlv(0xa0, &tlv(4, content))]), certificates, signers)
}

/// A message around any encapsulated content.
pub(super) fn wrapped(content: &[u8], certificates: &[Vec<u8>], signers: &[Vec<u8>]) -> Vec<u8> {
    let certificates = if certificates.is_empty() { vec![] } else { tlv(0xa0, &certificates.concat()) };
    let signed_data = sequence(&[
        tlv(2, &[1]),
        tlv(0x31, &algorithm(SHA256_DIGEST)),
        content.to_vec(),
        certificates,
        tlv(0x31, &signers.concat()),
    ]);
    sequence(&[oid(SIGNED_DATA), tlv(0xa0, &signed_data)])
}

/// A message as streaming signers write it: indefinite lengths, the content in pieces.
pub(super) fn streamed(pieces: &[&[u8]], signers: &[Vec<u8>]) -> Vec<u8> {
    let pieces: Vec<u8> = pieces.iter().flat_map(|piece| tlv(4, piece)).collect();
    let content = indefinite(0x30, &[oid(DATA), indefinite(0xa0, &indefinite(0x24, &pieces))].concat());
    let digests = tlv(0x31, &algorithm(SHA256_DIGEST));
    let signed_data = indefinite(0x30, &[tlv(2, &[1]), digests, content, tlv(0x31, &signers.concat())].concat());
    indefinite(0x30, &[oid(SIGNED_DATA), indefinite(0xa0, &signed_data)].concat())
}

/// A good message of one pinned signer, with attributes and without certificates.
pub(super) fn good(content: &[u8]) -> Vec<u8> {
    message(content, &[], &[Signer::with(&rsa(), attributes(content)).info()])
}
