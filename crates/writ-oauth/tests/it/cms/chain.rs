//! Signers whose certificates come with the message.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};
use writ_oauth::cms::{CmsFault, SignedContent, Trust, verify};
use writ_oauth::x509::{Anchors, Certificate, ChainFault, ChainPolicy, MAX_INTERMEDIATES, Purpose};

use super::build::{SHA256_WITH_RSA, Signer, algorithm, attributes, message};
use super::fixture::{CONTENT, NOW, intermediate, leaf, root, rsa};

const POLICY: ChainPolicy = ChainPolicy { purpose: Purpose::ANY, crl_required: false };

fn chained(document: &[u8], anchor: &Certificate, intermediates: &[Certificate]) -> Result<SignedContent, CmsFault> {
    let anchors = Anchors::new(std::slice::from_ref(anchor), &[]).unwrap();
    verify(document, &Trust::Chain { anchors: &anchors, intermediates, policy: POLICY }, NOW)
}

fn signed_by_leaf(certificates: &[Certificate]) -> Vec<u8> {
    let certificates: Vec<_> = certificates.iter().map(|certificate| certificate.der().to_vec()).collect();
    message(CONTENT, &certificates, &[Signer::with(&leaf(), attributes(CONTENT)).info()])
}

/// An authority that has nothing to do with anything here.
fn stranger(number: usize) -> Certificate {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, format!("stranger {number}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    Certificate::from_der(made.der()).unwrap()
}

#[test]
fn a_chain_in_the_message_leads_to_the_anchor() {
    let openssl = include_bytes!("fixtures/chain.der");
    for document in
        [&openssl[..], &signed_by_leaf(&[leaf(), intermediate()]), &signed_by_leaf(&[intermediate(), leaf()])]
    {
        let signed = chained(document, &root(), &[]).unwrap();
        assert_eq!(signed.content(), CONTENT);
        assert_eq!(signed.signers(), [leaf()]);
        assert_eq!(signed.facts()["certificates"][0]["subject"]["CN"], "leaf.example");
    }
}

/// The shape of one cloud: a signature algorithm in the place of the digest algorithm, the signer
/// in the message, its authority not.
#[test]
fn authorities_that_are_not_in_the_message_can_be_configured() {
    let digest_algorithm = algorithm(SHA256_WITH_RSA);
    let signer = Signer { digest_algorithm, ..Signer::with(&leaf(), attributes(CONTENT)) };
    let document = message(CONTENT, &[leaf().der().to_vec()], &[signer.info()]);
    assert_eq!(chained(&document, &root(), &[]).unwrap_err(), CmsFault::Chain(ChainFault::Untrusted));
    chained(&document, &root(), &[intermediate()]).unwrap();
    // More than a chain may hold, of which one is needed.
    let mut many: Vec<_> = (0..3 * MAX_INTERMEDIATES).map(stranger).collect();
    many.extend([intermediate(), intermediate()]);
    chained(&document, &root(), &many).unwrap();
    // The signer itself, too.
    chained(&signed_by_leaf(&[]), &root(), &[intermediate(), leaf()]).unwrap();
}

#[test]
fn case_32_a_good_chain_does_not_excuse_a_broken_signature() {
    let good = signed_by_leaf(&[leaf(), intermediate()]);
    let position = |bytes: &[u8]| good.windows(bytes.len()).position(|window| window == bytes).unwrap();
    let signature = good.len() - 256;
    let content = position(CONTENT);
    for (range, expected) in
        [(content..content + CONTENT.len(), CmsFault::MessageDigest), (signature..good.len(), CmsFault::Signature)]
    {
        for at in range {
            let mut changed = good.clone();
            changed[at] ^= 0x40;
            assert_eq!(chained(&changed, &root(), &[]).unwrap_err(), expected, "byte {at}");
        }
    }
    // Another's signature under the good certificate's name.
    let forged = Signer {
        signature: Signer::with(&rsa(), attributes(CONTENT)).signature,
        ..Signer::with(&leaf(), attributes(CONTENT))
    };
    let document = message(CONTENT, &[leaf().der().to_vec(), intermediate().der().to_vec()], &[forged.info()]);
    assert_eq!(chained(&document, &root(), &[]).unwrap_err(), CmsFault::Signature);
}

#[test]
fn a_good_signature_does_not_excuse_a_broken_chain() {
    // Self-signed, with another anchor.
    let document = message(CONTENT, &[rsa().der().to_vec()], &[Signer::with(&rsa(), attributes(CONTENT)).info()]);
    assert!(matches!(chained(&document, &root(), &[]).unwrap_err(), CmsFault::Chain(_)));
    let document = signed_by_leaf(&[leaf(), intermediate(), root()]);
    chained(&document, &root(), &[]).unwrap();
    let other = Anchors::new(&[intermediate()], &[]).unwrap();
    let trust = Trust::Chain { anchors: &other, intermediates: &[], policy: POLICY };
    verify(&document, &trust, NOW).unwrap();
    let (_, not_after) = leaf().validity();
    let expired = verify(&document, &trust, not_after + 1);
    assert_eq!(expired.unwrap_err(), CmsFault::Chain(ChainFault::Expired));
    let client_auth = ChainPolicy { purpose: Purpose::CLIENT_AUTH, ..POLICY };
    let trust = Trust::Chain { anchors: &other, intermediates: &[], policy: client_auth };
    assert_eq!(verify(&document, &trust, NOW).unwrap_err(), CmsFault::Chain(ChainFault::Purpose));
}

#[test]
fn case_34_without_the_signers_certificate_there_is_no_chain() {
    assert_eq!(chained(&signed_by_leaf(&[]), &root(), &[]).unwrap_err(), CmsFault::UnknownSigner);
    assert_eq!(chained(&signed_by_leaf(&[intermediate()]), &root(), &[]).unwrap_err(), CmsFault::UnknownSigner);
    // A pinned signer is one who may sign, chain or none; an anchor is not.
    let trust = Trust::Pinned { signers: &[root()], allow_sha1: false };
    assert_eq!(verify(&signed_by_leaf(&[leaf(), intermediate()]), &trust, NOW).unwrap_err(), CmsFault::UnknownSigner);
}

#[test]
fn case_35_every_signer_has_a_chain() {
    let good = Signer::with(&leaf(), attributes(CONTENT)).info();
    let bad = Signer::with(&rsa(), attributes(CONTENT)).info();
    let certificates = [leaf(), intermediate(), rsa()].map(|certificate| certificate.der().to_vec());
    for infos in [[good.clone(), bad.clone()], [bad, good]] {
        let document = message(CONTENT, &certificates, &infos);
        assert!(matches!(chained(&document, &root(), &[]).unwrap_err(), CmsFault::Chain(_)));
    }
}

#[test]
fn sha1_is_never_allowed_under_a_chain() {
    let document = include_bytes!("fixtures/rsa-sha1.der");
    assert_eq!(chained(document, &root(), &[rsa()]).unwrap_err(), CmsFault::Sha1NotAllowed);
}
