//! Requests and responses as the vendor documents its token endpoint and as its own clients use it.

use serde::Serialize;
use writ_core::document::Lifetime;
use writ_core::{Issued, issuer};
use writ_oauth::form::Form;
use writ_oauth::jose::Alg;
use writ_oauth::metadata::Places;
use writ_oauth::permission::Spelling;
use writ_oauth::request::{Asked, Echo, Item, Target, Unmet, Wanted};
use writ_oauth::token::ClaimsLayout;
use writ_oauth::{Refusal, Refused, scope};

use super::refusals;
use crate::http::dialect::{Dialect, Endpoint, assertion_words, introspected, json};

pub(in super::super) const DOOR: Dialect = Dialect {
    core: issuer::Dialect {
        key: "idaas",
        path: "/api/v2/iauths_system/oauth2",
        layout: ClaimsLayout::Plain,
        alg: Alg::RS256,
        lifetime: Lifetime::hour(),
    },
    endpoints: &[
        ("/api/v2/iauths_system/oauth2/token", Endpoint::Token),
        ("/api/v2/iauths_system/oauth2/introspect", Endpoint::Introspection),
        ("/api/v2/iauths_system/oauth2/revoke", Endpoint::Revocation),
        ("/api/v2/iauths_system/oauth2/jwks", Endpoint::Jwks),
        ("/api/v2/iauths_system/oauth2/.well-known/openid-configuration", Endpoint::Metadata),
        ("/api/v2/iauths_system/oauth2/.well-known/oauth-authorization-server", Endpoint::Metadata),
    ],
    places: Places { jwks: "/jwks", introspection: "/introspect", revocation: "/revoke" },
    from_browsers: false,
    assertions: &assertion_words::WORDS,
    asked,
    token,
    introspected: introspected::standard,
    answer: refusals::answer,
};

/// The permission that stands for everything granted on its audience.
const EVERYTHING: &str = ".all";

/// `scope` has items `audience|permission` or `audience|.all`, all of one audience.
///
/// The vendor's documentation always sends a scope, and says nothing of a request without one: it is refused. Its
/// clients refuse several audiences before they send them; so does this door. Permissions are compared without regard
/// to ASCII case, as the vendor's management API documents them; audiences, and items of resources, byte by byte.
fn asked(form: &Form) -> Result<Asked, Refused> {
    let items = scope::items(form.get("scope").unwrap_or_default())?;
    let mut audience: Option<String> = None;
    let mut wanted = Wanted::default();
    for written in items {
        let (of, permission) = split(&written)?;
        if audience.as_deref().is_some_and(|known| known != of) {
            return Err(Refused::about(Refusal::SeveralAudiences, &written));
        }
        audience.get_or_insert_with(|| of.to_owned());
        wanted.first_written.get_or_insert_with(|| written.clone());
        if permission == EVERYTHING {
            wanted.everything = true;
        } else {
            wanted.items.push(Item { permission: permission.to_owned(), written });
        }
    }
    let target = Target::Audience(audience.ok_or(Refusal::ScopeMissing)?);
    Ok(Asked { target, wanted, spelling: Spelling::AsciiCaseInsensitive, echo: Echo::Canonical, unmet: Unmet::Refuse })
}

/// Splits an item at its only `|`; neither half is empty.
fn split(item: &str) -> Result<(&str, &str), Refused> {
    match item.split_once('|') {
        Some((audience, permission)) if !audience.is_empty() && !permission.is_empty() && !permission.contains('|') => {
            Ok((audience, permission))
        }
        Some(_) | None => Err(Refused::about(Refusal::ScopeItemMalformed, item)),
    }
}

/// The documented members; `expires_at` is what the vendor's clients cache by.
fn token(issued: &Issued) -> String {
    #[derive(Serialize)]
    struct Body<'a> {
        token_type: &'static str,
        access_token: &'a str,
        expires_in: i64,
        expires_at: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        rejected_scope: Option<String>,
    }
    json(&Body {
        token_type: "Bearer",
        access_token: issued.access_token(),
        expires_in: issued.expires_in,
        expires_at: issued.expires_at,
        rejected_scope: (!issued.rejected.is_empty()).then(|| issued.rejected.join(" ")),
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn ask(scope: &str) -> Result<Asked, Refusal> {
        let body = format!("scope={scope}");
        asked(&Form::parse(body.as_bytes(), 9).unwrap()).map_err(|refused| refused.refusal)
    }

    #[test]
    fn items_name_an_audience_and_a_permission() {
        let asked = ask("api://a%7Cread:file+api://a%7C.all").unwrap();
        assert_eq!(asked.target, Target::Audience("api://a".into()));
        assert!(asked.wanted.everything);
        assert_eq!(asked.wanted.items.len(), 1);
    }

    #[test]
    fn case_60_the_bar_separates_once_and_only_the_bar() {
        for scope in ["read", "a%7C", "%7Cread", "a%7Cb%7Cc", "a%7C%7Cb", "a%257Cread"] {
            assert_eq!(ask(scope).err(), Some(Refusal::ScopeItemMalformed), "{scope}");
        }
        // FULLWIDTH VERTICAL LINE, a line break, a blank inside a part (which makes two items).
        assert_eq!(ask("a%EF%BD%9Cread").err(), Some(Refusal::ScopeMalformed));
        assert_eq!(ask("a%7Cread%0A").err(), Some(Refusal::ScopeMalformed));
        assert_eq!(ask("a%7Cread+file").err(), Some(Refusal::ScopeItemMalformed));
        assert_eq!(ask("a%7Cread+b%7Cread").err(), Some(Refusal::SeveralAudiences));
        assert_eq!(ask("A%7Cread+a%7Cread").err(), Some(Refusal::SeveralAudiences));
        assert_eq!(ask("").err(), Some(Refusal::ScopeMissing));
    }
}
