//! Case 37: chains that cost too much, and changed ones.

use rcgen::{Issuer, PKCS_RSA_SHA256, PublicKeyData, SignatureAlgorithm};
use writ_oauth::x509::{Certificate, ChainFault, verify_chain};

use super::fixture::{FOR_CLIENTS, Made, NOW, anchors, ca_params, client_params, root, verdict};
use super::security_chain::fault;

#[test]
fn case_37_one_changed_octet_breaks_the_chain() {
    let root = root("Root");
    let leaf = root.issue(client_params("leaf")).certificate;
    let anchors = anchors(&[&root]);
    for at in 0..leaf.der().len() {
        let mut changed = leaf.der().to_vec();
        changed[at] ^= 1;
        let holds = Certificate::from_der(&changed)
            .is_ok_and(|changed| verify_chain(&changed, &[], &anchors, &FOR_CLIENTS, NOW).is_ok());
        assert!(!holds, "{at}");
    }
}

#[test]
fn case_37_more_certificates_than_a_chain_has_are_not_looked_at() {
    let root = root("Root");
    let leaf = root.issue(client_params("leaf"));
    let spare = root.issue(ca_params("Spare"));
    verdict(&leaf, &[&spare; 8], &[&root]).unwrap();
    assert_eq!(fault(&leaf, &[&spare; 9], &[&root]), ChainFault::TooMany);
    assert_eq!(fault(&leaf, &[&spare; 50], &[&root]), ChainFault::TooMany);
}

/// Eight authorities of one name that could all have signed one another.
#[test]
fn case_37_the_search_for_a_path_is_given_up() {
    let anchor = root("Same");
    let authorities: Vec<Made> = (0..8).map(|_| root("Same")).collect();
    let leaf = authorities[0].issue(client_params("leaf"));
    let presented: Vec<&Made> = authorities.iter().collect();
    assert_eq!(fault(&leaf, &presented, &[&anchor]), ChainFault::TooMany);
}

/// An RSA key of any size: numbers that look like one are enough for a certificate.
struct RsaNumbers(Vec<u8>);

impl RsaNumbers {
    fn of_octets(len: u16) -> Self {
        let [high, low] = (len + 1).to_be_bytes();
        let [outer_high, outer_low] = (len + 10).to_be_bytes();
        let mut der = vec![0x30, 0x82, outer_high, outer_low, 0x02, 0x82, high, low, 0];
        der.extend(vec![0xff; usize::from(len)]);
        der.extend([0x02, 0x03, 1, 0, 1]);
        Self(der)
    }
}

impl PublicKeyData for RsaNumbers {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

#[test]
fn case_37_a_key_of_a_size_that_is_not_accepted_is_refused() {
    let root = root("Root");
    let issuer = Issuer::from_params(&root.params, &root.key);
    for (octets, accepted) in [(255, false), (256, true), (1024, true), (2048, false)] {
        let made = client_params("leaf").signed_by(&RsaNumbers::of_octets(octets), &issuer).unwrap();
        let leaf = Certificate::from_der(made.der()).unwrap();
        let outcome = verify_chain(&leaf, &[], &anchors(&[&root]), &FOR_CLIENTS, NOW).map(|_| ());
        let expected = if accepted { Ok(()) } else { Err(ChainFault::KeyUnsupported) };
        assert_eq!(outcome, expected, "{octets} octets");
    }
}
