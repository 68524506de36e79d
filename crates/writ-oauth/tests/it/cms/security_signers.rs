//! Who signed: cases of security that are about signers.

use writ_oauth::cms::{CmsFault, MAX_CERTIFICATES, MAX_SIGNERS, Trust, verify};
use writ_oauth::x509::Certificate;

use super::build::{Signer, algorithm, attributes, good, message, oid, sequence, streamed, tlv};
use super::fixture::{CONTENT, NOW, fault, leaf, pinned, rsa, second};

fn signer() -> Signer {
    Signer::with(&rsa(), attributes(CONTENT))
}

/// The shape of one cloud: BER, signed attributes, no certificate.
#[test]
fn case_34_a_message_without_certificates_is_checked_with_the_pinned_one() {
    let (begin, end) = CONTENT.split_at(10);
    let document = streamed(&[begin, end], &[signer().info()]);
    let signed = pinned(&document, &[second(), rsa()]).unwrap();
    assert_eq!(signed.content(), CONTENT);
    assert_eq!(signed.signers(), [rsa()]);
    assert_eq!(signed.signing_time(), Some(1_767_225_600));
    assert_eq!(pinned(&document, &[second()]).unwrap_err(), CmsFault::UnknownSigner);
    assert_eq!(pinned(&document, &[]).unwrap_err(), CmsFault::UnknownSigner);
}

#[test]
fn case_34_a_certificate_in_the_message_is_never_taken_for_the_pinned_one() {
    // Signed and accompanied by another certificate.
    let theirs = Signer::with(&leaf(), attributes(CONTENT));
    let document = message(CONTENT, &[leaf().der().to_vec()], &[theirs.info()]);
    assert_eq!(fault(&document), CmsFault::UnknownSigner);

    // The same, under the pinned certificate's name.
    let claiming = Signer { id: signer().id, ..theirs };
    let document = message(CONTENT, &[leaf().der().to_vec()], &[claiming.info()]);
    assert_eq!(fault(&document), CmsFault::Signature);
}

#[test]
fn case_35_every_signer_must_be_good() {
    let bad = Signer { signature: vec![1; 256], ..signer() };
    let unknown = Signer::with(&leaf(), attributes(CONTENT));
    let wrong_digest = Signer::with(&rsa(), attributes(b"other"));
    for (bad, expected) in
        [(bad, CmsFault::Signature), (unknown, CmsFault::UnknownSigner), (wrong_digest, CmsFault::MessageDigest)]
    {
        for infos in [[signer().info(), bad.info()], [bad.info(), signer().info()]] {
            assert_eq!(fault(&message(CONTENT, &[], &infos)), expected);
        }
    }
    pinned(&message(CONTENT, &[], &[signer().info(), signer().info()]), &[rsa()]).unwrap();
}

#[test]
fn the_number_of_signers_and_certificates_is_bounded() {
    assert_eq!(fault(&message(CONTENT, &[], &[])), CmsFault::NoSigner);
    let signers = vec![signer().info(); MAX_SIGNERS];
    pinned(&message(CONTENT, &[], &signers), &[rsa()]).unwrap();
    let signers = vec![signer().info(); MAX_SIGNERS + 1];
    assert_eq!(fault(&message(CONTENT, &[], &signers)), CmsFault::TooManySigners);

    let certificates = vec![rsa().der().to_vec(); MAX_CERTIFICATES];
    pinned(&message(CONTENT, &certificates, &[signer().info()]), &[rsa()]).unwrap();
    let certificates = vec![rsa().der().to_vec(); MAX_CERTIFICATES + 1];
    assert_eq!(fault(&message(CONTENT, &certificates, &[signer().info()])), CmsFault::TooManyCertificates);
    let broken = message(CONTENT, &[sequence(&[])], &[signer().info()]);
    assert!(matches!(fault(&broken), CmsFault::Certificate(_)));
}

#[test]
fn a_pinned_signer_is_valid_only_within_its_dates() {
    let signers = [rsa()];
    let (not_before, not_after) = rsa().validity();
    let at = |now| verify(&good(CONTENT), &Trust::Pinned { signers: &signers, allow_sha1: false }, now).map(|_| ());
    assert_eq!(at(not_before - 1), Err(CmsFault::SignerNotYetValid));
    assert_eq!(at(not_before), Ok(()));
    assert_eq!(at(not_after), Ok(()));
    assert_eq!(at(not_after + 1), Err(CmsFault::SignerExpired));
}

#[test]
fn a_signer_is_named_by_issuer_and_serial_or_by_key_id() {
    let key_id = |certificate: &Certificate| tlv(0x80, certificate.subject_key_id().unwrap());
    let by_key_id = Signer { version: 3, id: key_id(&rsa()), ..signer() };
    pinned(&message(CONTENT, &[], &[by_key_id.info()]), &[second(), rsa()]).unwrap();
    let other = Signer { version: 3, id: key_id(&second()), ..signer() };
    assert_eq!(pinned(&message(CONTENT, &[], &[other.info()]), &[rsa()]).unwrap_err(), CmsFault::UnknownSigner);
    assert_eq!(
        pinned(&message(CONTENT, &[], &[other.info()]), &[rsa(), second()]).unwrap_err(),
        CmsFault::Signature,
        "the other's key is asked, not every pinned one"
    );

    let serial = Signer { id: sequence(&[rsa().issuer_der().to_vec(), tlv(2, second().serial())]), ..signer() };
    assert_eq!(fault(&message(CONTENT, &[], &[serial.info()])), CmsFault::UnknownSigner);
    let issuer = Signer { id: sequence(&[second().issuer_der().to_vec(), tlv(2, rsa().serial())]), ..signer() };
    assert_eq!(fault(&message(CONTENT, &[], &[issuer.info()])), CmsFault::UnknownSigner);
    for (version, id) in [(3, signer().id), (1, key_id(&rsa())), (0, signer().id), (3, tlv(0x81, &[1])), (1, vec![])] {
        let odd = Signer { id, version, ..signer() };
        assert_eq!(fault(&message(CONTENT, &[], &[odd.info()])), CmsFault::Structure);
    }
}

