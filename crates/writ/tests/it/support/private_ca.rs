//! Authorities of a private CA, and what they sign, for a clock that stands in January 2027.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, PublicKeyData,
    RevokedCertParams, SerialNumber, date_time_ymd,
};
use writ_oauth::x509::Certificate;

use super::assertion::Assertion;

/// A certificate and its key.
pub(crate) struct Made {
    pub(crate) pem: String,
    pub(crate) key: KeyPair,
    params: CertificateParams,
    der: Vec<u8>,
}

/// Nothing but a name, and dates from 2026 to 2028.
pub(crate) fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2028, 1, 1);
    params
}

/// An authority's.
pub(crate) fn authority(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// A client's, as a careful authority makes it.
pub(crate) fn client_of(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

impl Made {
    pub(crate) fn root(name: &str) -> Self {
        Self::self_signed(authority(name), KeyPair::generate().unwrap())
    }

    pub(crate) fn self_signed(params: CertificateParams, key: KeyPair) -> Self {
        let made = params.self_signed(&key).unwrap();
        Self { pem: made.pem(), der: made.der().to_vec(), params, key }
    }

    /// A signer of documents that no authority vouches for.
    pub(crate) fn signer(name: &str) -> Self {
        Self::self_signed(named(name), rsa())
    }

    /// Signs a certificate for a key of its own.
    pub(crate) fn issue(&self, params: CertificateParams) -> Self {
        self.issue_for(params, KeyPair::generate().unwrap())
    }

    pub(crate) fn issue_for(&self, params: CertificateParams, key: KeyPair) -> Self {
        let made = params.signed_by(&key, &Issuer::from_params(&self.params, &self.key)).unwrap();
        Self { pem: made.pem(), der: made.der().to_vec(), params, key }
    }

    /// A certificate for a public key whose private half nobody need have.
    pub(crate) fn certify(&self, params: &CertificateParams, key: &impl PublicKeyData) -> String {
        params.signed_by(key, &Issuer::from_params(&self.params, &self.key)).unwrap().pem()
    }

    /// Its list of what it has taken back, due again in a month of 2027.
    pub(crate) fn crl(&self, revoked: &[&Self], due: u8) -> String {
        let serial = |made: &&Self| Certificate::from_der(&made.der).unwrap().serial().to_vec();
        self.crl_of(revoked.iter().map(serial), due)
    }

    /// The same by serial numbers.
    pub(crate) fn crl_of(&self, serials: impl Iterator<Item = Vec<u8>>, due: u8) -> String {
        let revoked = serials.map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from_slice(&serial),
            revocation_time: date_time_ymd(2026, 2, 1),
            reason_code: None,
            invalidity_date: None,
        });
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 3, 1),
            next_update: date_time_ymd(2027, due, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&Issuer::from_params(&self.params, &self.key)).unwrap().pem().unwrap()
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        self.der.clone()
    }

    /// The base64 of its DER, in one line.
    pub(crate) fn base64(&self) -> String {
        STANDARD.encode(&self.der)
    }

    /// Signs an assertion with its key.
    pub(crate) fn sign(&self, assertion: &Assertion) -> String {
        assertion.sign(Algorithm::ES256, &EncodingKey::from_ec_der(&self.key.serialize_der()))
    }
}

/// A key as clouds sign with.
pub(crate) fn rsa() -> KeyPair {
    KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap()
}
