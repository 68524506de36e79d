//! Distinguished names: read, written, compared.

use rcgen::{CertificateParams, DnType, DnValue};
use writ_oauth::x509::{Certificate, DistinguishedName, NameFault};

use super::fixture::{client_params, root};

fn parse(text: &str) -> DistinguishedName {
    DistinguishedName::parse(text).unwrap()
}

pub(super) fn with_subject(attributes: Vec<(DnType, DnValue)>) -> Certificate {
    let mut params: CertificateParams = client_params("");
    params.distinguished_name = rcgen::DistinguishedName::new();
    for (kind, value) in attributes {
        params.distinguished_name.push(kind, value);
    }
    root("Root").issue(params).certificate
}

#[test]
fn a_subject_is_written_as_rfc_4514_has_it_and_read_back() {
    let text = |value: &str| DnValue::Utf8String(value.to_owned());
    let dn = |value: &str| {
        with_subject(vec![(DnType::OrganizationName, text("Example")), (DnType::CommonName, text(value))])
    };
    let cases = [
        ("billing", "CN=billing,O=Example"),
        ("a,b+c=d", r"CN=a\,b\+c=d,O=Example"),
        (" #x ", r"CN=\ #x\ ,O=Example"),
        ("#x", r"CN=\#x,O=Example"),
        ("a\0b\n", r"CN=a\00b\0a,O=Example"),
        (r#"q"\;<>"#, r#"CN=q\"\\\;\<\>,O=Example"#),
        ("张三 é", "CN=张三 é,O=Example"),
        ("", "CN=,O=Example"),
    ];
    for (value, expected) in cases {
        let certificate = dn(value);
        assert_eq!(certificate.subject().to_string(), expected);
        assert_eq!(&parse(expected), certificate.subject(), "{expected}");
    }
}

#[test]
fn the_string_type_of_a_value_does_not_matter() {
    let kinds = [
        DnValue::Utf8String("billing".to_owned()),
        DnValue::PrintableString("billing".try_into().unwrap()),
        DnValue::Ia5String("billing".try_into().unwrap()),
        DnValue::TeletexString("billing".try_into().unwrap()),
        DnValue::BmpString("billing".try_into().unwrap()),
    ];
    for kind in kinds {
        let certificate = with_subject(vec![(DnType::CommonName, kind)]);
        assert_eq!(certificate.subject(), &parse("CN=billing"));
    }
}

/// An authority that puts Latin-1 into T.61 text: what stands there is told, not guessed.
#[test]
fn a_value_that_is_not_certainly_text_is_told_in_its_encoding() {
    let made = with_subject(vec![(DnType::CommonName, DnValue::TeletexString("ab".try_into().unwrap()))]);
    let mut der = made.der().to_vec();
    let at = der.windows(4).position(|window| window == [0x14, 2, b'a', b'b']).unwrap();
    der[at + 3] = 0xe9;
    let undecided = Certificate::from_der(&der).unwrap();
    assert_eq!(undecided.subject().to_string(), "CN=#140261e9");
    assert_eq!(undecided.facts()["subject"]["CN"], "#140261e9");
    assert_eq!(undecided.subject(), &parse("CN=#140261E9"));
    assert_ne!(undecided.subject(), &parse("CN=aé"));
    assert_ne!(undecided.subject(), &parse(r"CN=\#140261e9"));
}

#[test]
fn equal_names_are_equal_however_they_are_written() {
    let name = parse("CN=a b,OU=x+L=y,DC=Example,DC=COM");
    for same in [
        "cn=a b,ou=x+l=y,dc=example,dc=com",
        "CN = a b , L=y + OU=x, DC=example, DC=com",
        r"2.5.4.3=a\ b,OU=x+L=y,DC=example,DC=com",
        r"CN=\61\20b,OU=x+L=y,DC=example,DC=com",
        "CN=#0c03612062,OU=x+L=y,DC=example,DC=com",
    ] {
        assert_eq!(parse(same), name, "{same}");
    }
    for other in [
        "CN=A b,OU=x+L=y,DC=example,DC=com",
        "CN=a  b,OU=x+L=y,DC=example,DC=com",
        r"CN=a b\ ,OU=x+L=y,DC=example,DC=com",
        "CN=a b,OU=x,L=y,DC=example,DC=com",
        "CN=a b,OU=x+L=y,DC=com,DC=example",
        "OU=x+L=y,DC=example,DC=com",
        "CN=a b,OU=x+L=y,DC=example,DC=com,C=CN",
        "O=a b,OU=x+L=y,DC=example,DC=com",
    ] {
        assert_ne!(parse(other), name, "{other}");
    }
}

#[test]
fn what_is_read_differently_in_different_places_is_refused() {
    for text in [
        "",
        "CN",
        "=a",
        "CN=a,",
        ",CN=a",
        "CN=a,,O=b",
        "CN=a+",
        "CN=a;O=b",
        "CN=\"a\"",
        "CN=a<b",
        "CN=a\0",
        "CN=a\\",
        "CN=\\zz",
        "CN=\\ff",
        "CN=#",
        "CN=#0c",
        "CN=#0c016",
        "CN=##0c0161",
        "CN=#0c016161",
        "CN=#zz",
    ] {
        let fault = DistinguishedName::parse(text).unwrap_err();
        assert!(matches!(fault, NameFault::Syntax | NameFault::UnknownType), "{text:?}: {fault:?}");
    }
    assert_eq!(DistinguishedName::parse("/C=CN/CN=a"), Err(NameFault::UnknownType));
    assert_eq!(DistinguishedName::parse("whatever=a"), Err(NameFault::UnknownType));
    assert_eq!(DistinguishedName::parse("CN=a+CN=a"), Err(NameFault::Repeated));
    assert_eq!(DistinguishedName::parse(&format!("CN={}", "a".repeat(5000))), Err(NameFault::TooLong));
}
