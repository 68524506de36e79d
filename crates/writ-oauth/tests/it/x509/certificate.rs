//! Reading one certificate.

use writ_oauth::x509::{Certificate, CertificateFault, MAX_CERTIFICATE_BYTES};

use super::fixture::{NOW, ca_params, client_params, root, self_signed_with};

#[test]
fn a_certificate_tells_its_parts_as_they_stand_in_it() {
    let root = root("Root");
    let client = root.issue(client_params("client"));
    let certificate = &client.certificate;
    assert_eq!(certificate.serial(), [0, 0x9a, 0xbc]);
    assert_eq!(certificate.issuer_der(), root.certificate.subject_der());
    assert_ne!(certificate.subject_der(), certificate.issuer_der());
    assert!(certificate.subject_der().ends_with(b"client"));
    assert!(certificate.spki_der().ends_with(client.key.public_key_raw()));
    let (not_before, not_after) = certificate.validity();
    assert!(not_before < NOW && NOW < not_after);
    assert_eq!(not_before, 1_767_225_600);
    assert_eq!(certificate.subject_key_id(), None);
    let id = root.params.key_identifier(&root.key);
    assert_eq!(root.certificate.subject_key_id(), Some(id.as_slice()));
    assert_eq!(format!("{certificate:?}"), r#"Certificate { subject: "CN=client", serial: "009abc", .. }"#);
}

#[test]
fn digests_are_of_the_octets() {
    let root = root("Root");
    let again = Certificate::from_der(root.certificate.der()).unwrap();
    assert_eq!(again, root.certificate);
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, root.certificate.der());
    assert_eq!(root.certificate.sha256(), digest.as_ref());
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, root.certificate.spki_der());
    assert_eq!(root.certificate.spki_sha256(), digest.as_ref());
    let renewed = self_signed_with(ca_params("Root renewed"), root.key);
    assert_ne!(renewed.certificate.sha256(), root.certificate.sha256());
    assert_eq!(renewed.certificate.spki_sha256(), root.certificate.spki_sha256());
}

#[test]
fn nothing_but_one_whole_certificate_is_read() {
    let der = root("Root").certificate.der().to_vec();
    for len in 0..der.len() {
        assert_eq!(Certificate::from_der(&der[..len]), Err(CertificateFault::Malformed), "{len}");
    }
    let twice = [&der[..], &der[..]].concat();
    assert_eq!(Certificate::from_der(&twice), Err(CertificateFault::Malformed));
    let large = vec![0x30; MAX_CERTIFICATE_BYTES + 1];
    assert_eq!(Certificate::from_der(&large), Err(CertificateFault::TooLarge));
}
