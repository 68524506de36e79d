//! Documents that clouds really gave out, from the folder that lies beside every checkout.

use std::fs;
use std::path::Path;

use writ_oauth::cms::{CmsFault, Trust, verify};

use super::fixture::{NOW, certificate};

/// Without the folder this fails: a run that left it out would pass for one that read the documents.
fn vector(name: &str) -> String {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    assert!(vectors.is_dir(), "the folder `shared` beside the checkout is missing: {}", vectors.display());
    fs::read_to_string(vectors.join(name)).unwrap()
}

#[test]
fn the_document_of_one_cloud_verifies_and_is_weak() {
    let signers = [certificate(&vector("aliyun_ecs_signer.crt.pem"))];
    let document = vector("aliyun_ecs_audience_abc.b64");
    let signed = verify(document.as_bytes(), &Trust::Pinned { signers: &signers, allow_sha1: true }, NOW).unwrap();
    assert!(signed.is_weak());
    assert_eq!(signed.signing_time(), None);
    assert_eq!(signed.signers(), signers);
    let facts = signed.facts();
    assert_eq!(facts["payload"]["jsonData"]["instance-id"], "i-8vb9b97xf7msxi4k6tgx");
    assert_eq!(facts["payload"]["jsonData"]["audience"], "abc");

    let refused = verify(document.as_bytes(), &Trust::Pinned { signers: &signers, allow_sha1: false }, NOW);
    assert_eq!(refused.unwrap_err(), CmsFault::Sha1NotAllowed);
}

#[test]
fn case_32_no_flipped_byte_of_the_document_of_one_cloud_changes_what_was_signed() {
    use base64::Engine as _;

    let signers = [certificate(&vector("aliyun_ecs_signer.crt.pem"))];
    let trust = Trust::Pinned { signers: &signers, allow_sha1: true };
    let text = vector("aliyun_ecs_audience_abc.b64");
    let document = base64::engine::general_purpose::STANDARD.decode(text.trim()).unwrap();
    let content = verify(&document, &trust, NOW).unwrap().content().to_vec();
    let begin = document.windows(content.len()).position(|window| window == content).unwrap();
    let signature = document.len() - 256;
    for at in 0..document.len() {
        let mut changed = document.clone();
        changed[at] ^= 0x01;
        let is_signed = (begin..begin + content.len()).contains(&at);
        match verify(&changed, &trust, NOW) {
            Ok(signed) => {
                assert!(!is_signed && at < signature, "byte {at}");
                assert_eq!(signed.content(), content, "byte {at}");
            }
            Err(fault) if is_signed || at >= signature => assert_eq!(fault, CmsFault::Signature, "byte {at}"),
            Err(_) => {}
        }
    }
}

#[test]
fn the_document_with_dsa_is_read_and_refused_for_dsa() {
    let document = vector("aws_ec2_dsa.pkcs7.pem");
    let signers = [certificate(&vector("aws_ec2_dsa.crt.pem"))];
    for signers in [&signers[..], &[]] {
        let refused = verify(document.as_bytes(), &Trust::Pinned { signers, allow_sha1: true }, NOW);
        assert_eq!(refused.unwrap_err(), CmsFault::SignatureAlgorithm);
    }
}
