//! A key that verifies signatures, bound to one algorithm.

use std::fmt;

use aws_lc_rs::signature::{self, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm};

use super::alg::Alg;
use super::fault::KeyFault;
use super::hmac_key::HmacKey;
use super::jwk::{Curve, Jwk, KeyParameters};

/// A key parsed once and bound to one algorithm, ready to verify many signatures.
///
/// > each key MUST be used with exactly one algorithm, and this MUST be checked when the
/// > cryptographic operation is performed.
///
/// An RSA key that is registered for several algorithms is several `VerifyingKey`s
/// ([`Jwk::algs`] names them).
///
/// <https://www.rfc-editor.org/rfc/rfc8725#section-3.1>
pub struct VerifyingKey {
    alg: Alg,
    kid: Option<String>,
    material: Material,
}

enum Material {
    Public(ParsedPublicKey),
    /// boxed: it is ten times the size of the other
    Secret(Box<HmacKey>),
}

impl VerifyingKey {
    /// A public key, for `alg`.
    ///
    /// # Errors
    /// [`KeyFault::AlgMismatch`] when the key does not [permit](Jwk::permits) the algorithm.
    pub fn from_jwk(jwk: &Jwk, alg: Alg) -> Result<Self, KeyFault> {
        if !jwk.permits(alg) {
            return Err(KeyFault::AlgMismatch);
        }
        let key = match jwk.parameters() {
            KeyParameters::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .to_parsed_public_key(rsa_algorithm(alg).ok_or(KeyFault::AlgMismatch)?)
                .map_err(|_| KeyFault::RsaModulus)?,
            KeyParameters::Curve { crv, x, y } => ec_public_key(*crv, x, y)?,
        };
        Ok(Self { alg, kid: jwk.kid().map(str::to_owned), material: Material::Public(key) })
    }

    /// A public key in PEM ([`Jwk::from_spki_pem`]), for `alg`, without key id.
    pub fn from_spki_pem(pem: &str, alg: Alg) -> Result<Self, KeyFault> {
        Self::from_jwk(&Jwk::from_spki_pem(pem)?, alg)
    }

    /// A public key in DER ([`Jwk::from_spki_der`]), for `alg`, without key id.
    pub fn from_spki_der(der: &[u8], alg: Alg) -> Result<Self, KeyFault> {
        Self::from_jwk(&Jwk::from_spki_der(der)?, alg)
    }

    /// A shared secret, for one of the HMAC algorithms, without key id.
    pub fn from_secret(secret: &[u8], alg: Alg) -> Result<Self, KeyFault> {
        Ok(Self { alg, kid: None, material: Material::Secret(Box::new(HmacKey::new(alg, secret)?)) })
    }

    /// The same key under another key id.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// The same key without a key id.
    #[must_use]
    pub fn without_kid(mut self) -> Self {
        self.kid = None;
        self
    }

    /// The one algorithm this key verifies.
    pub const fn alg(&self) -> Alg {
        self.alg
    }

    /// The key id, if it has one.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether `signature` is this key's signature over `message`. An ECDSA signature is R and S,
    /// side by side.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Public(key) => key.verify_sig(message, signature).is_ok(),
            Material::Secret(key) => key.verifies(message, signature),
        }
    }
}

/// Names the key; shows no material, not even public.
impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey").field("alg", &self.alg).field("kid", &self.kid).finish_non_exhaustive()
    }
}

fn rsa_algorithm(alg: Alg) -> Option<&'static RsaParameters> {
    match alg {
        Alg::RS256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        Alg::RS384 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        Alg::RS512 => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        Alg::PS256 => Some(&signature::RSA_PSS_2048_8192_SHA256),
        Alg::PS384 => Some(&signature::RSA_PSS_2048_8192_SHA384),
        Alg::PS512 => Some(&signature::RSA_PSS_2048_8192_SHA512),
        Alg::ES256 | Alg::ES384 | Alg::ES512 | Alg::EdDSA | Alg::HS256 | Alg::HS384 | Alg::HS512 => None,
    }
}

pub(super) fn ec_algorithm(crv: Curve) -> &'static dyn VerificationAlgorithm {
    match crv {
        Curve::P256 => &signature::ECDSA_P256_SHA256_FIXED,
        Curve::P384 => &signature::ECDSA_P384_SHA384_FIXED,
        Curve::P521 => &signature::ECDSA_P521_SHA512_FIXED,
        Curve::Ed25519 => &signature::ED25519,
    }
}

/// Parses a point, which the library refuses unless it is on the curve. `y` is empty for Ed25519.
pub(super) fn ec_public_key(crv: Curve, x: &[u8], y: &[u8]) -> Result<ParsedPublicKey, KeyFault> {
    let bytes = match crv {
        // The uncompressed form of SEC 1 section 2.3.3.
        Curve::P256 | Curve::P384 | Curve::P521 => [&[4], x, y].concat(),
        Curve::Ed25519 => x.to_vec(),
    };
    ParsedPublicKey::new(ec_algorithm(crv), bytes).map_err(|_| KeyFault::Point)
}
