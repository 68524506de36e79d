//! CMS messages, in DER, BER or text. An input that begins with a brace is content instead, which is signed here so that
//! what is behind the signature is reached.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use writ_oauth::cms::{MAX_CERTIFICATES, MAX_DOCUMENT_BYTES, MAX_SIGNERS, SignedContent, Trust, verify};
use writ_oauth::x509::Certificate;

use super::fixture::{ANCHORS, INTERMEDIATE, LEAF, NOW, P256, P384, P521, POLICY, RSA, SECOND};

/// All that the keys of the fixtures ever signed.
const CONTENT: &[u8] = include_bytes!("../../../crates/writ-oauth/tests/it/cms/fixtures/content.json");
const KEY: &str = include_str!("../../../crates/writ-oauth/tests/it/cms/fixtures/rsa.key");

static SIGNERS: LazyLock<[Certificate; 5]> =
    LazyLock::new(|| [&RSA, &SECOND, &P256, &P384, &P521].map(|certificate| (*certificate).clone()));

static SIGNING_KEY: LazyLock<KeyPair> = LazyLock::new(|| {
    let pkcs8 = PrivatePkcs8KeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    KeyPair::from_pkcs8(pkcs8.secret_pkcs8_der()).unwrap()
});

pub(super) fn check(input: &[u8]) {
    if input.starts_with(b"{") && input.len() <= 4096 {
        check_content(input);
    } else {
        check_document(input);
    }
}

fn check_document(document: &[u8]) {
    let lax = verify(document, &Trust::Pinned { signers: &*SIGNERS, allow_sha1: true }, NOW);
    let strict = verify(document, &Trust::Pinned { signers: &*SIGNERS, allow_sha1: false }, NOW);
    let intermediates = std::slice::from_ref(&*INTERMEDIATE);
    let chain = verify(document, &Trust::Chain { anchors: &ANCHORS, intermediates, policy: POLICY }, NOW);
    assert_eq!(strict.is_ok(), lax.as_ref().is_ok_and(|signed| !signed.is_weak()), "SHA-1 is all that may differ");
    if let Ok(signed) = &chain {
        assert!(!signed.is_weak());
        assert!(signed.signers().iter().all(|signer| *signer == *LEAF), "nobody vouches for this signer");
    }
    for signed in [&lax, &strict, &chain].into_iter().flatten() {
        assert_eq!(signed.content(), CONTENT, "nobody signed this");
        check_signed(signed);
        check_text(document, signed);
    }
}

fn check_signed(signed: &SignedContent) {
    assert!((1..=MAX_SIGNERS).contains(&signed.signers().len()));
    assert!(signed.unproven_certificates().len() <= MAX_CERTIFICATES);
    assert!(signed.signers().iter().all(|signer| SIGNERS.contains(signer) || *signer == *LEAF));
    let facts = signed.facts();
    let text = std::str::from_utf8(signed.content()).ok();
    assert_eq!(facts["payload"].get("data").and_then(|data| data.as_str()), text);
    assert_eq!(facts["certificates"].as_array().map(Vec::len), Some(signed.signers().len()));
}

/// The same message as text says the same.
fn check_text(document: &[u8], signed: &SignedContent) {
    let text = STANDARD.encode(document);
    if document.first() == Some(&0x30) && text.len() < MAX_DOCUMENT_BYTES {
        let again =
            verify(text.as_bytes(), &Trust::Pinned { signers: signed.signers(), allow_sha1: true }, NOW).unwrap();
        assert_eq!(again.content(), signed.content());
    }
}

fn check_content(content: &[u8]) {
    let signers = std::slice::from_ref(&*RSA);
    let verified = verify(&message(content), &Trust::Pinned { signers, allow_sha1: false }, NOW);
    let signed = verified.expect("what was signed verifies");
    assert_eq!(signed.content(), content);
    check_signed(&signed);
    let strict = serde_json::from_slice::<serde_json::Value>(content).is_ok();
    assert!(strict || signed.facts()["payload"].get("jsonData").is_none());
}

/// The least that a signed message can be: one signer, without attributes.
fn message(content: &[u8]) -> Vec<u8> {
    const SIGNED_DATA: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
    const DATA: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
    const SHA256: [u8; 15] = [0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0];
    const SHA256_WITH_RSA: [u8; 15] = [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11, 5, 0];
    let mut signature = vec![0; SIGNING_KEY.public_modulus_len()];
    SIGNING_KEY.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), content, &mut signature).unwrap();
    let version = tlv(2, &[&[1]]);
    let id = tlv(0x30, &[RSA.issuer_der(), &tlv(2, &[RSA.serial()])]);
    let signer = tlv(0x30, &[&version, &id, &SHA256, &SHA256_WITH_RSA, &tlv(4, &[&signature])]);
    let inner = tlv(0x30, &[&DATA, &tlv(0xa0, &[&tlv(4, &[content])])]);
    let body = tlv(0x30, &[&version, &tlv(0x31, &[&SHA256]), &inner, &tlv(0x31, &[&signer])]);
    tlv(0x30, &[&SIGNED_DATA, &tlv(0xa0, &[&body])])
}

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let length = u16::try_from(body.len()).unwrap().to_be_bytes();
    let length = match body.len() {
        0..0x80 => vec![length[1]],
        0x80..0x100 => vec![0x81, length[1]],
        _ => vec![0x82, length[0], length[1]],
    };
    [&[tag], &*length, &body].concat()
}
