//! Authorities and certificates made for one test.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SerialNumber, date_time_ymd,
};
use writ_oauth::x509::{Anchors, Certificate, ChainFault, ChainPolicy, Purpose, VerifiedChain, verify_chain};

/// In January 2027; what is made here is valid from 2026 to 2028 unless a test says otherwise.
pub(super) const NOW: i64 = 1_800_000_000;

/// A certificate and its key.
pub(super) struct Made {
    pub(super) certificate: Certificate,
    pub(super) params: CertificateParams,
    pub(super) key: KeyPair,
}

/// Nothing but a name and the dates.
pub(super) fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2028, 1, 1);
    params
}

/// What every authority here asks of its own certificate, unless the test changes it.
pub(super) fn ca_params(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// A client's certificate as a careful authority makes it.
pub(super) fn client_params(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.serial_number = Some(SerialNumber::from_slice(&[0x9a, 0xbc]));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

pub(super) fn self_signed(params: CertificateParams) -> Made {
    let key = KeyPair::generate().unwrap();
    self_signed_with(params, key)
}

pub(super) fn self_signed_with(params: CertificateParams, key: KeyPair) -> Made {
    let made = params.self_signed(&key).unwrap();
    Made { certificate: Certificate::from_der(made.der()).unwrap(), params, key }
}

pub(super) fn root(name: &str) -> Made {
    self_signed(ca_params(name))
}

impl Made {
    pub(super) fn issue(&self, params: CertificateParams) -> Made {
        self.issue_with(params, KeyPair::generate().unwrap())
    }

    pub(super) fn issue_with(&self, params: CertificateParams, key: KeyPair) -> Made {
        let made = params.signed_by(&key, &Issuer::from_params(&self.params, &self.key)).unwrap();
        Made { certificate: Certificate::from_der(made.der()).unwrap(), params, key }
    }
}

pub(super) const FOR_CLIENTS: ChainPolicy = ChainPolicy { purpose: Purpose::CLIENT_AUTH, crl_required: false };

pub(super) fn anchors(anchors: &[&Made]) -> Anchors {
    Anchors::new(&certificates(anchors), &[]).unwrap()
}

pub(super) fn certificates(made: &[&Made]) -> Vec<Certificate> {
    made.iter().map(|made| made.certificate.clone()).collect()
}

/// What becomes of a leaf under the usual policy.
pub(super) fn verdict(leaf: &Made, intermediates: &[&Made], anchored: &[&Made]) -> Result<VerifiedChain, ChainFault> {
    let intermediates = certificates(intermediates);
    verify_chain(&leaf.certificate, &intermediates, &anchors(anchored), &FOR_CLIENTS, NOW)
}

pub(super) fn pem(made: &Made) -> String {
    let base64 = base64_of(made);
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

pub(super) fn base64_of(made: &Made) -> String {
    STANDARD.encode(made.certificate.der())
}

pub(super) fn hex(octets: &[u8]) -> String {
    let digits: Vec<String> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    digits.concat()
}
