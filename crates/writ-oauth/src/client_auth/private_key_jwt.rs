//! `private_key_jwt`: a JWT under a signature of the client's private key.

use super::AuthMethod;

/// An assertion with an asymmetric algorithm is of this method, whatever the client has registered.
///
/// Which key may make which signature is not decided by the assertion: a [`VerifyingKey`] is bound to one algorithm, and
/// the public octets of a key are never a secret of `client_secret_jwt`, which has keys of its own.
///
/// [`VerifyingKey`]: crate::jose::VerifyingKey
pub(super) const METHOD: AuthMethod = AuthMethod::PrivateKeyJwt;
