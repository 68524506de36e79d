//! Making JWTs.

use std::sync::Arc;

use serde::Serialize;

use super::alg::Alg;
use super::base64url;
use super::fault::SignFault;
use super::hmac_key::HmacKey;
use super::signing_key::SigningKey;

/// A signing key together with the type of token it signs, its header encoded once.
///
/// An issuer keeps one of these per token type; issuing then costs the claims' JSON, their base64url
/// and the signature.
#[derive(Clone, Debug)]
pub struct JwtSigner {
    key: Arc<SigningKey>,
    /// base64url of the header and the dot that follows it
    encoded_header: Arc<str>,
}

impl JwtSigner {
    /// A signer of tokens with this `typ` (`at+jwt`, `JWT`) and the key's `alg` and `kid`.
    pub fn new(key: Arc<SigningKey>, typ: &str) -> Result<Self, SignFault> {
        let encoded_header = encoded_header(key.alg(), typ, Some(key.kid()))?.into();
        Ok(Self {
            key,
            encoded_header,
        })
    }

    /// The key that signs.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// A compact JWS of `claims`, which must serialise as a JSON object without duplicate members.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, SignFault> {
        let mut jwt = signing_input(&self.encoded_header, claims)?;
        let signature = self.key.sign(jwt.as_bytes())?;
        finish(&mut jwt, signature);
        Ok(jwt)
    }
}

/// Signs one JWT. Who signs many with one key keeps a [`JwtSigner`].
pub fn sign_jwt(key: &SigningKey, typ: &str, claims: &impl Serialize) -> Result<String, SignFault> {
    let header = encoded_header(key.alg(), typ, Some(key.kid()))?;
    let mut jwt = signing_input(&header, claims)?;
    let signature = key.sign(jwt.as_bytes())?;
    finish(&mut jwt, signature);
    Ok(jwt)
}

/// Signs one JWT with a shared secret, as a client that authenticates with `client_secret_jwt` does.
/// The header has no `kid`.
pub fn sign_jwt_with_secret(
    key: &HmacKey,
    typ: &str,
    claims: &impl Serialize,
) -> Result<String, SignFault> {
    let header = encoded_header(key.alg(), typ, None)?;
    let mut jwt = signing_input(&header, claims)?;
    let tag = key.sign(jwt.as_bytes());
    finish(&mut jwt, tag);
    Ok(jwt)
}

#[derive(Serialize)]
struct Header<'a> {
    alg: Alg,
    typ: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

fn encoded_header(alg: Alg, typ: &str, kid: Option<&str>) -> Result<String, SignFault> {
    let header = serde_json::to_vec(&Header { alg, typ, kid }).map_err(|_| SignFault::Claims)?;
    let mut encoded = base64url::encode(header);
    encoded.push('.');
    Ok(encoded)
}

/// Room for the longest usual signature (RSA with 4096 bits), so that the token is allocated once.
const SIGNATURE_ROOM: usize = 1 + 683;

fn signing_input(encoded_header: &str, claims: &impl Serialize) -> Result<String, SignFault> {
    let claims = serde_json::to_vec(claims).map_err(|_| SignFault::Claims)?;
    let room = encoded_header.len() + claims.len().div_ceil(3) * 4 + SIGNATURE_ROOM;
    let mut jwt = String::with_capacity(room);
    jwt.push_str(encoded_header);
    base64url::encode_onto(claims, &mut jwt);
    Ok(jwt)
}

fn finish(jwt: &mut String, signature: impl AsRef<[u8]>) {
    jwt.push('.');
    base64url::encode_onto(signature, jwt);
}
