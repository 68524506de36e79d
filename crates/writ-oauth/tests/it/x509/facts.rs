//! What expressions see.

use rcgen::{DnType, SanType, SerialNumber};
use serde_json::json;

use super::fixture::{ca_params, client_params, hex, self_signed};

#[test]
fn facts_are_what_the_certificate_says() {
    let mut params = ca_params("Root");
    params.distinguished_name.push(DnType::OrganizationName, "Example");
    let root = self_signed(params);
    let mut params = client_params("billing");
    params.distinguished_name.push(DnType::OrganizationName, "Example, Inc.");
    params.distinguished_name.push(DnType::from_oid(&[0, 9, 2342, 19_200_300, 100, 1, 1]), "u1");
    params.distinguished_name.push(DnType::from_oid(&[1, 3, 6, 1, 4, 1, 55555, 7]), "own");
    params.subject_alt_names = vec![
        SanType::DnsName("a.example".try_into().unwrap()),
        SanType::URI("urn:a".try_into().unwrap()),
        SanType::Rfc822Name("a@example".try_into().unwrap()),
        SanType::IpAddress("2001:db8::1".parse().unwrap()),
        SanType::DnsName("b.example".try_into().unwrap()),
    ];
    let certificate = root.issue(params).certificate;
    let sha256 = hex(&certificate.sha256());
    let expected = json!({
        "serialNumber": "009abc",
        "subject": {
            "CN": "billing",
            "O": "Example, Inc.",
            "UID": "u1",
            "1.3.6.1.4.1.55555.7": "own",
            "dn": r"1.3.6.1.4.1.55555.7=own,UID=u1,O=Example\, Inc.,CN=billing",
        },
        "issuer": { "CN": "Root", "O": "Example", "dn": "O=Example,CN=Root" },
        "san": { "dns": ["a.example", "b.example"], "uri": ["urn:a"], "email": ["a@example"], "ip": ["2001:db8::1"] },
        "notBefore": 1_767_225_600,
        "notAfter": 1_830_297_600,
        "sha256": sha256,
    });
    assert_eq!(certificate.facts(), expected);
}

#[test]
fn serial_numbers_are_lower_case_with_a_zero_octet_only_where_der_has_one() {
    for (serial, expected) in [(&[0x7f, 0xab][..], "7fab"), (&[0x80], "0080"), (&[1], "01")] {
        let mut params = client_params("a");
        params.serial_number = Some(SerialNumber::from_slice(serial));
        let certificate = self_signed(params).certificate;
        assert_eq!(certificate.facts()["serialNumber"], expected);
    }
}

/// rcgen keeps one value of a type, so the second name is put in afterwards: nothing here is signed.
#[test]
fn an_attribute_that_stands_twice_is_a_list_and_equals_no_string() {
    let mut params = client_params("one");
    params.distinguished_name.push(DnType::OrganizationName, "two");
    let der = self_signed(params).certificate.der().to_vec();
    let (organization, common_name) = ([0x55, 4, 10], [0x55, 4, 3]);
    let mut changed = der.clone();
    for at in 0..der.len() - 3 {
        if der[at..at + 3] == organization {
            changed[at..at + 3].copy_from_slice(&common_name);
        }
    }
    let certificate = writ_oauth::x509::Certificate::from_der(&changed).unwrap();
    assert_eq!(certificate.facts()["subject"]["CN"], json!(["one", "two"]));
    assert_eq!(certificate.subject().to_string(), "CN=two,CN=one");
}
