//! A public key as JSON (RFC 7517), checked when it is made.

use aws_lc_rs::digest;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::alg::Alg;
use super::base64url;
use super::fault::KeyFault;
use super::verifying_key::ec_public_key;

/// An elliptic curve, by its name in `crv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    /// NIST P-256, for ES256
    P256,
    /// NIST P-384, for ES384
    P384,
    /// NIST P-521, for ES512
    P521,
    /// Ed25519, for EdDSA
    Ed25519,
}

impl Curve {
    /// The registered name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Ed25519 => "Ed25519",
        }
    }

    /// Octets in one coordinate.
    ///
    /// > The length of this octet string MUST be the full size of a coordinate for the curve
    /// > specified in the "crv" parameter.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7518#section-6.2.1.2>
    pub const fn coordinate_len(self) -> usize {
        match self {
            Self::P256 | Self::Ed25519 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// The public numbers of a key, by key type. Big-endian octets, as in the JWK.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum KeyParameters {
    /// `kty` `RSA`
    Rsa {
        /// modulus, without leading zero octets
        n: Vec<u8>,
        /// public exponent, without leading zero octets
        e: Vec<u8>,
    },
    /// `kty` `EC`, or `OKP` when the curve is Ed25519
    Curve {
        /// the curve
        crv: Curve,
        /// the x coordinate; the whole public key for Ed25519
        x: Vec<u8>,
        /// the y coordinate; empty for Ed25519
        y: Vec<u8>,
    },
}

impl KeyParameters {
    /// RSA numbers that Writ is willing to compute with.
    ///
    /// > A key of size 2048 bits or larger MUST be used with these algorithms.
    ///
    /// The upper bounds (8192 bits, an exponent of 32 bits) keep one verification short: its cost
    /// grows with the square of the size, and the sender of a JWK set chooses the size.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7518#section-3.3>
    pub(super) fn rsa(n: Vec<u8>, e: Vec<u8>) -> Result<Self, KeyFault> {
        let top = *n.first().ok_or(KeyFault::RsaSize)?;
        let bits = (n.len() * 8).saturating_sub(top.leading_zeros() as usize);
        if top == 0 || n.last().is_none_or(|low| low % 2 == 0) {
            return Err(KeyFault::RsaModulus);
        }
        if !(2048..=8192).contains(&bits) {
            return Err(KeyFault::RsaSize);
        }
        let odd = e.last().is_some_and(|low| low % 2 == 1);
        let is_one = e == [1];
        let leading_zero = e.first() == Some(&0);
        if !odd || is_one || leading_zero || e.len() > 4 {
            return Err(KeyFault::RsaExponent);
        }
        Ok(Self::Rsa { n, e })
    }

    /// A point of `crv`; the cryptographic library checks that it is one.
    pub(super) fn point(crv: Curve, x: Vec<u8>, y: Vec<u8>) -> Result<Self, KeyFault> {
        let y_len = match crv {
            Curve::P256 | Curve::P384 | Curve::P521 => crv.coordinate_len(),
            Curve::Ed25519 => 0,
        };
        if x.len() != crv.coordinate_len() || y.len() != y_len {
            return Err(KeyFault::Point);
        }
        ec_public_key(crv, &x, &y)?;
        Ok(Self::Curve { crv, x, y })
    }

    /// The key type: `RSA`, `EC` or `OKP`.
    pub const fn kty(&self) -> &'static str {
        match self {
            Self::Rsa { .. } => "RSA",
            Self::Curve {
                crv: Curve::P256 | Curve::P384 | Curve::P521,
                ..
            } => "EC",
            Self::Curve {
                crv: Curve::Ed25519,
                ..
            } => "OKP",
        }
    }

    const fn curve(&self) -> Option<Curve> {
        match self {
            Self::Rsa { .. } => None,
            Self::Curve { crv, .. } => Some(*crv),
        }
    }
}

/// A public signature key: what is published, registered, or found in somebody's JWK set.
///
/// A `Jwk` is valid by construction: its numbers are in range and its point is on its curve. It
/// never holds a private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    pub(super) parameters: KeyParameters,
    pub(super) alg: Option<Alg>,
    pub(super) kid: Option<String>,
}

impl Jwk {
    /// The public numbers.
    pub const fn parameters(&self) -> &KeyParameters {
        &self.parameters
    }

    /// The one algorithm the key is bound to, if it says so.
    pub const fn alg(&self) -> Option<Alg> {
        self.alg
    }

    /// The key id, if it has one.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The same key under another key id.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// Whether the key may be used with `alg`: type and curve fit, and the key is not bound to
    /// another algorithm.
    pub fn permits(&self, alg: Alg) -> bool {
        self.parameters.kty() == alg.kty()
            && self.parameters.curve() == alg.curve()
            && self.alg.is_none_or(|bound| bound == alg)
    }

