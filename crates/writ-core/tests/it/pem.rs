//! Keys and certificates that documents name. Nobody has their private halves any more.

pub(crate) const EC: &str = include_str!("pem/ec.pub.pem");
pub(crate) const RSA: &str = include_str!("pem/rsa.pub.pem");
pub(crate) const RSA_OTHER: &str = include_str!("pem/rsa-other.pub.pem");
pub(crate) const FIRST: &str = include_str!("pem/first.crt.pem");
/// Another certificate for the key of [`FIRST`].
pub(crate) const RENEWED: &str = include_str!("pem/renewed.crt.pem");
pub(crate) const SECOND: &str = include_str!("pem/second.crt.pem");
pub(crate) const CRL: &str = include_str!("pem/crl.pem");
/// What looks like a certificate from afar.
pub(crate) const NO_CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
