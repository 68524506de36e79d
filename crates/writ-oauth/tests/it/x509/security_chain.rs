//! Case 37: certificates that are not vouched for.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair,
    KeyUsagePurpose, NameConstraints, SanType, date_time_ymd,
};
use writ_oauth::x509::{Certificate, ChainFault, verify_chain};

use super::fixture::{
    FOR_CLIENTS, Made, NOW, anchors, ca_params, client_params, root, self_signed, self_signed_with, verdict,
};

pub(super) fn fault(leaf: &Made, intermediates: &[&Made], anchored: &[&Made]) -> ChainFault {
    verdict(leaf, intermediates, anchored).unwrap_err()
}

/// The fault of a leaf that differs from a good one by `change`.
fn fault_of(change: impl FnOnce(&mut CertificateParams)) -> ChainFault {
    let root = root("Root");
    let mut params = client_params("leaf");
    verdict(&root.issue(params.clone()), &[], &[&root]).unwrap();
    change(&mut params);
    fault(&root.issue(params), &[], &[&root])
}

#[test]
fn case_37_a_leaf_of_another_authority_is_not_trusted() {
    let (ours, theirs) = (root("Ours"), root("Theirs"));
    let leaf = theirs.issue(client_params("leaf"));
    assert_eq!(fault(&leaf, &[], &[&ours]), ChainFault::Untrusted);
    // Bringing its root along makes it no more trusted.
    assert_eq!(fault(&leaf, &[&theirs], &[&ours]), ChainFault::Untrusted);
    // Nor does bringing ours.
    assert_eq!(fault(&leaf, &[&theirs, &ours], &[&ours]), ChainFault::Untrusted);
    let missing = ours.issue(ca_params("Issuing")).issue(client_params("leaf"));
    assert_eq!(fault(&missing, &[], &[&ours]), ChainFault::Untrusted);
}

#[test]
fn case_37_an_authority_of_the_same_name_with_another_key_is_not_trusted() {
    let (ours, same_name) = (root("Root"), root("Root"));
    let leaf = same_name.issue(client_params("leaf"));
    assert_eq!(fault(&leaf, &[&same_name], &[&ours]), ChainFault::Untrusted);
}

#[test]
fn case_37_a_sibling_below_the_same_root_is_not_trusted() {
    let root = root("Root");
    let (ours, sibling) = (root.issue(ca_params("Ours")), root.issue(ca_params("Sibling")));
    let leaf = sibling.issue(client_params("leaf"));
    verdict(&leaf, &[&sibling], &[&root]).unwrap();
    assert_eq!(fault(&leaf, &[&sibling, &root], &[&ours]), ChainFault::Untrusted);
    // Not even when the sibling was signed crosswise by somebody else.
    let other = self_signed(ca_params("Other"));
    let crossed = other.issue_with(ca_params("Sibling"), KeyPair::try_from(sibling.key.serialize_der()).unwrap());
    assert_eq!(fault(&leaf, &[&crossed, &sibling, &other, &root], &[&ours]), ChainFault::Untrusted);
}

#[test]
fn case_37_no_certificate_vouches_for_itself() {
    let root = root("Root");
    let own = self_signed(client_params("leaf"));
    assert_eq!(fault(&own, &[], &[&root]), ChainFault::SelfIssued);
    assert_eq!(fault(&own, &[&own], &[&root]), ChainFault::SelfIssued);
    // Under the name, and even with the key, of an anchor.
    assert_eq!(fault(&self_signed(client_params("Root")), &[], &[&root]), ChainFault::SelfIssued);
    let key = KeyPair::try_from(root.key.serialize_der()).unwrap();
    assert_eq!(fault(&self_signed_with(client_params("Root"), key), &[], &[&root]), ChainFault::SelfIssued);
}

#[test]
fn case_37_dates_count_for_leaf_intermediate_and_anchor() {
    let past = |params: &mut CertificateParams| params.not_after = date_time_ymd(2027, 1, 1);
    let future = |params: &mut CertificateParams| params.not_before = date_time_ymd(2027, 3, 1);
    assert_eq!(fault_of(past), ChainFault::Expired);
    assert_eq!(fault_of(future), ChainFault::NotYetValid);
    let changes: [(fn(&mut CertificateParams), _); 2] =
        [(past, ChainFault::Expired), (future, ChainFault::NotYetValid)];
    for (change, expected) in changes {
        let mut params = ca_params("Dated");
        change(&mut params);
        let root = root("Root");
        let dated = root.issue(params.clone());
        assert_eq!(fault(&dated.issue(client_params("leaf")), &[&dated], &[&root]), expected);
        let dated = self_signed(params);
        assert_eq!(fault(&dated.issue(client_params("leaf")), &[], &[&dated]), expected, "the anchor");
    }
    let root = root("Root");
    let leaf = root.issue(client_params("leaf")).certificate;
    let at = |now| verify_chain(&leaf, &[], &anchors(&[&root]), &FOR_CLIENTS, now).map(|_| ());
    let (first, last) = leaf.validity();
    assert_eq!((at(first - 1), at(first)), (Err(ChainFault::NotYetValid), Ok(())));
    assert_eq!((at(last), at(last + 1)), (Ok(()), Err(ChainFault::Expired)));
    assert_eq!((at(-1), at(i64::MIN)), (Err(ChainFault::NotYetValid), Err(ChainFault::NotYetValid)));
    assert_eq!(at(i64::MAX), Err(ChainFault::Expired));
}

