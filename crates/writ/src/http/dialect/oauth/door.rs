//! Requests and responses as RFC 6749, 8707 and 9068 have them.

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
        key: "oauth",
        path: "/oauth2",
        layout: ClaimsLayout::Rfc9068,
        alg: Alg::ES256,
        lifetime: Lifetime::hour(),
    },
    endpoints: &[
        ("/oauth2/token", Endpoint::Token),
        ("/oauth2/introspect", Endpoint::Introspection),
        ("/oauth2/revoke", Endpoint::Revocation),
        ("/oauth2/jwks", Endpoint::Jwks),
        ("/oauth2/.well-known/openid-configuration", Endpoint::Metadata),
        ("/oauth2/.well-known/oauth-authorization-server", Endpoint::Metadata),
    ],
    places: Places { jwks: "/jwks", introspection: "/introspect", revocation: "/revoke" },
    from_browsers: false,
    assertions: &assertion_words::WORDS,
    asked,
    token,
    introspected: introspected::standard,
    answer: refusals::answer,
};

/// `scope` has plain permission names, `resource` picks the resource server; one audience a token.
fn asked(form: &Form) -> Result<Asked, Refused> {
    let mut resources = form.all("resource");
    let target = match (resources.next(), resources.next()) {
        (None, _) => Target::Inferred,
        (Some(one), None) => Target::Resource(one.to_owned()),
        (Some(_), Some(_)) => return Err(Refusal::SeveralResources.into()),
    };
    let items = scope::items(form.get("scope").unwrap_or_default())?;
    let first_written = items.first().cloned();
    let items = items.into_iter().map(Item::plain).collect();
    let wanted = Wanted { everything: false, items, first_written };
    Ok(Asked { target, wanted, spelling: Spelling::Exact, echo: Echo::Verbatim, unmet: Unmet::Refuse })
}

/// > If the access token request is valid and authorized, the authorization server issues an access token [...] scope
/// > OPTIONAL, if identical to the scope requested by the client; otherwise, REQUIRED.
///
/// It is always there. <https://www.rfc-editor.org/rfc/rfc6749#section-5.1>
fn token(issued: &Issued) -> String {
    #[derive(Serialize)]
    struct Body<'a> {
        access_token: &'a str,
        token_type: &'static str,
        expires_in: i64,
        scope: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        rejected_scope: Option<String>,
    }
    json(&Body {
        access_token: issued.access_token(),
        token_type: "Bearer",
        expires_in: issued.expires_in,
        scope: &issued.scope,
        rejected_scope: (!issued.rejected.is_empty()).then(|| issued.rejected.join(" ")),
    })
}
