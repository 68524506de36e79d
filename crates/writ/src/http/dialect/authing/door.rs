//! Requests and responses as the vendor documents them and as its SDKs send and read them.

use serde::Serialize;
use writ_core::document::Lifetime;
use writ_core::{Issued, issuer};
use writ_oauth::form::Form;
use writ_oauth::jose::Alg;
use writ_oauth::metadata::Places;
use writ_oauth::permission::Spelling;
use writ_oauth::request::{Asked, Echo, Item, Target, Unmet, Wanted};
use writ_oauth::token::ClaimsLayout;
use writ_oauth::{Refused, scope};

use super::refusals;
use crate::http::dialect::{Dialect, Endpoint, assertion_words, introspected, json};

pub(in super::super) const DOOR: Dialect = Dialect {
    core: issuer::Dialect {
        key: "authing",
        path: "/oidc",
        layout: ClaimsLayout::CallerAudience,
        alg: Alg::RS256,
        lifetime: Lifetime::ten_minutes(),
    },
    endpoints: &[
        ("/oidc/token", Endpoint::Token),
        // Where the vendor's SDKs go that are told the protocol is `oauth`.
        ("/oauth/token", Endpoint::Token),
        ("/oidc/token/introspection", Endpoint::Introspection),
        ("/oauth/token/introspection", Endpoint::Introspection),
        ("/oidc/token/revocation", Endpoint::Revocation),
        ("/oauth/token/revocation", Endpoint::Revocation),
        ("/oidc/.well-known/jwks.json", Endpoint::Jwks),
        // Where its newest SDK looks for keys.
        ("/{application}/oidc/.well-known/jwks.json", Endpoint::ApplicationJwks),
        ("/oidc/.well-known/openid-configuration", Endpoint::Metadata),
        ("/oidc/.well-known/oauth-authorization-server", Endpoint::Metadata),
        ("/api/v2/oidc/validate_token", Endpoint::Validation),
    ],
    places: Places {
        jwks: "/.well-known/jwks.json",
        introspection: "/token/introspection",
        revocation: "/token/revocation",
    },
    from_browsers: true,
    assertions: &assertion_words::WORDS,
    asked,
    token,
    introspected: introspected::of_application,
    answer: refusals::answer,
};

/// `scope` has items of the client's own application: `T`, `T:A`, `T:I:A`, each part perhaps a star.
///
/// What is not granted is left out and listed, and so is what cannot be read, duplicates aside; with nothing left, the
/// token holds nothing. The vendor's documentation says so of what is not granted, and its own sample reads tokens for
/// nothing; of the rest it says nothing.
fn asked(form: &Form) -> Result<Asked, Refused> {
    let items = scope::words(form.get("scope").unwrap_or_default())?;
    let first_written = items.first().cloned();
    let items = items.into_iter().map(Item::plain).collect();
    Ok(Asked {
        target: Target::OwnApplication,
        wanted: Wanted { everything: false, items, first_written },
        spelling: Spelling::Exact,
        echo: Echo::Verbatim,
        unmet: Unmet::ReduceToNothing,
    })
}

/// Every member is always there: clients of the vendor split `scope`, and print `rejected_scope`, without looking.
fn token(issued: &Issued) -> String {
    #[derive(Serialize)]
    struct Body<'a> {
        access_token: &'a str,
        expires_in: i64,
        token_type: &'static str,
        scope: &'a str,
        rejected_scope: String,
    }
    json(&Body {
        access_token: issued.access_token(),
        expires_in: issued.expires_in,
        token_type: "Bearer",
        scope: &issued.scope,
        rejected_scope: issued.rejected.join(" "),
    })
}
