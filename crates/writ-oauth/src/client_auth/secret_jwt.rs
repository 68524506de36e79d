//! `client_secret_jwt`: a JWT under a MAC whose key is the client's secret.

use super::AuthMethod;
use crate::jose::{Alg, VerifyingKey};
use crate::secret::PlainSecret;

/// An assertion with a symmetric algorithm is of this method, whatever the client has registered.
pub(super) const METHOD: AuthMethod = AuthMethod::ClientSecretJwt;

/// A client's secret as a key. `None`: it is too short for the algorithm, or the algorithm takes no secret.
///
/// > The HMAC [...] is calculated using the octets of the UTF-8 representation of the "client_secret" as the shared key.
///
/// <https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication>
pub fn hmac_key(secret: &PlainSecret, alg: Alg) -> Option<VerifyingKey> {
    VerifyingKey::from_secret(secret.expose().as_bytes(), alg).ok()
}
