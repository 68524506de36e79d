//! Chains that hold.

use rcgen::{ExtendedKeyUsagePurpose, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ECDSA_P521_SHA512, PKCS_ED25519};
use rcgen::{PKCS_RSA_SHA256, RsaKeySize};
use writ_oauth::jose::{Alg, KeyFault, SigningKey, VerifyingKey};
use writ_oauth::x509::{AnchorFault, Anchors, ChainPolicy, Purpose, verify_chain};

use super::fixture::{
    FOR_CLIENTS, Made, NOW, anchors, ca_params, certificates, client_params, params, root, self_signed, verdict,
};

#[test]
fn a_chain_holds_with_none_one_or_two_intermediates() {
    let root = root("Root");
    let direct = root.issue(client_params("direct"));
    let chain = verdict(&direct, &[], &[&root]).unwrap();
    assert_eq!((chain.leaf(), chain.anchor()), (&direct.certificate, &root.certificate));
    assert!(chain.intermediates().is_empty());

    let first = root.issue(ca_params("First"));
    let second = first.issue(ca_params("Second"));
    let through_one = first.issue(client_params("one"));
    let chain = verdict(&through_one, &[&first], &[&root]).unwrap();
    assert_eq!(chain.intermediates(), certificates(&[&first]));
    let through_two = second.issue(client_params("two"));
    let chain = verdict(&through_two, &[&second, &first], &[&root]).unwrap();
    assert_eq!(chain.intermediates(), certificates(&[&second, &first]));
}

#[test]
fn the_order_of_what_is_presented_and_what_is_not_needed_do_not_matter() {
    let root = root("Root");
    let first = root.issue(ca_params("First"));
    let second = first.issue(ca_params("Second"));
    let leaf = second.issue(client_params("leaf"));
    let stranger = self_signed(ca_params("Stranger"));
    let chain = verdict(&leaf, &[&first, &stranger, &root, &second, &first], &[&stranger, &root]).unwrap();
    assert_eq!(chain.intermediates(), certificates(&[&second, &first]));
    assert_eq!(chain.anchor(), &root.certificate);
}

#[test]
fn an_anchor_need_not_be_a_root() {
    let root = root("Root");
    let issuing = root.issue(ca_params("Issuing"));
    let leaf = issuing.issue(client_params("leaf"));
    let chain = verdict(&leaf, &[&root], &[&issuing]).unwrap();
    assert_eq!(chain.anchor(), &issuing.certificate);
}

#[test]
fn a_cross_signed_authority_is_reached_through_whoever_is_trusted() {
    let (ours, theirs) = (root("Ours"), root("Theirs"));
    let leaf = theirs.issue(client_params("leaf"));
    let key = KeyPair::try_from(theirs.key.serialize_der()).unwrap();
    let crossed = ours.issue_with(ca_params("Theirs"), key);
    let chain = verdict(&leaf, &[&theirs, &crossed], &[&ours]).unwrap();
    assert_eq!(chain.intermediates(), certificates(&[&crossed]));
}

#[test]
fn a_renewed_anchor_is_found_beside_the_expired_one() {
    let key = KeyPair::generate().unwrap();
    let mut old = ca_params("Root");
    old.not_after = rcgen::date_time_ymd(2026, 6, 1);
    let old = super::fixture::self_signed_with(old, KeyPair::try_from(key.serialize_der()).unwrap());
    let new = super::fixture::self_signed_with(ca_params("Root"), key);
    let leaf = old.issue(client_params("leaf"));
    let chain = verdict(&leaf, &[], &[&old, &new]).unwrap();
    assert_eq!(chain.anchor(), &new.certificate);
}

