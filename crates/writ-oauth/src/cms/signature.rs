//! The mathematics of one signature.

use aws_lc_rs::signature::{self as rules, ParsedPublicKey, VerificationAlgorithm};

use super::algorithm::{Digest, Scheme};
use super::fault::CmsFault;
use crate::jose::{Curve, Jwk, KeyParameters};

/// Checks `signature` over `message` under the SubjectPublicKeyInfo `spki`.
///
/// The key must be one that Writ would take as a registered key, so RSA has 2048 bits or more.
pub(super) fn check(
    spki: &[u8],
    (scheme, digest): (Scheme, Digest),
    message: &[u8],
    signature: &[u8],
) -> Result<(), CmsFault> {
    let key = Jwk::from_spki_der(spki).map_err(CmsFault::SignerKey)?;
    let rules = match key.parameters() {
        KeyParameters::Rsa { .. } => rsa(scheme, digest),
        KeyParameters::Curve { crv, .. } => ecdsa(scheme, digest, *crv),
    };
    let key = ParsedPublicKey::new(rules.ok_or(CmsFault::KeyMismatch)?, spki).map_err(|_| CmsFault::KeyMismatch)?;
    key.verify_sig(message, signature).map_err(|_| CmsFault::Signature)
}

fn rsa(scheme: Scheme, digest: Digest) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (scheme, digest) {
        (Scheme::RsaPkcs1, Digest::Sha1) => &rules::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (Scheme::RsaPkcs1, Digest::Sha256) => &rules::RSA_PKCS1_2048_8192_SHA256,
        (Scheme::RsaPkcs1, Digest::Sha384) => &rules::RSA_PKCS1_2048_8192_SHA384,
        (Scheme::RsaPkcs1, Digest::Sha512) => &rules::RSA_PKCS1_2048_8192_SHA512,
        (Scheme::RsaPss, Digest::Sha256) => &rules::RSA_PSS_2048_8192_SHA256,
        (Scheme::RsaPss, Digest::Sha384) => &rules::RSA_PSS_2048_8192_SHA384,
        (Scheme::RsaPss, Digest::Sha512) => &rules::RSA_PSS_2048_8192_SHA512,
        (Scheme::RsaPss, Digest::Sha1) | (Scheme::Ecdsa, _) => return None,
    })
}

fn ecdsa(scheme: Scheme, digest: Digest, curve: Curve) -> Option<&'static dyn VerificationAlgorithm> {
    if scheme != Scheme::Ecdsa {
        return None;
    }
    Some(match (curve, digest) {
        (Curve::P256, Digest::Sha256) => &rules::ECDSA_P256_SHA256_ASN1,
        (Curve::P256, Digest::Sha384) => &rules::ECDSA_P256_SHA384_ASN1,
        (Curve::P256, Digest::Sha512) => &rules::ECDSA_P256_SHA512_ASN1,
        (Curve::P384, Digest::Sha256) => &rules::ECDSA_P384_SHA256_ASN1,
        (Curve::P384, Digest::Sha384) => &rules::ECDSA_P384_SHA384_ASN1,
        (Curve::P384, Digest::Sha512) => &rules::ECDSA_P384_SHA512_ASN1,
        (Curve::P521, Digest::Sha256) => &rules::ECDSA_P521_SHA256_ASN1,
        (Curve::P521, Digest::Sha384) => &rules::ECDSA_P521_SHA384_ASN1,
        (Curve::P521, Digest::Sha512) => &rules::ECDSA_P521_SHA512_ASN1,
        (Curve::Ed25519, _) | (_, Digest::Sha1) => return None,
    })
}
