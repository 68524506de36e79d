//! Reading a JWK that somebody else wrote.

use serde_json::{Map, Value};

use super::alg::Alg;
use super::base64url;
use super::fault::KeyFault;
use super::json::parse_object;
use super::jwk::{Curve, Jwk, KeyParameters};

/// Members that only a private or secret key has (RFC 7518 sections 6.2.2, 6.3.2; RFC 8037 section 2).
const PRIVATE_MEMBERS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];

impl Jwk {
    /// Reads one JWK from JSON text. The caller bounds its length.
    pub fn parse(json: &[u8]) -> Result<Self, KeyFault> {
        Self::from_members(&parse_object(json)?)
    }

    /// Reads one JWK from its members, for instance of a header's `jwk` (whose sender then has to
    /// prove possession of the key; being in a header makes no key trusted).
    pub fn from_members(jwk: &Map<String, Value>) -> Result<Self, KeyFault> {
        refuse_secrets(jwk)?;
        let parameters = parameters(jwk)?;
        for_verifying(jwk)?;
        let alg = match text(jwk, "alg")? {
            Some(name) => Some(Alg::from_name(name).ok_or(KeyFault::UnknownAlg)?),
            None => None,
        };
        let kid = text(jwk, "kid")?.map(str::to_owned);
        let jwk = Self { parameters, alg, kid };
        match alg {
            Some(alg) if !jwk.permits(alg) => Err(KeyFault::AlgMismatch),
            Some(_) | None => Ok(jwk),
        }
    }
}

/// Whoever sends a private key has published it, and a set with a symmetric key makes its every
/// reader a signer. Both are faults of the sender that must not pass unnoticed.
pub(super) fn refuse_secrets(jwk: &Map<String, Value>) -> Result<(), KeyFault> {
    let is_oct = jwk.get("kty").and_then(Value::as_str) == Some("oct");
    if is_oct || jwk.contains_key("k") {
        return Err(KeyFault::SymmetricJwk);
    }
    if PRIVATE_MEMBERS.iter().any(|name| jwk.contains_key(*name)) {
        return Err(KeyFault::PrivateMember);
    }
    Ok(())
}

fn parameters(jwk: &Map<String, Value>) -> Result<KeyParameters, KeyFault> {
    match required_text(jwk, "kty")? {
        "RSA" => KeyParameters::rsa(octets(jwk, "n")?, octets(jwk, "e")?),
        "EC" => {
            let crv = match required_text(jwk, "crv")? {
                "P-256" => Curve::P256,
                "P-384" => Curve::P384,
                "P-521" => Curve::P521,
                _ => return Err(KeyFault::UnknownCurve),
            };
            KeyParameters::point(crv, octets(jwk, "x")?, octets(jwk, "y")?)
        }
        "OKP" => match required_text(jwk, "crv")? {
            "Ed25519" => KeyParameters::point(Curve::Ed25519, octets(jwk, "x")?, Vec::new()),
            _ => Err(KeyFault::UnknownCurve),
        },
        _ => Err(KeyFault::UnknownKty),
    }
}

/// > The "use" (public key use) parameter identifies the intended use of the public key.
///
/// > Duplicate key operation values MUST NOT be present in the array.
///
/// <https://www.rfc-editor.org/rfc/rfc7517#section-4.2>,
/// <https://www.rfc-editor.org/rfc/rfc7517#section-4.3>
///
/// The key set of a SPIFFE trust domain says `jwt-svid` of the keys that JWT-SVIDs are verified with.
/// <https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE_Trust_Domain_and_Bundle.md#42-jwk-elements>
fn for_verifying(jwk: &Map<String, Value>) -> Result<(), KeyFault> {
    if text(jwk, "use")?.is_some_and(|intended| !matches!(intended, "sig" | "jwt-svid")) {
        return Err(KeyFault::NotForVerifying);
    }
    let Some(operations) = jwk.get("key_ops") else {
        return Ok(());
    };
    let operations = operations.as_array().ok_or(KeyFault::MemberForm)?;
    for (index, operation) in operations.iter().enumerate() {
        if !operation.is_string() || operations.iter().skip(index + 1).any(|o| o == operation) {
            return Err(KeyFault::MemberForm);
        }
    }
    if operations.iter().any(|operation| operation == "verify") { Ok(()) } else { Err(KeyFault::NotForVerifying) }
}