#[test]
fn the_algorithms_fit_each_other_and_the_key() {
    let with = |digest: &str, signature: Vec<u8>| {
        let signer = Signer { digest_algorithm: algorithm(digest), signature_algorithm: signature, ..signer() };
        pinned(&message(CONTENT, &[], &[signer.info()]), &[rsa()]).map(|_| ())
    };
    let (sha256, sha512) = ("2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.3");
    // `rsaEncryption` leaves the digest to the other field.
    assert_eq!(with(sha256, algorithm("1.2.840.113549.1.1.1")), Ok(()));
    assert_eq!(with(sha256, sequence(&[oid("1.2.840.113549.1.1.11")])), Ok(()));
    // A signature algorithm where the digest's belongs, as one cloud writes.
    assert_eq!(with("1.2.840.113549.1.1.11", algorithm("1.2.840.113549.1.1.11")), Ok(()));

    assert_eq!(with("1.2.840.113549.1.1.13", algorithm("1.2.840.113549.1.1.13")), Err(CmsFault::DigestAlgorithm));
    assert_eq!(with("1.2.840.113549.2.5", algorithm("1.2.840.113549.1.1.4")), Err(CmsFault::DigestAlgorithm));
    for unknown in ["1.2.840.10040.4.3", "1.2.840.113549.1.1.4", "1.3.101.112", sha256] {
        assert_eq!(with(sha256, algorithm(unknown)), Err(CmsFault::SignatureAlgorithm), "{unknown}");
    }
    assert_eq!(with(sha256, algorithm("1.2.840.113549.1.1.13")), Err(CmsFault::AlgorithmMismatch));
    assert_eq!(with(sha256, algorithm("1.2.840.113549.1.1.5")), Err(CmsFault::AlgorithmMismatch));
    assert_eq!(with(sha512, algorithm("1.2.840.113549.1.1.11")), Err(CmsFault::AlgorithmMismatch));
    assert_eq!(with(sha256, algorithm("1.2.840.10045.4.3.2")), Err(CmsFault::KeyMismatch));
    let parameters = sequence(&[oid("1.2.840.113549.1.1.11"), sequence(&[])]);
    assert_eq!(with(sha256, parameters), Err(CmsFault::SignatureAlgorithm));
}

#[test]
fn a_digest_algorithm_has_no_parameters() {
    for digest in ["2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11"] {
        for (parameters, expected) in [
            (vec![], Ok(())),
            (vec![5, 0], Ok(())),
            (sequence(&[]), Err(CmsFault::DigestAlgorithm)),
            (tlv(4, &[1]), Err(CmsFault::DigestAlgorithm)),
        ] {
            let signer = Signer { digest_algorithm: sequence(&[oid(digest), parameters]), ..signer() };
            let outcome = pinned(&message(CONTENT, &[], &[signer.info()]), &[rsa()]).map(|_| ());
            assert_eq!(outcome, expected);
        }
    }
}

/// RSASSA-PSS with these parameters: hash, mask function and its hash, salt length, trailer.
fn pss(hash: &str, mask: [&str; 2], salt: u8, trailer: u8) -> Vec<u8> {
    let [mask, mask_hash] = mask;
    let parameters = sequence(&[
        tlv(0xa0, &algorithm(hash)),
        tlv(0xa1, &sequence(&[oid(mask), algorithm(mask_hash)])),
        tlv(0xa2, &tlv(2, &[salt])),
        tlv(0xa3, &tlv(2, &[trailer])),
    ]);
    sequence(&[oid("1.2.840.113549.1.1.10"), parameters])
}

#[test]
fn the_parameters_of_pss_are_the_usual_ones() {
    let (sha1, sha256, sha512) = ("1.3.14.3.2.26", "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.3");
    let mgf1 = "1.2.840.113549.1.1.8";
    let with = |digest: &str, signature_algorithm: Vec<u8>| {
        let signer = Signer { digest_algorithm: algorithm(digest), signature_algorithm, ..signer() };
        let document = message(CONTENT, &[], &[signer.info()]);
        verify(&document, &Trust::Pinned { signers: &[rsa()], allow_sha1: true }, NOW).unwrap_err()
    };
    // Understood: it is only not what the signature was made with.
    assert_eq!(with(sha256, pss(sha256, [mgf1, sha256], 32, 1)), CmsFault::Signature);
    assert_eq!(with(sha512, pss(sha256, [mgf1, sha256], 32, 1)), CmsFault::AlgorithmMismatch);
    for (digest, unusual) in [
        (sha1, pss(sha1, [mgf1, sha1], 20, 1)),
        (sha256, pss(sha256, [mgf1, sha512], 32, 1)),
        (sha256, pss(sha256, [mgf1, sha1], 32, 1)),
        (sha256, pss(sha256, ["1.2.3", sha256], 32, 1)),
        (sha256, pss(sha256, [mgf1, sha256], 20, 1)),
        (sha256, pss(sha256, [mgf1, sha256], 32, 2)),
        (sha256, sequence(&[oid("1.2.840.113549.1.1.10")])),
        (sha256, algorithm("1.2.840.113549.1.1.10")),
    ] {
        assert_eq!(with(digest, unusual), CmsFault::SignatureAlgorithm);
    }
}
