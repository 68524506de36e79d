//! A key pair that signs, bound to one algorithm.

use std::fmt;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RsaEncoding,
    RsaKeyPair, RsaPublicKeyComponents,
};
use zeroize::Zeroizing;

use super::alg::Alg;
use super::fault::{KeyFault, SignFault};
use super::jwk::{Curve, Jwk, KeyParameters};

/// A private key in PKCS#8 DER, unencrypted: to be sealed at once. Wiped when dropped.
pub struct Pkcs8(Zeroizing<Vec<u8>>);

impl Pkcs8 {
    fn new(der: &[u8]) -> Self {
        Self(Zeroizing::new(der.to_vec()))
    }

    /// The DER octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A key pair parsed once and bound to one algorithm. Its `kid` is its RFC 7638 thumbprint.
///
/// [`sign`](Self::sign) takes octets and returns octets: that is the seam behind which a KMS or an
/// HSM can stand later. It is a method and not a trait because there is one signer today.
pub struct SigningKey {
    public: Jwk,
    kid: String,
    alg: Alg,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// What it takes to make or read a key pair for an algorithm.
#[derive(Clone, Copy)]
enum Scheme {
    Rsa(&'static dyn RsaEncoding),
    Ecdsa(Curve, &'static EcdsaSigningAlgorithm),
    Ed25519,
}

impl SigningKey {
    /// Makes a new key pair, RSA with 2048 bits. The second value is the only copy of the private
    /// key outside the parsed one.
    ///
    /// An RSA key takes tens to hundreds of milliseconds to make.
    pub fn generate(alg: Alg) -> Result<(Self, Pkcs8), KeyFault> {
        let pkcs8 = match scheme(alg)? {
            Scheme::Rsa(_) => return Self::generate_rsa(alg, 2048),
            Scheme::Ecdsa(_, signing) => EcdsaKeyPair::generate(signing)
                .and_then(|pair| pair.to_pkcs8v1())
                .map_err(|_| KeyFault::Generation)?,
            // Version 1, which every other tool reads; version 2 adds only the public key.
            Scheme::Ed25519 => Ed25519KeyPair::generate()
                .and_then(|pair| pair.to_pkcs8v1())
                .map_err(|_| KeyFault::Generation)?,
        };
        let key = Self::from_pkcs8(alg, pkcs8.as_ref())?;
        Ok((key, Pkcs8::new(pkcs8.as_ref())))
    }

    /// Makes a new RSA key pair of 2048, 3072 or 4096 bits.
    pub fn generate_rsa(alg: Alg, bits: u16) -> Result<(Self, Pkcs8), KeyFault> {
        let Scheme::Rsa(_) = scheme(alg)? else {
            return Err(KeyFault::AlgMismatch);
        };
        let size = match bits {
            2048 => KeySize::Rsa2048,
            3072 => KeySize::Rsa3072,
            4096 => KeySize::Rsa4096,
            _ => return Err(KeyFault::RsaSize),
        };
        let pkcs8 = RsaKeyPair::generate(size)
            .and_then(|pair| pair.as_der())
            .map_err(|_| KeyFault::Generation)?;
        let key = Self::from_pkcs8(alg, pkcs8.as_ref())?;
        Ok((key, Pkcs8::new(pkcs8.as_ref())))
    }

    /// Reads an unencrypted PKCS#8 private key in DER, for `alg`.
    pub fn from_pkcs8(alg: Alg, der: &[u8]) -> Result<Self, KeyFault> {
        let (pair, parameters) = match scheme(alg)? {
            Scheme::Rsa(encoding) => {
                let pair = RsaKeyPair::from_pkcs8(der).map_err(|_| KeyFault::Pkcs8)?;
                let numbers = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                let parameters = KeyParameters::rsa(numbers.n, numbers.e)?;
                (Pair::Rsa(pair, encoding), parameters)
            }
            Scheme::Ecdsa(crv, signing) => {
                let pair = EcdsaKeyPair::from_pkcs8(signing, der).map_err(|_| KeyFault::Pkcs8)?;
                let parameters = coordinates(crv, pair.public_key().as_ref())?;
                (Pair::Ecdsa(pair), parameters)
            }
            Scheme::Ed25519 => {
                let pair = Ed25519KeyPair::from_pkcs8(der).map_err(|_| KeyFault::Pkcs8)?;
                let x = pair.public_key().as_ref().to_vec();
                let parameters = KeyParameters::point(Curve::Ed25519, x, Vec::new())?;
                (Pair::Ed25519(pair), parameters)
            }
        };
        let unnamed = Jwk {
            parameters,
            alg: Some(alg),
            kid: None,
        };
        let kid = unnamed.thumbprint();
        Ok(Self {
            public: unnamed.with_kid(kid.clone()),
            kid,
            alg,
            pair,
        })
    }

    /// Signs `message`; an ECDSA signature is R and S, side by side.
    ///
    /// > Concatenate the two octet sequences in the order R and then S.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7518#section-3.4>
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignFault> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature)
                    .map_err(|_| SignFault::Signer)?;
                Ok(signature)
            }
            Pair::Ecdsa(pair) => {
                let signature = pair.sign(&random, message);
                let signature = signature.map_err(|_| SignFault::Signer)?;
                Ok(signature.as_ref().to_vec())
            }
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }

    /// The public half, as it is published: with `kid`, `alg` and `use`.
    pub const fn public_jwk(&self) -> &Jwk {
        &self.public
    }

    /// The one algorithm this key signs with.
    pub const fn alg(&self) -> Alg {
        self.alg
    }

    /// The key id: the RFC 7638 thumbprint of the public key.
    pub fn kid(&self) -> &str {
        &self.kid
    }
}

/// Names the key; shows no material.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("alg", &self.alg)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

fn scheme(alg: Alg) -> Result<Scheme, KeyFault> {
    Ok(match alg {
        Alg::RS256 => Scheme::Rsa(&signature::RSA_PKCS1_SHA256),
        Alg::RS384 => Scheme::Rsa(&signature::RSA_PKCS1_SHA384),
        Alg::RS512 => Scheme::Rsa(&signature::RSA_PKCS1_SHA512),
        Alg::PS256 => Scheme::Rsa(&signature::RSA_PSS_SHA256),
        Alg::PS384 => Scheme::Rsa(&signature::RSA_PSS_SHA384),
        Alg::PS512 => Scheme::Rsa(&signature::RSA_PSS_SHA512),
        Alg::ES256 => Scheme::Ecdsa(Curve::P256, &signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        Alg::ES384 => Scheme::Ecdsa(Curve::P384, &signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        Alg::ES512 => Scheme::Ecdsa(Curve::P521, &signature::ECDSA_P521_SHA512_FIXED_SIGNING),
        Alg::EdDSA => Scheme::Ed25519,
        Alg::HS256 | Alg::HS384 | Alg::HS512 => return Err(KeyFault::NoKeyPair),
    })
}

/// Splits an uncompressed SEC 1 point: 04, x, y.
fn coordinates(crv: Curve, point: &[u8]) -> Result<KeyParameters, KeyFault> {
    let xy = point.strip_prefix(&[4]).ok_or(KeyFault::Point)?;
    let (x, y) = xy
        .split_at_checked(crv.coordinate_len())
        .ok_or(KeyFault::Point)?;
    KeyParameters::point(crv, x.to_vec(), y.to_vec())
}
