//! Case 41: which certificate is the client's.

use rcgen::{CustomExtension, DnType, DnValue, KeyPair, SanType};
use writ_oauth::x509::{Certificate, CertificateFault, NameFault, SubjectFault, SubjectMatch};

use super::fixture::{ca_params, client_params, root, self_signed_with};
use super::names::with_subject;

fn matches(expected: Result<SubjectMatch, SubjectFault>, certificate: &Certificate) -> bool {
    expected.unwrap().matches(certificate)
}

fn text(value: &str) -> DnValue {
    DnValue::Utf8String(value.to_owned())
}

#[test]
fn case_41_a_subject_is_compared_attribute_by_attribute() {
    let genuine =
        with_subject(vec![(DnType::OrganizationName, text("Example")), (DnType::CommonName, text("billing"))]);
    assert!(matches(SubjectMatch::dn("CN=billing,O=Example"), &genuine));
    assert!(matches(SubjectMatch::dn("CN=billing, O=Example"), &genuine));
    for other in ["CN=billing", "O=Example", "O=Example,CN=billing", "CN=bill,O=Example", "CN=billing,O=Example,C=CN"] {
        assert!(!matches(SubjectMatch::dn(other), &genuine), "{other}");
    }
    // A common name that holds the whole expected text.
    let inside = [
        vec![(DnType::CommonName, text("billing,O=Example"))],
        vec![(DnType::CommonName, text("CN=billing,O=Example"))],
        vec![(DnType::OrganizationName, text("Example,CN=billing"))],
        vec![(DnType::OrganizationName, text("Example")), (DnType::CommonName, text("billing\0.evil"))],
        vec![(DnType::OrganizationName, text("Example")), (DnType::OrganizationalUnitName, text("billing"))],
    ];
    for subject in inside {
        let certificate = with_subject(subject);
        assert!(!matches(SubjectMatch::dn("CN=billing,O=Example"), &certificate), "{certificate:?}");
    }
}

#[test]
fn case_41_alternative_names_are_compared_whole_and_by_kind() {
    let mut params = client_params("b.example");
    params.subject_alt_names = vec![
        SanType::DnsName("Api.Example.com".try_into().unwrap()),
        SanType::DnsName("*.wild.example".try_into().unwrap()),
        SanType::URI("spiffe://td/billing".try_into().unwrap()),
        SanType::Rfc822Name("Ops@Example.com".try_into().unwrap()),
        SanType::IpAddress("192.0.2.7".parse().unwrap()),
        SanType::IpAddress("2001:db8::7".parse().unwrap()),
    ];
    let certificate = &root("Root").issue(params).certificate;
    for (parameter, same, others) in [
        (
            "dns",
            &["api.example.com", "API.example.COM"][..],
            &["example.com", "xapi.example.com", "a.wild.example", "b.example"][..],
        ),
        (
            "uri",
            &["spiffe://td/billing"],
            &["spiffe://td/", "spiffe://td/billing/x", "spiffe://TD/billing", "a:pi.example.com"],
        ),
        ("ip", &["192.0.2.7", "2001:db8::7", "2001:0db8:0:0::0007"], &["192.0.2.70", "::ffff:192.0.2.7"]),
        (
            "email",
            &["Ops@Example.com", "Ops@example.COM"],
            &["ops@Example.com", "x.Ops@Example.com", "Ops@Example.com.x"],
        ),
    ] {
        let parameter = format!("tls_client_auth_san_{parameter}");
        for name in same {
            assert!(matches(SubjectMatch::from_parameter(&parameter, name), certificate), "{name}");
        }
        for name in others {
            assert!(!matches(SubjectMatch::from_parameter(&parameter, name), certificate), "{name}");
        }
    }
    // The common name is not an alternative name.
    assert!(matches(SubjectMatch::from_parameter("tls_client_auth_subject_dn", "CN=b.example"), certificate));
}

#[test]
fn case_41_what_cannot_be_expected_is_refused_when_it_is_configured() {
    let fault = |parameter: &str, value: &str| SubjectMatch::from_parameter(parameter, value).unwrap_err();
    for name in ["", ".", "a..b", "*.example", "a b", "é.example", "a.example.", "192.0.2.7/24"] {
        assert_eq!(fault("tls_client_auth_san_dns", name), SubjectFault::Dns, "{name}");
    }
    for uri in ["", "billing", ":x", "a:", "a: b", "1a:b"] {
        assert_eq!(fault("tls_client_auth_san_uri", uri), SubjectFault::Uri, "{uri}");
    }
    for ip in ["", "192.0.2", "192.0.2.7/32", "[::1]", "192.0.2.07", "fe80::1%1"] {
        assert_eq!(fault("tls_client_auth_san_ip", ip), SubjectFault::Ip, "{ip}");
    }
    for email in ["", "a", "@b", "a@", "a b@c"] {
        assert_eq!(fault("tls_client_auth_san_email", email), SubjectFault::Email, "{email}");
    }
    assert_eq!(fault("tls_client_auth_subject_dn", ""), SubjectFault::Name(NameFault::Syntax));
    assert_eq!(fault("subject", "CN=a"), SubjectFault::UnknownParameter);
}

#[test]
fn case_41_a_self_signed_certificate_is_known_by_its_key() {
    let key = KeyPair::generate().unwrap();
    let again = KeyPair::try_from(key.serialize_der()).unwrap();
    let registered = self_signed_with(client_params("billing"), key).certificate.spki_sha256();
    let renewed = self_signed_with(client_params("billing 2"), again);
    assert_eq!(renewed.certificate.spki_sha256(), registered);
    let impostor = self_signed_with(client_params("billing"), KeyPair::generate().unwrap());
    assert_ne!(impostor.certificate.spki_sha256(), registered);
}

#[test]
fn case_41_a_certificate_with_two_readings_is_not_read() {
    let made = root("Root").issue(client_params("leaf"));
    let der = made.certificate.der();
    let at = der.windows(5).position(|window| window == [2, 3, 0, 0x9a, 0xbc]).unwrap();
    let mut negative = der.to_vec();
    negative[at + 2] = 0x80;
    assert_eq!(Certificate::from_der(&negative), Err(CertificateFault::NegativeSerial));

    let root = root("Root");
    let mut params = ca_params("twice");
    let extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 55555, 9], vec![5, 0]);
    params.custom_extensions = vec![extension.clone(), extension];
    let key = KeyPair::generate().unwrap();
    let twice = params.signed_by(&key, &rcgen::Issuer::from_params(&root.params, &root.key)).unwrap();
    assert_eq!(Certificate::from_der(twice.der()), Err(CertificateFault::DuplicateExtension));
}
