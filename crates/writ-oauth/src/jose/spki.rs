//! Public keys as administrators paste them: SubjectPublicKeyInfo, in PEM or DER.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::signature::{ParsedPublicKey, RsaPublicKeyComponents, RsaSubjectPublicKey};
use rustls_pki_types::pem::{PemObject as _, SectionKind};

use super::fault::KeyFault;
use super::jwk::{Curve, Jwk, KeyParameters};
use super::verifying_key::ec_algorithm;

impl Jwk {
    /// Reads exactly one PEM section `PUBLIC KEY`.
    ///
    /// Text around the section is allowed (RFC 7468 section 5.2), a second section or a private key
    /// is not. There is no fall-back to another kind of credential: text that is not a PEM key is a
    /// refusal, whatever it begins with.
    pub fn from_spki_pem(pem: &str) -> Result<Self, KeyFault> {
        let mut sections = <(SectionKind, Vec<u8>)>::pem_slice_iter(pem.as_bytes());
        match (sections.next(), sections.next()) {
            (Some(Ok((SectionKind::PublicKey, der))), None) => Self::from_spki_der(&der),
            _ => Err(KeyFault::Pem),
        }
    }

    /// Reads a DER SubjectPublicKeyInfo of an RSA, P-256, P-384, P-521 or Ed25519 key. The result
    /// has neither `kid` nor `alg`.
    ///
    /// Only the canonical encoding is read (named curve, uncompressed point, `rsaEncryption`), so
    /// that one key has one registered form and nothing follows it.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyFault> {
        let parameters = match rsa(der) {
            Some(parameters) => parameters?,
            None => [Curve::P256, Curve::P384, Curve::P521, Curve::Ed25519]
                .into_iter()
                .find_map(|crv| on_curve(crv, der))
                .ok_or(KeyFault::Spki)??,
        };
        Ok(Self {
            parameters,
            alg: None,
            kid: None,
        })
    }
}

fn rsa(der: &[u8]) -> Option<Result<KeyParameters, KeyFault>> {
    let key = RsaSubjectPublicKey::from_der(der).ok()?;
    let numbers = RsaPublicKeyComponents::<Vec<u8>>::from(&key);
    is_canonical(numbers.as_der().ok(), der)?;
    Some(KeyParameters::rsa(numbers.n, numbers.e))
}

fn on_curve(crv: Curve, der: &[u8]) -> Option<Result<KeyParameters, KeyFault>> {
    let key = ParsedPublicKey::new(ec_algorithm(crv), der).ok()?;
    is_canonical(key.as_der().ok(), der)?;
    // In the canonical encoding the key itself is what the bytes end with.
    let len = crv.coordinate_len();
    Some(match crv {
        Curve::P256 | Curve::P384 | Curve::P521 => {
            let (rest, y) = der.split_at_checked(der.len().checked_sub(len)?)?;
            let (_, x) = rest.split_at_checked(rest.len().checked_sub(len)?)?;
            KeyParameters::point(crv, x.to_vec(), y.to_vec())
        }
        Curve::Ed25519 => {
            let (_, x) = der.split_at_checked(der.len().checked_sub(len)?)?;
            KeyParameters::point(crv, x.to_vec(), Vec::new())
        }
    })
}

fn is_canonical(encoded: Option<PublicKeyX509Der<'static>>, der: &[u8]) -> Option<()> {
    (encoded?.as_ref() == der).then_some(())
}
