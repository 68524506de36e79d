//! What stands in a request that presents an assertion (RFC 7521 section 4.2), whatever the assertion is.

use crate::form::Form;
use crate::{Refusal, Refused};

/// What an assertion is, in neutral terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AssertionForm {
    /// A JWT that the client signed itself (RFC 7523).
    Jwt,
    /// An ID token of another issuer.
    IdToken,
    /// Signed data of a cloud's metadata service.
    Pkcs7,
    /// A JWT that the client signed with the key of a certificate, and the certificate.
    X509Jwt,
    /// A JWT-SVID.
    SpiffeJwt,
}

/// How a front door has these things written.
#[derive(Clone, Copy, Debug)]
pub struct AssertionWords {
    /// The values of `client_assertion_type`.
    pub types: &'static [(&'static str, AssertionForm)],
    /// The parameter that names the credential that the assertion is for.
    pub credential_name: &'static str,
    /// The parameter with the certificate of the key that signed.
    pub certificate: &'static str,
    /// The parameter with the certificates between that one and a root.
    pub chain: &'static str,
}

/// An assertion as it was presented: nothing of it is read yet. No `Debug`.
pub struct PresentedAssertion {
    form: AssertionForm,
    type_word: String,
    client_id: Option<String>,
    assertion: String,
    credential_name: Option<String>,
    certificate: Option<String>,
    chain: Option<String>,
}

impl PresentedAssertion {
    /// Whether a request presents an assertion, or a part of one.
    pub(super) fn is_in(form: &Form) -> bool {
        form.get(ASSERTION).is_some() || form.get(ASSERTION_TYPE).is_some()
    }

    /// > client_assertion_type REQUIRED. The format of the assertion as defined by the authorization server. [...]
    /// > client_assertion REQUIRED. The assertion being used to authenticate the client. [...]
    /// > client_id OPTIONAL.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7521#section-4.2>
    pub(super) fn read(form: &Form, words: &AssertionWords) -> Result<Self, Refused> {
        let (Some(type_word), Some(assertion)) = (form.get(ASSERTION_TYPE), form.get(ASSERTION)) else {
            let missing = if form.get(ASSERTION).is_none() { ASSERTION } else { ASSERTION_TYPE };
            return Err(Refused::about(Refusal::AssertionIncomplete, missing));
        };
        let known = words.types.iter().find(|(word, _)| *word == type_word);
        let Some((_, assertion_form)) = known else {
            return Err(Refused::about(Refusal::AssertionTypeUnknown, type_word));
        };
        let parameter = |name| form.get(name).map(str::to_owned);
        Ok(Self {
            form: *assertion_form,
            type_word: type_word.to_owned(),
            client_id: parameter("client_id"),
            assertion: assertion.to_owned(),
            credential_name: parameter(words.credential_name),
            certificate: parameter(words.certificate),
            chain: parameter(words.chain),
        })
    }

    /// An assertion that came another way than in a token request: to be looked at, by an administrator.
    pub fn to_be_tested(form: AssertionForm, client_id: &str, assertion: String) -> Self {
        Self {
            form,
            type_word: String::new(),
            client_id: Some(client_id.to_owned()),
            assertion,
            credential_name: None,
            certificate: None,
            chain: None,
        }
    }

    /// With the name of the credential that it is for.
    #[must_use]
    pub fn named(self, credential_name: Option<String>) -> Self {
        Self { credential_name, ..self }
    }

    /// With the certificate beside it, and those that lead to a root.
    #[must_use]
    pub fn with_certificates(self, certificate: Option<String>, chain: Option<String>) -> Self {
        Self { certificate, chain, ..self }
    }

    /// What it is said to be.
    pub const fn form(&self) -> AssertionForm {
        self.form
    }

    /// The `client_id` beside it, if there is one.
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// The assertion itself.
    pub fn assertion(&self) -> &str {
        &self.assertion
    }

    /// The name of the credential that it is for.
    pub fn credential_name(&self) -> Option<&str> {
        self.credential_name.as_deref()
    }

    /// The certificate beside it.
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// The certificates beside it that lead to a root.
    pub fn chain(&self) -> Option<&str> {
        self.chain.as_deref()
    }

    /// The refusal of a form that this server does not take.
    pub fn unknown_type(&self) -> Refused {
        Refused::about(Refusal::AssertionTypeUnknown, &self.type_word)
    }
}

const ASSERTION: &str = "client_assertion";
const ASSERTION_TYPE: &str = "client_assertion_type";