#[test]
fn case_37_an_authority_is_no_client_and_a_client_no_authority() {
    assert_eq!(fault_of(|leaf| leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)), ChainFault::IsAnAuthority);
    let root = root("Root");
    assert_eq!(fault(&root, &[], &[&root]), ChainFault::IsAnAuthority);
    let client = root.issue(client_params("client"));
    let below = client.issue(client_params("below"));
    assert_eq!(fault(&below, &[&client], &[&root]), ChainFault::IssuerNotAnAuthority);
    let mut unable = ca_params("Unable");
    unable.key_usages = vec![KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    let unable = root.issue(unable);
    assert_eq!(fault(&unable.issue(client_params("leaf")), &[&unable], &[&root]), ChainFault::IssuerNotAnAuthority);
}

#[test]
fn case_37_key_usage_and_purpose_must_be_stated() {
    assert_eq!(fault_of(|leaf| leaf.key_usages = vec![KeyUsagePurpose::KeyEncipherment]), ChainFault::KeyUsage);
    for purposes in [vec![], vec![ExtendedKeyUsagePurpose::ServerAuth], vec![ExtendedKeyUsagePurpose::Any]] {
        assert_eq!(fault_of(|leaf| leaf.extended_key_usages = purposes), ChainFault::Purpose);
    }
    let root = root("Root");
    let mut params = client_params("no key usage");
    params.key_usages.clear();
    verdict(&root.issue(params), &[], &[&root]).unwrap();
    let mut params = ca_params("Servers only");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let servers = root.issue(params.clone());
    assert_eq!(fault(&servers.issue(client_params("leaf")), &[&servers], &[&root]), ChainFault::Purpose);
    params.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth);
    let both = root.issue(params);
    verdict(&both.issue(client_params("leaf")), &[&both], &[&root]).unwrap();
}

#[test]
fn case_37_a_chain_is_no_longer_than_its_authorities_allow() {
    let limited = |name, len| {
        let mut params = ca_params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(len));
        params
    };
    let root = root("Root");
    let first = root.issue(limited("First", 0));
    verdict(&first.issue(client_params("leaf")), &[&first], &[&root]).unwrap();
    let second = first.issue(ca_params("Second"));
    assert_eq!(fault(&second.issue(client_params("leaf")), &[&second, &first], &[&root]), ChainFault::PathLength);
    let root = self_signed(limited("Root", 0));
    let first = root.issue(ca_params("First"));
    verdict(&root.issue(client_params("leaf")), &[], &[&root]).unwrap();
    assert_eq!(fault(&first.issue(client_params("leaf")), &[&first], &[&root]), ChainFault::PathLength);
}

#[test]
fn case_37_names_are_within_what_the_authority_may_vouch_for() {
    let mut params = ca_params("Constrained");
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("a.example".to_owned())],
        excluded_subtrees: vec![],
    });
    let named = |name: &str| {
        let mut params = client_params("leaf");
        params.subject_alt_names = vec![SanType::DnsName(name.try_into().unwrap())];
        params
    };
    let root = root("Root");
    let below = root.issue(params.clone());
    let itself = self_signed(params);
    for (authority, anchor) in [(&below, &root), (&itself, &itself)] {
        verdict(&authority.issue(named("x.a.example")), &[&below], &[anchor]).unwrap();
        for outside in ["b.example", "xa.example", "a.example.b.example"] {
            let leaf = authority.issue(named(outside));
            assert_eq!(fault(&leaf, &[&below], &[anchor]), ChainFault::NameConstraint, "{outside}");
        }
    }
}

#[test]
fn case_37_an_extension_that_must_be_understood_and_is_not_refuses() {
    let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 55555, 9], vec![5, 0]);
    extension.set_criticality(true);
    assert_eq!(fault_of(|leaf| leaf.custom_extensions = vec![extension]), ChainFault::Malformed);
}

#[test]
fn case_37_a_certificate_of_an_older_version_is_refused() {
    let root = root("Root");
    let leaf = root.issue(client_params("leaf"));
    let mut der = leaf.certificate.der().to_vec();
    let at = der.windows(5).position(|window| window == [0xa0, 3, 2, 1, 2]).unwrap();
    der[at + 4] = 1;
    let older = Certificate::from_der(&der).unwrap();
    let outcome = verify_chain(&older, &[], &anchors(&[&root]), &FOR_CLIENTS, NOW);
    assert_eq!(outcome.unwrap_err(), ChainFault::NotVersion3);
}
