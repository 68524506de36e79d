//! What an access token is bound to: the certificate of the client's connection (RFC 8705 section 3).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// The name of the confirmation method.
const X5T_S256: &str = "x5t#S256";

/// The SHA-256 digest of a certificate in DER.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CertificateThumbprint([u8; 32]);

impl CertificateThumbprint {
    /// From the digest.
    pub const fn new(sha256: [u8; 32]) -> Self {
        Self(sha256)
    }

    /// Reads base64url without padding, in its one spelling.
    fn read(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

/// In base64url, as `x5t#S256` has it.
impl fmt::Display for CertificateThumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for CertificateThumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for CertificateThumbprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The claim `cnf` of a token: whoever uses it presents this certificate.
///
/// > To represent the hash of a certificate in a JWT, this specification defines the new JWT Confirmation Method
/// > RFC 7800 member "x5t#S256" for the X.509 Certificate SHA-256 Thumbprint.
///
/// <https://www.rfc-editor.org/rfc/rfc8705#section-3.1>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Confirmation {
    /// The certificate.
    #[serde(rename = "x5t#S256")]
    pub certificate: CertificateThumbprint,
}

impl Confirmation {
    /// Reads a claim. `None`: it asks for something else, or for more, than this server can check.
    pub fn read(claim: &Value) -> Option<Self> {
        let members = claim.as_object().filter(|members| members.len() == 1)?;
        let certificate = CertificateThumbprint::read(members.get(X5T_S256)?.as_str()?)?;
        Some(Self { certificate })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn case_42_what_is_written_is_read_and_nothing_else_is() {
        let confirmation = Confirmation { certificate: CertificateThumbprint::new([0xfb; 32]) };
        let written = json!(confirmation);
        assert_eq!(written, json!({ "x5t#S256": "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s" }));
        assert_eq!(Confirmation::read(&written), Some(confirmation));
        for other in [
            json!(null),
            json!({}),
            json!({ "jkt": "x" }),
            json!({ "x5t#S256": "-_v7" }),
            json!({ "x5t#S256": 1 }),
            json!({ "x5t#S256": "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_t" }),
            json!({ "x5t#S256": "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s=" }),
            json!({ "x5t#S256": "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s", "jkt": "x" }),
            json!(["-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s"]),
        ] {
            assert_eq!(Confirmation::read(&other), None, "{other}");
        }
    }
}
