//! A JWT as it was presented: read, checked for form, proven by nothing.

use std::fmt;

use serde_json::{Map, Value};

use super::alg::Alg;
use super::base64url;
use super::claims::Claims;
use super::fault::JwtFault;
use super::json::parse_object;
use super::verifying_key::VerifyingKey;

/// The longest JWT that is read, in octets. Proxies and servers bound header lines at 8 to 16 KiB,
/// so a longer token could not be used as a bearer token anyway.
pub const MAX_JWT_BYTES: usize = 16 * 1024;

/// A compact JWS whose header and claims are strict JSON of the right types, and of which nothing is
/// known to be true. [`verify`](super::verify) makes a [`Verified`](super::Verified) of it.
pub struct UnverifiedJwt {
    header: Map<String, Value>,
    alg: Alg,
    claims: Claims,
    /// base64url of header and payload with the dot between: what the signature is over
    signing_input: String,
    signature: Vec<u8>,
}

impl UnverifiedJwt {
    /// Reads a compact JWS. Encrypted, compressed, nested, unsigned and unencoded tokens are refused,
    /// as is every `crit` extension.
    pub fn parse(jwt: &str) -> Result<Self, JwtFault> {
        if jwt.len() > MAX_JWT_BYTES {
            return Err(JwtFault::TooLong);
        }
        let (signing_input, signature) = jwt.rsplit_once('.').ok_or(JwtFault::NotThreeParts)?;
        let (header, payload) = signing_input.split_once('.').ok_or(JwtFault::NotThreeParts)?;
        let parts = [header, payload, signature];
        if parts.iter().any(|part| part.is_empty()) || payload.contains('.') {
            return Err(JwtFault::NotThreeParts);
        }
        let header = parse_object(&decode(header)?).map_err(JwtFault::HeaderJson)?;
        let alg = header_alg(&header)?;
        refuse_extensions(&header)?;
        let payload = decode(payload)?;
        refuse_nested(&header, &payload)?;
        let claims = parse_object(&payload).map_err(JwtFault::ClaimsJson)?;
        Ok(Self {
            header,
            alg,
            claims: Claims::from_members(claims)?,
            signing_input: signing_input.to_owned(),
            signature: decode(signature)?,
        })
    }

    /// The algorithm the header names. It selects among the registered keys, nothing more.
    pub const fn header_alg(&self) -> Alg {
        self.alg
    }

    /// The header's `kid`. Compared with registered key ids, never used to look anything up
    /// elsewhere.
    pub fn kid(&self) -> Option<&str> {
        self.header.get("kid").and_then(Value::as_str)
    }

    /// The header's `typ`, as it stands there.
    pub fn typ(&self) -> Option<&str> {
        self.header.get("typ").and_then(Value::as_str)
    }

    /// A header member by name. For the methods that are defined by one (`x5c` of a certificate
    /// assertion, `jwk` of a DPoP proof) and prove what it says.
    pub fn unverified_header(&self, name: &str) -> Option<&Value> {
        self.header.get(name)
    }

    /// The `iss` that the sender claims, to find the keys to verify with.
    pub fn unverified_iss(&self) -> Option<&str> {
        self.claims.iss()
    }

    /// The first `aud` that the sender claims, where that is who the token was issued to.
    pub fn unverified_aud(&self) -> Option<&str> {
        self.claims.aud().next()
    }

    /// The `sub` that the sender claims, to find the keys to verify with.
    pub fn unverified_sub(&self) -> Option<&str> {
        self.claims.sub()
    }

    /// The `client_id` that the sender claims, to find the keys to verify with.
    ///
    /// # Errors
    /// [`JwtFault::ClaimType`] when it is not a string.
    pub fn unverified_client_id(&self) -> Result<Option<&str>, JwtFault> {
        self.claims.client_id()
    }

    /// Whether this key made the signature. Says nothing about the token: [`verify`](super::verify) does.
    pub(crate) fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        key.verifies(self.signing_input(), self.signature())
    }

    /// Only for what is refused without knowing who signed.
    pub(super) const fn unverified_claims(&self) -> &Claims {
        &self.claims
    }

    pub(super) fn signing_input(&self) -> &[u8] {
        self.signing_input.as_bytes()
    }

    pub(super) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Only for [`verify`](super::verify), which proves them first.
    pub(super) fn into_claims(self) -> Claims {
        self.claims
    }
}

/// Shows the algorithm only: the rest is a credential, or chosen by whoever sent it.
impl fmt::Debug for UnverifiedJwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedJwt").field("alg", &self.alg).finish_non_exhaustive()
    }
}

fn decode(part: &str) -> Result<Vec<u8>, JwtFault> {
    base64url::decode(part).ok_or(JwtFault::Base64)
}

/// > The "alg" value is a case-sensitive ASCII string [...]. This Header Parameter MUST be present
/// > and MUST be understood and processed by implementations.
///
/// <https://www.rfc-editor.org/rfc/rfc7515#section-4.1.1>
fn header_alg(header: &Map<String, Value>) -> Result<Alg, JwtFault> {
    let name = text(header, "alg")?.ok_or(JwtFault::AlgMissing)?;
    if name.eq_ignore_ascii_case("none") {
        return Err(JwtFault::AlgNone);
    }
    Alg::from_name(name).ok_or(JwtFault::AlgUnknown)
}

/// > If any of the listed extension Header Parameters are not understood and supported by the
/// > recipient, then the JWS is invalid.
///
/// Writ supports none. `b64` is refused even outside `crit`, where its definition forbids it, and
/// `zip` because it is a member of encrypted tokens only.
///
/// <https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11>
fn refuse_extensions(header: &Map<String, Value>) -> Result<(), JwtFault> {
    // A header has a handful of members: looking at each is cheaper than looking one up.
    let has = |name: &str| header.keys().any(|known| known == name);
    if has("crit") {
        return Err(JwtFault::Crit);
    }
    if has("b64") {
        return Err(JwtFault::UnencodedPayload);
    }
    if has("zip") {
        return Err(JwtFault::Compressed);
    }
    text(header, "kid")?;
    text(header, "typ")?;
    Ok(())
}

/// > In the case that nested signing or encryption is employed, this Header Parameter MUST be
/// > present; in this case, the value MUST be "JWT", to indicate that a Nested JWT is carried in
/// > this JWT.
///
/// A payload that looks like a token is refused with or without the parameter.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-5.2>
fn refuse_nested(header: &Map<String, Value>, payload: &[u8]) -> Result<(), JwtFault> {
    let declared = text(header, "cty")?
        .is_some_and(|cty| cty.eq_ignore_ascii_case("JWT") || cty.eq_ignore_ascii_case("application/jwt"));
    let is_token_byte = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let looks_like_one = payload.starts_with(b"eyJ") && payload.iter().all(is_token_byte);
    if declared || looks_like_one {
        return Err(JwtFault::Nested);
    }
    Ok(())
}

fn text<'h>(header: &'h Map<String, Value>, name: &str) -> Result<Option<&'h str>, JwtFault> {
    header.get(name).map(|value| value.as_str().ok_or(JwtFault::HeaderMemberType)).transpose()
}
