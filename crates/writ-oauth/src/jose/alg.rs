//! The signature algorithms Writ knows, and nothing else.

use serde::{Deserialize, Serialize};

use super::jwk::Curve;

/// A JWS signature algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1).
///
/// `none` is not here, nor is any encryption algorithm: what cannot be named cannot be negotiated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Alg {
    /// RSASSA-PKCS1-v1_5 using SHA-256
    RS256,
    /// RSASSA-PKCS1-v1_5 using SHA-384
    RS384,
    /// RSASSA-PKCS1-v1_5 using SHA-512
    RS512,
    /// RSASSA-PSS using SHA-256 and MGF1 with SHA-256
    PS256,
    /// RSASSA-PSS using SHA-384 and MGF1 with SHA-384
    PS384,
    /// RSASSA-PSS using SHA-512 and MGF1 with SHA-512
    PS512,
    /// ECDSA using P-256 and SHA-256
    ES256,
    /// ECDSA using P-384 and SHA-384
    ES384,
    /// ECDSA using P-521 and SHA-512
    ES512,
    /// EdDSA, here always with Ed25519
    EdDSA,
    /// HMAC using SHA-256
    HS256,
    /// HMAC using SHA-384
    HS384,
    /// HMAC using SHA-512
    HS512,
}

impl Alg {
    /// Every algorithm, in the order of the registry.
    pub const ALL: [Self; 13] = [
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::ES512,
        Self::EdDSA,
        Self::HS256,
        Self::HS384,
        Self::HS512,
    ];

    /// The registered name, as it stands in a header's `alg`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::ES512 => "ES512",
            Self::EdDSA => "EdDSA",
            Self::HS256 => "HS256",
            Self::HS384 => "HS384",
            Self::HS512 => "HS512",
        }
    }

    /// The algorithm with exactly this name.
    ///
    /// > The "alg" value is a case-sensitive ASCII string containing a StringOrURI value.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7515#section-4.1.1>
    ///
    /// `Ed25519` is read as well, and never written: newer clients say it for what is EdDSA here, since EdDSA is
    /// only ever with Ed25519.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc9864#section-2.2>
    pub fn from_name(name: &str) -> Option<Self> {
        let name = if name == "Ed25519" { Self::EdDSA.name() } else { name };
        Self::ALL.into_iter().find(|alg| alg.name() == name)
    }

    /// Whether the verifier holds the same secret as the signer.
    pub const fn is_symmetric(self) -> bool {
        matches!(self, Self::HS256 | Self::HS384 | Self::HS512)
    }

    /// Whether its keys are RSA keys, which take many times as long to sign as others.
    pub const fn is_rsa(self) -> bool {
        matches!(self, Self::RS256 | Self::RS384 | Self::RS512 | Self::PS256 | Self::PS384 | Self::PS512)
    }

    /// The JWK key type that this algorithm needs: `RSA`, `EC`, `OKP` or `oct`.
    pub const fn kty(self) -> &'static str {
        match self {
            Self::RS256 | Self::RS384 | Self::RS512 | Self::PS256 | Self::PS384 | Self::PS512 => "RSA",
            Self::ES256 | Self::ES384 | Self::ES512 => "EC",
            Self::EdDSA => "OKP",
            Self::HS256 | Self::HS384 | Self::HS512 => "oct",
        }
    }

    /// The one curve this algorithm works on, if it is an elliptic-curve algorithm. A curve has one
    /// algorithm and an algorithm one curve: ES256 with a P-384 key does not exist.
    pub const fn curve(self) -> Option<Curve> {
        match self {
            Self::ES256 => Some(Curve::P256),
            Self::ES384 => Some(Curve::P384),
            Self::ES512 => Some(Curve::P521),
            Self::EdDSA => Some(Curve::Ed25519),
            Self::RS256
            | Self::RS384
            | Self::RS512
            | Self::PS256
            | Self::PS384
            | Self::PS512
            | Self::HS256
            | Self::HS384
            | Self::HS512 => None,
        }
    }
}

impl std::fmt::Display for Alg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_and_is_the_serde_form() {
        for alg in Alg::ALL {
            assert_eq!(Alg::from_name(alg.name()), Some(alg));
            let json = serde_json::to_string(&alg).unwrap();
            assert_eq!(json, format!("\"{alg}\""));
            assert_eq!(serde_json::from_str::<Alg>(&json).unwrap(), alg);
        }
    }

    #[test]
    fn names_are_exact() {
        for name in ["rs256", "RS256 ", "", "none", "NONE", "RSA-OAEP", "HS1"] {
            assert_eq!(Alg::from_name(name), None, "{name:?}");
        }
    }

    #[test]
    fn only_hmac_is_symmetric() {
        for alg in Alg::ALL {
            assert_eq!(alg.is_symmetric(), alg.kty() == "oct", "{alg}");
        }
    }
}
