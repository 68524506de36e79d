//! Case 39: what authorities take back.

use rcgen::{CertificateParams, CertificateRevocationListParams, Issuer, KeyIdMethod, RevokedCertParams};
use rcgen::{SerialNumber, date_time_ymd};
use writ_oauth::x509::{AnchorFault, Anchors, ChainFault, ChainPolicy, MAX_CRL_BYTES, verify_chain};

use super::fixture::{FOR_CLIENTS, Made, NOW, ca_params, certificates, client_params, root};

const REQUIRED: ChainPolicy = ChainPolicy { crl_required: true, ..FOR_CLIENTS };

/// A list made in `month` of 2026, due again in `due` (a month of 2027, where `NOW` is in January).
fn crl(authority: &Made, revoked: &[&Made], month: u8, due: u8) -> Vec<u8> {
    let revoked = revoked.iter().map(|made| RevokedCertParams {
        serial_number: SerialNumber::from_slice(made.certificate.serial()),
        revocation_time: date_time_ymd(2026, 2, 1),
        reason_code: None,
        invalidity_date: None,
    });
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, month, 1),
        next_update: date_time_ymd(2027, due, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: revoked.collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(&Issuer::from_params(&authority.params, &authority.key)).unwrap().der().to_vec()
}

fn client(name: &str, serial: u64) -> CertificateParams {
    let mut params = client_params(name);
    params.serial_number = Some(SerialNumber::from(serial));
    params
}

fn outcome(
    leaf: &Made,
    intermediates: &[&Made],
    anchor: &Made,
    crls: &[&[u8]],
    policy: &ChainPolicy,
) -> Result<(), ChainFault> {
    let anchors = Anchors::new(&certificates(&[anchor]), crls).unwrap();
    verify_chain(&leaf.certificate, &certificates(intermediates), &anchors, policy, NOW).map(|_| ())
}

#[test]
fn case_39_a_revoked_certificate_is_refused_and_its_neighbour_is_not() {
    let root = root("Root");
    let (revoked, neighbour) = (root.issue(client("a", 0xff01)), root.issue(client("b", 0xff02)));
    let crl = crl(&root, &[&revoked], 12, 2);
    for policy in [FOR_CLIENTS, REQUIRED] {
        assert_eq!(outcome(&revoked, &[], &root, &[&crl], &policy), Err(ChainFault::Revoked));
        assert_eq!(outcome(&neighbour, &[], &root, &[&crl], &policy), Ok(()));
    }
}

#[test]
fn case_39_a_revoked_intermediate_takes_its_clients_along() {
    let root = root("Root");
    let issuing = root.issue(ca_params("Issuing"));
    let leaf = issuing.issue(client("a", 1));
    let of_root = crl(&root, &[&issuing], 12, 2);
    let of_issuing = crl(&issuing, &[], 12, 2);
    for policy in [FOR_CLIENTS, REQUIRED] {
        let refused = outcome(&leaf, &[&issuing], &root, &[&of_root, &of_issuing], &policy);
        assert_eq!(refused, Err(ChainFault::Revoked));
    }
    let of_root = crl(&root, &[], 12, 2);
    assert_eq!(outcome(&leaf, &[&issuing], &root, &[&of_root, &of_issuing], &REQUIRED), Ok(()));
    // Every certificate of the chain needs a list.
    assert_eq!(outcome(&leaf, &[&issuing], &root, &[&of_root], &REQUIRED), Err(ChainFault::RevocationUnknown));
    assert_eq!(outcome(&leaf, &[&issuing], &root, &[&of_issuing], &REQUIRED), Err(ChainFault::RevocationUnknown));
}

#[test]
fn case_39_without_a_list_the_declared_policy_decides() {
    let root = root("Root");
    let other = super::fixture::root("Other");
    let leaf = root.issue(client("a", 1));
    // Another authority's list says nothing, even about the same number.
    let of_other = crl(&other, &[&leaf], 12, 2);
    for crls in [&[][..], &[of_other.as_slice()]] {
        assert_eq!(outcome(&leaf, &[], &root, crls, &FOR_CLIENTS), Ok(()));
        assert_eq!(outcome(&leaf, &[], &root, crls, &REQUIRED), Err(ChainFault::RevocationUnknown));
    }
}

#[test]
fn case_39_an_expired_list_still_revokes_and_no_longer_clears() {
    let root = root("Root");
    let (revoked, neighbour) = (root.issue(client("a", 1)), root.issue(client("b", 2)));
    let due = crl(&root, &[&revoked], 11, 1);
    assert_eq!(outcome(&revoked, &[], &root, &[&due], &FOR_CLIENTS), Err(ChainFault::Revoked));
    assert_eq!(outcome(&neighbour, &[], &root, &[&due], &FOR_CLIENTS), Ok(()));
    assert!(outcome(&revoked, &[], &root, &[&due], &REQUIRED).is_err());
    assert_eq!(outcome(&neighbour, &[], &root, &[&due], &REQUIRED), Err(ChainFault::RevocationUnknown));
}

#[test]
fn case_39_a_list_under_a_foreign_key_decides_nothing() {
    let (real, false_one) = (root("Root"), root("Root"));
    let leaf = real.issue(client("a", 1));
    let forged = crl(&false_one, &[], 12, 2);
    for policy in [FOR_CLIENTS, REQUIRED] {
        assert_eq!(outcome(&leaf, &[], &real, &[&forged], &policy), Err(ChainFault::RevocationUnknown));
    }
}

#[test]
fn case_39_of_several_lists_the_newest_counts_in_any_order() {
    let root = root("Root");
    let (leaf, other) = (root.issue(client("a", 1)), root.issue(client("b", 2)));
    let (old, new) = (crl(&root, &[&other], 6, 2), crl(&root, &[&leaf], 12, 2));
    for crls in [[old.as_slice(), new.as_slice()], [new.as_slice(), old.as_slice()]] {
        assert_eq!(outcome(&leaf, &[], &root, &crls, &REQUIRED), Err(ChainFault::Revoked));
        assert_eq!(outcome(&other, &[], &root, &crls, &REQUIRED), Ok(()));
    }
}

#[test]
fn case_39_lists_are_read_in_pem_and_refused_when_they_are_not_whole() {
    let root = root("Root");
    let leaf = root.issue(client("a", 1));
    let der = crl(&root, &[&leaf], 12, 2);
    let pem = format!(
        "\n-----BEGIN X509 CRL-----\n{}\n-----END X509 CRL-----\n",
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &der)
    );
    assert_eq!(outcome(&leaf, &[], &root, &[pem.as_bytes()], &FOR_CLIENTS), Err(ChainFault::Revoked));
    let twice = pem.repeat(2);
    assert_eq!(outcome(&leaf, &[], &root, &[twice.as_bytes()], &FOR_CLIENTS), Err(ChainFault::Revoked));
    let fault = |crls: &[&[u8]]| Anchors::new(&certificates(&[&root]), crls).map(|_| ()).unwrap_err();
    for len in 0..der.len() {
        assert_eq!(fault(&[&der[..len]]), AnchorFault::CrlMalformed, "{len}");
    }
    let certificate = super::fixture::pem(&root);
    assert_eq!(fault(&[certificate.as_bytes()]), AnchorFault::CrlMalformed);
    assert_eq!(fault(&[root.certificate.der()]), AnchorFault::CrlMalformed);
    assert_eq!(fault(&[&vec![0; MAX_CRL_BYTES + 1]]), AnchorFault::CrlTooLarge);
    assert_eq!(fault(&[der.as_slice(); 33]), AnchorFault::TooManyCrls);
}
