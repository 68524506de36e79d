//! Whom tokens must be for, and how they say so.

use std::collections::HashSet;

use writ_oauth::jose::{AudienceForm, Claims, Expectation};
use writ_oauth::token::ClaimsLayout;

use crate::VerifyError;

/// Which clients may call, where tokens name the client as their audience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callers {
    /// Every client that the issuer gives a token for this application.
    Any,
    /// These client ids.
    These(HashSet<String>),
}

impl Callers {
    /// These client ids.
    pub fn these<T: Into<String>>(ids: impl IntoIterator<Item = T>) -> Self {
        Self::These(ids.into_iter().map(Into::into).collect())
    }

    fn accept(&self, client_id: &str) -> bool {
        match self {
            Self::Any => true,
            Self::These(ids) => ids.contains(client_id),
        }
    }
}

/// Who this resource server is, in the words of its issuer's tokens.
#[derive(Clone, Debug)]
pub(crate) enum Recipient {
    /// `aud` of an access token of RFC 9068.
    Audience(String),
    /// `aud` of a token with the same claims, whose `typ` is `JWT`.
    PlainAudience(String),
    /// `azp`; `aud` is the caller.
    Application(String, Callers),
}

impl Recipient {
    pub(crate) const fn layout(&self) -> ClaimsLayout {
        match self {
            Self::Audience(_) => ClaimsLayout::Rfc9068,
            Self::PlainAudience(_) => ClaimsLayout::Plain,
            Self::Application(..) => ClaimsLayout::CallerAudience,
        }
    }

    /// What a token must say. `caller` is the `aud` that it claims, for the layout in which that is the caller:
    /// [`Recipient::check_parties`] asks who it is once the signature is known to be good.
    ///
    /// > The resource server MUST verify that the "typ" header value is "at+jwt" or "application/at+jwt" and reject tokens
    /// > carrying any other value. [...] The issuer identifier [...] MUST exactly match the value of the "iss" claim. [...]
    /// > The resource server MUST validate that the "aud" claim contains a resource indicator value corresponding to an
    /// > identifier the resource server expects for itself.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc9068#section-4>
    pub(crate) fn expect<T>(
        &self,
        issuer: &str,
        leeway: u32,
        caller: &str,
        verify: impl FnOnce(&Expectation<'_>) -> T,
    ) -> T {
        let audience = match self {
            Self::Audience(audience) | Self::PlainAudience(audience) => audience,
            Self::Application(..) => caller,
        };
        verify(&Expectation {
            issuer: Some(issuer),
            audiences: &[audience],
            audience_form: AudienceForm::OneString,
            types: &[self.layout().typ()],
            typ_optional: false,
            max_lifetime: None,
            leeway,
            required: self.layout().required(),
        })
    }

    /// The client of a verified token, if it is one that may call here.
    pub(crate) fn check_parties(&self, claims: &Claims) -> Result<String, VerifyError> {
        let client_id = self.layout().client_of(claims)?.unwrap_or_default();
        match self {
            Self::Audience(_) | Self::PlainAudience(_) => {}
            Self::Application(application, callers) => {
                if claims.string("azp")? != Some(application) {
                    return Err(VerifyError::Application);
                }
                if !callers.accept(client_id) {
                    return Err(VerifyError::Caller);
                }
            }
        }
        Ok(client_id.to_owned())
    }
}
