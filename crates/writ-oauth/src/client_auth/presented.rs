//! What a request presents to prove which client it is.

use super::{AuthMethod, secret_basic};
use crate::form::Form;
use crate::secret::PlainSecret;
use crate::{Refusal, Refused};

/// What a request presented: exactly one method.
pub enum Presented {
    /// A client secret, by either of the two ways to send one.
    Secret(AuthMethod, PresentedSecret),
}

/// A client id with the readings of the secret that was sent with it.
pub struct PresentedSecret {
    client_id: String,
    first: PlainSecret,
    second: Option<PlainSecret>,
}

impl PresentedSecret {
    pub(super) fn new(client_id: String, first: PlainSecret, second: Option<PlainSecret>) -> Self {
        Self { client_id, first, second }
    }

    /// The client that the caller claims to be.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The readings of the secret, one or two, in the order to try them.
    pub fn candidates(&self) -> impl Iterator<Item = &PlainSecret> {
        std::iter::once(&self.first).chain(&self.second)
    }
}

impl Presented {
    /// Reads the `Authorization` headers and the form.
    ///
    /// > The client MUST NOT use more than one authentication method in each request.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc6749#section-2.3>
    pub fn read(authorization: &[&str], form: &Form) -> Result<Self, Refused> {
        let assertion = form.get("client_assertion").is_some() || form.get("client_assertion_type").is_some();
        let body_secret = form.get("client_secret");
        let methods = authorization.len() + usize::from(assertion) + usize::from(body_secret.is_some());
        match authorization {
            [_, _, ..] => Err(Refusal::AuthorizationRepeated.into()),
            [..] if methods > 1 => Err(Refusal::SeveralAuthenticationMethods.into()),
            [header] => Self::from_header(header, form),
            [] if assertion => {
                Err(Refused::about(Refusal::AssertionTypeUnknown, form.get("client_assertion_type").unwrap_or("none")))
            }
            [] => Self::from_body(body_secret, form),
        }
    }

    fn from_header(header: &str, form: &Form) -> Result<Self, Refused> {
        let (scheme, credentials) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if !scheme.eq_ignore_ascii_case("basic") {
            return Err(Refused::about(Refusal::AuthorizationSchemeUnknown, scheme));
        }
        let secret = secret_basic::read(credentials)?;
        // A `client_id` beside the header is no second method, but it must name the same client.
        match form.get("client_id") {
            Some(id) if id != secret.client_id => Err(Refused::about(Refusal::ClientIdMismatch, id)),
            Some(_) | None => Ok(Self::Secret(AuthMethod::ClientSecretBasic, secret)),
        }
    }

    fn from_body(secret: Option<&str>, form: &Form) -> Result<Self, Refused> {
        match (form.get("client_id"), secret) {
            (Some(id), Some(secret)) => {
                let secret = PlainSecret::new(secret.to_owned());
                Ok(Self::Secret(AuthMethod::ClientSecretPost, PresentedSecret::new(id.to_owned(), secret, None)))
            }
            (Some(id), None) => Err(Refused::from(Refusal::AuthenticationMissing).of_client(id)),
            (None, _) => Err(Refusal::AuthenticationMissing.into()),
        }
    }

    /// The client that the caller claims to be.
    pub fn client_id(&self) -> &str {
        match self {
            Self::Secret(_, secret) => secret.client_id(),
        }
    }

    /// The method by which it claims so.
    pub fn method(&self) -> AuthMethod {
        match self {
            Self::Secret(method, _) => *method,
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const BASIC: &str = "Basic aWQ6c2VjcmV0"; // id:secret

    fn read(authorization: &[&str], body: &str) -> Result<Presented, Refusal> {
        Presented::read(authorization, &Form::parse(body.as_bytes(), 9).unwrap()).map_err(|refused| refused.refusal)
    }

    #[test]
    fn the_client_id_beside_a_basic_header_must_be_the_same() {
        assert!(read(&[BASIC], "client_id=id").is_ok());
        assert!(read(&["bAsIc  aWQ6c2VjcmV0"], "").is_ok());
        assert_eq!(read(&[BASIC], "client_id=other").err(), Some(Refusal::ClientIdMismatch));
    }

    #[test]
    fn case_19_two_methods_are_refused() {
        for body in ["client_id=id&client_secret=secret", "client_assertion=x&client_assertion_type=y"] {
            assert_eq!(read(&[BASIC], body).err(), Some(Refusal::SeveralAuthenticationMethods), "{body}");
        }
        assert_eq!(read(&[BASIC, BASIC], "").err(), Some(Refusal::AuthorizationRepeated));
        let both = "client_id=id&client_secret=s&client_assertion=x";
        assert_eq!(read(&[], both).err(), Some(Refusal::SeveralAuthenticationMethods));
    }

    #[test]
    fn nothing_presented_and_unknown_ways_are_told_apart() {
        assert_eq!(read(&[], "grant_type=client_credentials").err(), Some(Refusal::AuthenticationMissing));
        assert_eq!(read(&[], "client_id=id").err(), Some(Refusal::AuthenticationMissing));
        assert_eq!(read(&["Bearer abc"], "").err(), Some(Refusal::AuthorizationSchemeUnknown));
        assert_eq!(read(&[], "client_assertion=x").err(), Some(Refusal::AssertionTypeUnknown));
    }
}
