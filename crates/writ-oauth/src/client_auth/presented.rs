//! What a request presents to prove which client it is.

use super::{AssertionWords, AuthMethod, PresentedAssertion, secret_basic};
use crate::form::Form;
use crate::secret::PlainSecret;
use crate::{Refusal, Refused};

/// What a request presented: exactly one method.
pub enum Presented {
    /// A client secret, by either of the two ways to send one.
    Secret(AuthMethod, PresentedSecret),
    /// An assertion, of any form.
    Assertion(PresentedAssertion),
    /// Nothing but the client that the caller says to be: what proves it can only be the certificate of the connection.
    ///
    /// > For all requests to the authorization server utilizing mutual-TLS client authentication, the client MUST
    /// > include the "client_id" parameter
    ///
    /// <https://www.rfc-editor.org/rfc/rfc8705#section-2>
    Connection(String),
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
    /// Reads the `Authorization` headers and the form, whose words for assertions are the front door's.
    ///
    /// > The client MUST NOT use more than one authentication method in each request.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc6749#section-2.3>
    pub fn read(authorization: &[&str], form: &Form, words: &AssertionWords) -> Result<Self, Refused> {
        let assertion = PresentedAssertion::is_in(form);
        let body_secret = form.get("client_secret");
        let methods = authorization.len() + usize::from(assertion) + usize::from(body_secret.is_some());
        match authorization {
            [_, _, ..] => Err(Refusal::AuthorizationRepeated.into()),
            [..] if methods > 1 => Err(Refusal::SeveralAuthenticationMethods.into()),
            [header] => Self::from_header(header, form),
            [] if assertion => PresentedAssertion::read(form, words).map(Self::Assertion),
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
            (Some(id), None) => Ok(Self::Connection(id.to_owned())),
            (None, _) => Err(Refusal::AuthenticationMissing.into()),
        }
    }

    /// The client that the caller says it is. An assertion may say it in its place.
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::Secret(_, secret) => Some(secret.client_id()),
            Self::Assertion(assertion) => assertion.client_id(),
            Self::Connection(client_id) => Some(client_id),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::client_auth::AssertionForm;

    const BASIC: &str = "Basic aWQ6c2VjcmV0"; // id:secret

    const WORDS: AssertionWords = AssertionWords {
        types: &[("urn:a-jwt", AssertionForm::Jwt), ("urn:signed-data", AssertionForm::Pkcs7)],
        credential_name: "credential",
        certificate: "certificate",
        chain: "chain",
    };

    fn read(authorization: &[&str], body: &str) -> Result<Presented, Refusal> {
        let form = Form::parse(body.as_bytes(), 9).unwrap();
        Presented::read(authorization, &form, &WORDS).map_err(|refused| refused.refusal)
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
        assert!(matches!(read(&[], "client_id=id"), Ok(Presented::Connection(id)) if id == "id"));
        assert_eq!(read(&["Bearer abc"], "").err(), Some(Refusal::AuthorizationSchemeUnknown));
    }

    #[test]
    fn an_assertion_has_a_type_that_is_known_and_what_its_form_needs_beside_it() {
        for half in
            ["client_assertion=x", "client_assertion_type=urn:a-jwt", "client_assertion=&client_assertion_type=x"]
        {
            assert_eq!(read(&[], half).err(), Some(Refusal::AssertionIncomplete), "{half}");
        }
        for unknown in ["urn:another", "URN:A-JWT", "urn:a-jwt%20"] {
            let body = format!("client_assertion=x&client_assertion_type={unknown}");
            assert_eq!(read(&[], &body).err(), Some(Refusal::AssertionTypeUnknown), "{unknown}");
        }
        let body =
            "client_assertion=x&client_assertion_type=urn:signed-data&credential=c&certificate=d&chain=e&client_id=f";
        let Presented::Assertion(assertion) = read(&[], body).unwrap() else { panic!("it is no assertion") };
        assert_eq!((assertion.form(), assertion.assertion()), (AssertionForm::Pkcs7, "x"));
        assert_eq!((assertion.credential_name(), assertion.client_id()), (Some("c"), Some("f")));
        assert_eq!((assertion.certificate(), assertion.chain()), (Some("d"), Some("e")));
    }
}
