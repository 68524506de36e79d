//! What OpenSSL writes, in every form that it offers.

use writ_oauth::cms::{CmsFault, Trust, verify};
use writ_oauth::jose::KeyFault;
use writ_oauth::x509::Certificate;

use super::fixture::{CONTENT, NOW, fault, p256, p384, p521, pinned, rsa, rsa1024, second};

fn assert_signed(document: &[u8], signers: &[Certificate], has_time: bool) {
    let signed = pinned(document, signers).unwrap();
    assert_eq!(signed.content(), CONTENT);
    assert_eq!(signed.signers().len(), signers.len());
    assert!(signers.iter().all(|signer| signed.signers().contains(signer)));
    assert!(!signed.is_weak());
    assert_eq!(signed.signing_time().is_some(), has_time);
    assert!(signed.signing_time().is_none_or(|time| (1_795_000_000..NOW).contains(&time)));
}

#[test]
fn every_supported_algorithm_verifies() {
    for (document, signer) in [
        (&include_bytes!("fixtures/rsa-sha256.der")[..], rsa()),
        (include_bytes!("fixtures/rsa-sha384.der"), rsa()),
        (include_bytes!("fixtures/rsa-sha512.der"), rsa()),
        (include_bytes!("fixtures/pss.der"), rsa()),
        (include_bytes!("fixtures/p256.der"), p256()),
        (include_bytes!("fixtures/p384.der"), p384()),
        (include_bytes!("fixtures/p521.der"), p521()),
    ] {
        assert_signed(document, &[signer], true);
    }
}

#[test]
fn every_form_verifies() {
    assert_signed(include_bytes!("fixtures/rsa-noattr.der"), &[rsa()], false);
    assert_signed(include_bytes!("fixtures/rsa-keyid.der"), &[rsa()], true);
    assert_signed(include_bytes!("fixtures/rsa-stream.ber"), &[rsa()], true);
    assert_signed(include_bytes!("fixtures/rsa-smime.pem"), &[rsa()], true);
    assert_signed(include_bytes!("fixtures/two-signers.der"), &[rsa(), second()], true);
}

#[test]
fn the_certificates_of_the_message_can_be_shown() {
    let signed = pinned(include_bytes!("fixtures/two-signers.der"), &[rsa(), second()]).unwrap();
    assert_eq!(signed.unproven_certificates().len(), 2);
    let signed = pinned(include_bytes!("fixtures/rsa-noattr.der"), &[rsa()]).unwrap();
    assert!(signed.unproven_certificates().is_empty());
}

#[test]
fn what_is_not_supported_says_so() {
    for (document, expected) in [
        (&include_bytes!("fixtures/rsa-detached.der")[..], CmsFault::Detached),
        (include_bytes!("fixtures/rsa-md5.der"), CmsFault::DigestAlgorithm),
        (include_bytes!("fixtures/rsa-sha1.der"), CmsFault::Sha1NotAllowed),
        (include_bytes!("fixtures/pss-sha1.der"), CmsFault::SignatureAlgorithm),
        (include_bytes!("fixtures/pss-long-salt.der"), CmsFault::SignatureAlgorithm),
        (include_bytes!("fixtures/enveloped.der"), CmsFault::NotSignedData),
        (include_bytes!("fixtures/two-signers.der"), CmsFault::UnknownSigner),
        (include_bytes!("fixtures/p256.der"), CmsFault::UnknownSigner),
    ] {
        assert_eq!(fault(document), expected);
    }
    let small = pinned(include_bytes!("fixtures/rsa1024.der"), &[rsa1024()]);
    assert_eq!(small.unwrap_err(), CmsFault::SignerKey(KeyFault::RsaSize));
}

#[test]
fn sha1_is_for_pinned_signers_who_may_use_it_and_is_told() {
    let trust = Trust::Pinned { signers: &[rsa()], allow_sha1: true };
    let signed = verify(include_bytes!("fixtures/rsa-sha1.der"), &trust, NOW).unwrap();
    assert!(signed.is_weak());
    let signed = verify(include_bytes!("fixtures/rsa-sha256.der"), &trust, NOW).unwrap();
    assert!(!signed.is_weak(), "allowed and not used");
    // RSASSA-PSS with SHA-1 is nobody's habit, and is not made possible.
    let signed = verify(include_bytes!("fixtures/pss-sha1.der"), &trust, NOW);
    assert_eq!(signed.unwrap_err(), CmsFault::SignatureAlgorithm);
}