fn text<'j>(jwk: &'j Map<String, Value>, name: &str) -> Result<Option<&'j str>, KeyFault> {
    jwk.get(name).map(|value| value.as_str().ok_or(KeyFault::MemberForm)).transpose()
}

fn required_text<'j>(jwk: &'j Map<String, Value>, name: &str) -> Result<&'j str, KeyFault> {
    text(jwk, name)?.ok_or(KeyFault::MemberMissing)
}

fn octets(jwk: &Map<String, Value>, name: &str) -> Result<Vec<u8>, KeyFault> {
    base64url::decode(required_text(jwk, name)?).ok_or(KeyFault::MemberBase64)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn ed25519(more: &str) -> Result<Jwk, KeyFault> {
        Jwk::parse(format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{X}"{more}}}"#).as_bytes())
    }

    #[test]
    fn case_14_use_key_ops_and_alg_are_honoured() {
        for good in [
            "",
            r#","use":"sig""#,
            r#","use":"jwt-svid""#,
            r#","key_ops":["verify"],"alg":"EdDSA""#,
            r#","key_ops":["sign","verify"]"#,
        ] {
            assert_eq!(ed25519(good).unwrap().algs().collect::<Vec<_>>(), [Alg::EdDSA], "{good}");
        }
        for (more, fault) in [
            (r#","use":"enc""#, KeyFault::NotForVerifying),
            (r#","use":7"#, KeyFault::MemberForm),
            (r#","key_ops":["encrypt"]"#, KeyFault::NotForVerifying),
            (r#","key_ops":[]"#, KeyFault::NotForVerifying),
            (r#","key_ops":"verify""#, KeyFault::MemberForm),
            (r#","key_ops":["verify","verify"]"#, KeyFault::MemberForm),
            (r#","key_ops":["verify",1]"#, KeyFault::MemberForm),
            (r#","alg":"RS256""#, KeyFault::AlgMismatch),
            (r#","alg":"HS256""#, KeyFault::AlgMismatch),
            (r#","alg":"none""#, KeyFault::UnknownAlg),
            (r#","alg":null"#, KeyFault::MemberForm),
            (r#","kid":1"#, KeyFault::MemberForm),
        ] {
            assert_eq!(ed25519(more), Err(fault), "{more}");
        }
    }

    #[test]
    fn private_and_symmetric_keys_are_refused() {
        for name in PRIVATE_MEMBERS {
            let private = ed25519(&format!(r#","{name}":"AA""#));
            assert_eq!(private, Err(KeyFault::PrivateMember), "{name}");
        }
        assert_eq!(ed25519(r#","k":"AA""#), Err(KeyFault::SymmetricJwk));
        let oct = Jwk::parse(br#"{"kty":"oct","k":"AAAA"}"#);
        assert_eq!(oct, Err(KeyFault::SymmetricJwk));
    }

    #[test]
    fn what_is_not_known_or_not_whole_is_named() {
        for (json, fault) in [
            ("{}", KeyFault::MemberMissing),
            (r#"{"kty":1}"#, KeyFault::MemberForm),
            (r#"{"kty":"AKP"}"#, KeyFault::UnknownKty),
            (r#"{"kty":"RSA","e":"AQAB"}"#, KeyFault::MemberMissing),
            (r#"{"kty":"RSA","n":"A=","e":"AQAB"}"#, KeyFault::MemberBase64),
            (r#"{"kty":"EC","crv":"secp256k1"}"#, KeyFault::UnknownCurve),
            (r#"{"kty":"EC","crv":"Ed25519"}"#, KeyFault::UnknownCurve),
            (r#"{"kty":"OKP","crv":"X25519"}"#, KeyFault::UnknownCurve),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#, KeyFault::Point),
        ] {
            assert_eq!(Jwk::parse(json.as_bytes()), Err(fault), "{json}");
        }
    }
}
