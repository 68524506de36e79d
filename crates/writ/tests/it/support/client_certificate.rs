//! Certificates of callers: valid from 2026 to 2028 unless a test says otherwise, so at the time of every server.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber, date_time_ymd,
};

use super::certificate::Certificate;

/// A certificate and its key.
pub(crate) struct Made {
    pub(crate) der: Vec<u8>,
    pub(crate) pem: String,
    params: CertificateParams,
    key: KeyPair,
}

/// Nothing but a name and the dates.
fn bare(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2028, 1, 1);
    params
}

/// A client's certificate as a careful authority makes it.
pub(crate) fn params(name: &str) -> CertificateParams {
    let mut params = bare(name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

/// An authority's own.
pub(crate) fn ca_params(name: &str) -> CertificateParams {
    let mut params = bare(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

impl Made {
    pub(crate) fn self_signed(params: CertificateParams) -> Self {
        Self::renewed(params, KeyPair::generate().unwrap())
    }

    /// Self-signed with a key that is there already.
    pub(crate) fn renewed(params: CertificateParams, key: KeyPair) -> Self {
        let made = params.self_signed(&key).unwrap();
        Self { der: made.der().to_vec(), pem: made.pem(), params, key }
    }

    pub(crate) fn root(name: &str) -> Self {
        Self::self_signed(ca_params(name))
    }

    pub(crate) fn issue(&self, params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let made = params.signed_by(&key, &Issuer::from_params(&self.params, &self.key)).unwrap();
        Self { der: made.der().to_vec(), pem: made.pem(), params, key }
    }

    /// Its key once more.
    pub(crate) fn key(&self) -> KeyPair {
        KeyPair::from_pem(&self.key.serialize_pem()).unwrap()
    }

    /// A revocation list with this serial number.
    pub(crate) fn crl(&self, serial: u64) -> String {
        let revoked = RevokedCertParams {
            serial_number: SerialNumber::from(serial),
            revocation_time: date_time_ymd(2026, 2, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 2, 1),
            next_update: date_time_ymd(2028, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: vec![revoked],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&Issuer::from_params(&self.params, &self.key)).unwrap().pem().unwrap()
    }

    /// As `Client-Cert` has it.
    pub(crate) fn header(&self) -> String {
        format!(":{}:", STANDARD.encode(&self.der))
    }

    /// As files in a folder.
    pub(crate) fn written(&self, folder: &Path, name: &str) -> Certificate {
        let file = |suffix: &str, text: &str| -> PathBuf {
            let path = folder.join(format!("{name}.{suffix}"));
            std::fs::write(&path, text).unwrap();
            path
        };
        Certificate { chain: file("pem", &self.pem), key: file("key", &self.key.serialize_pem()) }
    }
}

/// An authority whose clients are in the catalogue, and their certificates.
pub(crate) struct Party {
    pub(crate) root: Made,
    /// Of `cert-named`.
    pub(crate) named: Made,
    /// The same name from another authority of the same name.
    pub(crate) impostor: Made,
    pub(crate) expired: Made,
    /// For servers.
    pub(crate) purpose: Made,
    pub(crate) revoked: Made,
    /// Of `cert-own`.
    pub(crate) own: Made,
    /// The authority's revocation list.
    pub(crate) crl: String,
}

/// The serial number of what was revoked.
const REVOKED: u64 = 0xbad;
/// The name of most certificates.
const NAME: &str = "cert-named";

impl Party {
    /// The same in one run.
    pub(crate) fn get() -> &'static Self {
        static PARTY: LazyLock<Party> = LazyLock::new(Party::make);
        &PARTY
    }

    fn make() -> Self {
        let root = Made::root("Corp");
        let with = |change: fn(&mut CertificateParams)| {
            let mut params = params(NAME);
            change(&mut params);
            root.issue(params)
        };
        Self {
            named: with(|_| {}),
            impostor: Made::root("Corp").issue(params(NAME)),
            expired: with(|params| params.not_after = date_time_ymd(2026, 12, 1)),
            purpose: with(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]),
            revoked: with(|params| params.serial_number = Some(SerialNumber::from(REVOKED))),
            own: Made::self_signed(params("anything")),
            crl: root.crl(REVOKED),
            root,
        }
    }
}
