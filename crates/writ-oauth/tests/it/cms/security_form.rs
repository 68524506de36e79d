//! The form of a message: what is not read, and that nothing takes long.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use writ_oauth::cms::{CmsFault, MAX_DOCUMENT_BYTES};

use super::build::{DATA, Signer, attributes, good, indefinite, message, oid, sequence, streamed, tlv, wrapped};
use super::fixture::{CONTENT, fault, pinned, rsa};

fn infos() -> Vec<Vec<u8>> {
    vec![Signer::with(&rsa(), attributes(CONTENT)).info()]
}

#[test]
fn case_33_a_detached_signature_is_refused() {
    let document = wrapped(&sequence(&[oid(DATA)]), &[], &infos());
    assert_eq!(fault(&document), CmsFault::Detached);
}

#[test]
fn only_data_is_content() {
    let time_stamp = sequence(&[oid("1.2.840.113549.1.9.16.1.4"), tlv(0xa0, &tlv(4, CONTENT))]);
    assert_eq!(fault(&wrapped(&time_stamp, &[], &infos())), CmsFault::ContentType);
    // PKCS #7 1.5 allowed any type in place of the octet string.
    let bare = sequence(&[oid(DATA), tlv(0xa0, &tlv(0x0c, CONTENT))]);
    assert_eq!(fault(&wrapped(&bare, &[], &infos())), CmsFault::Structure);
    let two = sequence(&[oid(DATA), tlv(0xa0, &[tlv(4, CONTENT), tlv(4, b"more")].concat())]);
    assert_eq!(fault(&wrapped(&two, &[], &infos())), CmsFault::Structure);
}

#[test]
fn empty_content_is_content() {
    let document = message(b"", &[], &[Signer::with(&rsa(), attributes(b"")).info()]);
    assert_eq!(pinned(&document, &[rsa()]).unwrap().content(), b"");
}

#[test]
fn text_and_armour_are_read_like_the_bytes() {
    let text = STANDARD.encode(good(CONTENT));
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let lines = lines.join("\r\n");
    for document in [text, lines.clone(), format!("-----BEGIN CMS-----\n{lines}\n-----END CMS-----\n")] {
        assert_eq!(pinned(document.as_bytes(), &[rsa()]).unwrap().content(), CONTENT);
    }
}

#[test]
fn nothing_may_follow_and_nothing_may_be_missing() {
    for document in [good(CONTENT), streamed(&[CONTENT], &infos())] {
        pinned(&document, &[rsa()]).unwrap();
        assert_eq!(fault(&[&document[..], &[0]].concat()), CmsFault::TrailingBytes);
        for length in 0..document.len() {
            let fault = fault(&document[..length]);
            assert!(matches!(fault, CmsFault::Ber | CmsFault::Structure | CmsFault::Base64), "{length}: {fault:?}");
        }
    }
}

/// Other attributes, which nobody signed, are passed over.
#[test]
fn unsigned_attributes_and_revocation_lists_do_not_matter() {
    let info = infos().remove(0);
    let inner = &info[4..];
    let with_unsigned = tlv(0x30, &[inner, &tlv(0xa1, &sequence(&[]))].concat());
    pinned(&message(CONTENT, &[], &[with_unsigned]), &[rsa()]).unwrap();
    let content = [sequence(&[oid(DATA), tlv(0xa0, &tlv(4, CONTENT))]), tlv(0xa1, &sequence(&[]))].concat();
    pinned(&wrapped(&content, &[], &infos()), &[rsa()]).unwrap();
}

#[test]
fn bombs_are_refused_at_once() {
    let deep = |unit: &[u8]| [&[0x30, 0x80], &*unit.repeat(MAX_DOCUMENT_BYTES / unit.len() - 2)].concat();
    let mut nested = vec![];
    while nested.len() < 60_000 {
        nested = tlv(0x30, &nested);
    }
    let begin = Instant::now();
    for bomb in [deep(&[0x30, 0x80]), deep(&[0x24, 0x80]), deep(&[0x30, 0x83, 0, 0xff, 0xf0]), nested] {
        let fault = fault(&bomb);
        assert!(matches!(fault, CmsFault::TooDeep | CmsFault::Ber), "{fault:?}");
    }
    // Wide: as many elements as fit, in places where a message has lists.
    let empty = sequence(&[]).repeat(20_000);
    let attributes = Signer { attributes: Some(vec![empty.clone()]), ..Signer::of(&rsa(), b"") };
    assert_eq!(fault(&message(CONTENT, &[], &[attributes.info()])), CmsFault::AttributeForm);
    assert_eq!(fault(&message(CONTENT, std::slice::from_ref(&empty), &infos())), CmsFault::TooManyCertificates);
    assert_eq!(fault(&message(CONTENT, &[], &[empty])), CmsFault::Structure);
    let pieces = vec![&b"x"[..]; 15_000];
    assert_eq!(fault(&streamed(&pieces, &infos())), CmsFault::MessageDigest);
    assert_eq!(fault(&indefinite(0x30, &vec![5; 10 << 20])), CmsFault::TooLarge);
    assert_eq!(fault(&vec![b'M'; 10 << 20]), CmsFault::TooLarge);
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
}
