//! A token as a request presents it.

use writ_oauth::binding::CertificateThumbprint;

/// A token, and the certificate of the connection it came on. Without a certificate, a `&str` or `&String` will do. No
/// `Debug`: a token is a credential.
#[derive(Clone, Copy)]
pub struct Presented<'a> {
    /// The token, without the word `Bearer`.
    pub token: &'a str,
    /// The SHA-256 digest of the client's certificate in DER, where the connection had one.
    pub certificate: Option<CertificateThumbprint>,
}

impl<'a, T: AsRef<str> + ?Sized> From<&'a T> for Presented<'a> {
    fn from(token: &'a T) -> Self {
        Self { token: token.as_ref(), certificate: None }
    }
}
