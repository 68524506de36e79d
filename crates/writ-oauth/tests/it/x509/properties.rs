//! What holds for every input.

use std::sync::LazyLock;

use proptest::prelude::*;
use writ_oauth::x509::{
    Anchors, Certificate, DistinguishedName, SubjectMatch, from_client_cert_chain_header, from_client_cert_header,
    read_certificates, verify_chain,
};

use super::fixture::{FOR_CLIENTS, Made, NOW, anchors, ca_params, client_params, hex, root};

static MADE: LazyLock<[Made; 3]> = LazyLock::new(|| {
    let root = root("Root");
    let issuing = root.issue(ca_params("Issuing"));
    let leaf = issuing.issue(client_params("leaf"));
    [root, issuing, leaf]
});

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_anything_does_not_panic(text in any::<String>(), bytes in any::<Vec<u8>>()) {
        prop_assert!(Certificate::from_der(&bytes).is_err());
        prop_assert!(read_certificates(&text).is_err());
        prop_assert!(from_client_cert_header(&text).is_err());
        prop_assert!(from_client_cert_chain_header(&text).is_err());
        prop_assert!(Anchors::new(std::slice::from_ref(&MADE[0].certificate), &[&bytes]).is_err());
        let _ = DistinguishedName::parse(&text);
        let _ = SubjectMatch::from_parameter("tls_client_auth_san_uri", &text);
    }

    /// A certificate with some octets changed: read or not, it is never trusted and never panics.
    #[test]
    fn a_changed_certificate_does_not_panic_and_is_not_trusted(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        which in 1..3usize,
    ) {
        let [root, issuing, leaf] = &*MADE;
        let original = &MADE[which].certificate;
        let mut der = original.der().to_vec();
        for (at, value) in changes {
            let at = at.index(der.len());
            der[at] = value;
        }
        if let Ok(changed) = Certificate::from_der(&der) {
            let _ = (changed.facts(), format!("{changed:?}"), changed.verifying_keys(&writ_oauth::jose::Alg::ALL));
            let (presented, above) = if which == 2 { (&changed, &issuing.certificate) } else { (&leaf.certificate, &changed) };
            let chain = verify_chain(presented, std::slice::from_ref(above), &anchors(&[root]), &FOR_CLIENTS, NOW);
            prop_assert_eq!(chain.is_ok(), &changed == original);
        }
    }

    #[test]
    fn a_name_is_read_as_it_was_written(
        attributes in prop::collection::vec((prop::sample::select(vec!["CN", "OU", "2.5.4.99", "emailAddress"]), any::<String>()), 1..5),
    ) {
        let escape = |value: &str| value.bytes().flat_map(|octet| ["\\".to_owned(), hex(&[octet])]).collect::<String>();
        let text: Vec<_> = attributes.iter().map(|(kind, value)| format!("{kind}={}", escape(value))).collect();
        let name = DistinguishedName::parse(&text.join(",")).unwrap();
        prop_assert_eq!(DistinguishedName::parse(&name.to_string()).unwrap(), name);
    }
}