#[test]
fn purposes_are_asked_for_by_object_identifier_or_not_at_all() {
    let root = root("Root");
    let mut own = client_params("own");
    own.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(vec![1, 3, 6, 1, 4, 1, 55555, 1])];
    let own = root.issue(own);
    let bare = root.issue(params("bare"));
    let outcome = |leaf: &Made, purpose| {
        let policy = ChainPolicy { purpose, crl_required: false };
        verify_chain(&leaf.certificate, &[], &anchors(&[&root]), &policy, NOW).is_ok()
    };
    let exact = Purpose::from_oid("1.3.6.1.4.1.55555.1").unwrap();
    let other = Purpose::from_oid("1.3.6.1.4.1.55555.2").unwrap();
    assert!(outcome(&own, exact) && outcome(&own, Purpose::ANY) && outcome(&bare, Purpose::ANY));
    assert!(!outcome(&own, other) && !outcome(&own, Purpose::CLIENT_AUTH) && !outcome(&bare, exact));
    assert_eq!(Purpose::from_oid("clientAuth"), None);
    assert_eq!(Purpose::from_oid("1.03"), None);
    let mut client = client_params("client");
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let mut any = client_params("any");
    any.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any];
    let (client, any) = (root.issue(client), root.issue(any));
    let if_restricted = |leaf: &Made| outcome(leaf, Purpose::CLIENT_AUTH_IF_RESTRICTED);
    assert!(if_restricted(&bare) && if_restricted(&client) && !if_restricted(&own) && !if_restricted(&any));
}

#[test]
fn every_usual_kind_of_key_is_verified_with() {
    let root = root("Root");
    let message = b"message";
    let kinds = [
        (KeyPair::generate().unwrap(), Alg::ES256),
        (KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap(), Alg::ES384),
        (KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).unwrap(), Alg::ES512),
        (KeyPair::generate_for(&PKCS_ED25519).unwrap(), Alg::EdDSA),
        (KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap(), Alg::RS256),
    ];
    for (key, alg) in kinds {
        let pkcs8 = key.serialize_der();
        let leaf = root.issue_with(client_params("leaf"), key);
        let chain = verdict(&leaf, &[], &[&root]).unwrap();
        let keys = chain.leaf().verifying_keys(&Alg::ALL).unwrap();
        let signature = SigningKey::from_pkcs8(alg, &pkcs8).unwrap().sign(message).unwrap();
        let key = keys.iter().find(|key| key.alg() == alg).unwrap();
        assert!(key.verifies(message, &signature), "{alg}");
        assert_eq!(keys.len(), if alg == Alg::RS256 { 6 } else { 1 }, "{alg}");
    }
}

#[test]
fn the_key_serves_only_the_algorithms_that_are_asked_for() {
    let leaf = root("Root").issue(client_params("leaf"));
    let algs = |algs: &[Alg]| -> Result<Vec<Alg>, KeyFault> {
        Ok(leaf.certificate.verifying_keys(algs)?.iter().map(VerifyingKey::alg).collect())
    };
    assert_eq!(algs(&[Alg::RS256, Alg::ES256, Alg::HS256]), Ok(vec![Alg::ES256]));
    assert_eq!(algs(&[Alg::RS256, Alg::ES384]), Err(KeyFault::AlgMismatch));
    assert_eq!(algs(&[]), Err(KeyFault::AlgMismatch));
}

#[test]
fn only_authorities_are_anchors() {
    let root = root("Root");
    let leaf = root.issue(client_params("leaf"));
    let fault = |made: &[&Made]| Anchors::new(&certificates(made), &[]).map(|_| ()).unwrap_err();
    assert_eq!(fault(&[]), AnchorFault::None);
    assert_eq!(fault(&[&root, &leaf]), AnchorFault::NotAnAuthority);
    let mut unable = ca_params("Unable");
    unable.key_usages = vec![rcgen::KeyUsagePurpose::CrlSign];
    assert_eq!(fault(&[&self_signed(unable)]), AnchorFault::NotAnAuthority);
    assert_eq!(fault(&[&root; 33]), AnchorFault::TooMany);
    assert_eq!(FOR_CLIENTS.purpose, Purpose::CLIENT_AUTH);
}