    /// The algorithms that [`permits`](Self::permits) allows: one, except for an RSA key that is not
    /// bound, which has six.
    pub fn algs(&self) -> impl Iterator<Item = Alg> {
        Alg::ALL.into_iter().filter(|alg| self.permits(*alg))
    }

    /// The SHA-256 thumbprint in base64url: 43 characters.
    ///
    /// > Construct a JSON object [...] containing only the required members of a JWK representing
    /// > the key and with no whitespace or line breaks before or after any syntactic elements and
    /// > with the required members ordered lexicographically
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7638#section-3>
    pub fn thumbprint(&self) -> String {
        let kty = self.parameters.kty();
        // Every value is base64url or a fixed name, so nothing needs escaping.
        let required = match &self.parameters {
            KeyParameters::Rsa { n, e } => {
                let (n, e) = (base64url::encode(n), base64url::encode(e));
                format!(r#"{{"e":"{e}","kty":"{kty}","n":"{n}"}}"#)
            }
            KeyParameters::Curve { crv, x, y } => {
                let (crv, x) = (crv.name(), base64url::encode(x));
                if y.is_empty() {
                    format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}"}}"#)
                } else {
                    let y = base64url::encode(y);
                    format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}","y":"{y}"}}"#)
                }
            }
        };
        base64url::encode(digest::digest(&digest::SHA256, required.as_bytes()))
    }
}

/// The published form: `kty`, `use` (always `sig`), `alg`, `kid` and the numbers.
impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut jwk = serializer.serialize_map(None)?;
        jwk.serialize_entry("kty", self.parameters.kty())?;
        jwk.serialize_entry("use", "sig")?;
        if let Some(alg) = self.alg {
            jwk.serialize_entry("alg", alg.name())?;
        }
        if let Some(kid) = &self.kid {
            jwk.serialize_entry("kid", kid)?;
        }
        match &self.parameters {
            KeyParameters::Rsa { n, e } => {
                jwk.serialize_entry("n", &base64url::encode(n))?;
                jwk.serialize_entry("e", &base64url::encode(e))?;
            }
            KeyParameters::Curve { crv, x, y } => {
                jwk.serialize_entry("crv", crv.name())?;
                jwk.serialize_entry("x", &base64url::encode(x))?;
                if !y.is_empty() {
                    jwk.serialize_entry("y", &base64url::encode(y))?;
                }
            }
        }
        jwk.end()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn modulus(bits: usize) -> Vec<u8> {
        let mut n = vec![0xff; bits.div_ceil(8)];
        if !bits.is_multiple_of(8) {
            *n.first_mut().unwrap() = (1 << (bits % 8)) - 1;
        }
        n
    }

    fn rsa(n: Vec<u8>, e: &[u8]) -> Result<KeyParameters, KeyFault> {
        KeyParameters::rsa(n, e.to_vec())
    }

    #[test]
    fn rsa_sizes_are_counted_in_bits() {
        for bits in [2048, 2049, 3072, 8192] {
            rsa(modulus(bits), &[1, 0, 1]).unwrap();
        }
        for bits in [1, 512, 1024, 2040, 2047, 8193, 16384] {
            assert_eq!(
                rsa(modulus(bits), &[1, 0, 1]),
                Err(KeyFault::RsaSize),
                "{bits}"
            );
        }
        assert_eq!(rsa(Vec::new(), &[1, 0, 1]), Err(KeyFault::RsaSize));
    }

    #[test]
    fn rsa_numbers_must_be_sane() {
        let mut padded = modulus(2048);
        padded.insert(0, 0);
        assert_eq!(rsa(padded, &[1, 0, 1]), Err(KeyFault::RsaModulus));
        let mut even = modulus(2048);
        *even.last_mut().unwrap() = 0xfe;
        assert_eq!(rsa(even, &[1, 0, 1]), Err(KeyFault::RsaModulus));
        rsa(modulus(2048), &[3]).unwrap();
        for e in [
            &[][..],
            &[0],
            &[1],
            &[2],
            &[0, 3],
            &[1, 0, 0],
            &[1, 0, 0, 0, 1],
        ] {
            assert_eq!(rsa(modulus(2048), e), Err(KeyFault::RsaExponent), "{e:?}");
        }
    }

    #[test]
    fn points_must_have_full_length_and_lie_on_the_curve() {
        for crv in [Curve::P256, Curve::P384, Curve::P521] {
            let len = crv.coordinate_len();
            let off_curve = KeyParameters::point(crv, vec![1; len], vec![1; len]);
            assert_eq!(off_curve, Err(KeyFault::Point));
            let short = KeyParameters::point(crv, vec![1; len - 1], vec![1; len]);
            assert_eq!(short, Err(KeyFault::Point));
        }
        let with_y = KeyParameters::point(Curve::Ed25519, vec![1; 32], vec![1; 32]);
        assert_eq!(with_y, Err(KeyFault::Point));
    }
}
