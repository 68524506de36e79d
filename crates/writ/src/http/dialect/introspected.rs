//! What is said of an active token.
//!
//! > scope [...] client_id [...] token_type [...] exp [...] iat [...] sub [...] aud [...] iss [...] jti
//!
//! <https://www.rfc-editor.org/rfc/rfc7662#section-2.2>
//!
//! > When the token being introspected is a mutual-TLS-bound access token, [...] the introspection response [...] the
//! > confirmation method: cnf
//!
//! <https://www.rfc-editor.org/rfc/rfc8705#section-3.2>

use serde_json::{Value, json};
use writ_core::Introspected;

/// As the token itself says it.
pub(super) fn standard(of: &Introspected) -> Value {
    with_what_is_there(of, of.client_id(), of.audience())
}

/// Where the caller is the audience: the client is the application that is called, and `scope` is always a text.
pub(super) fn of_application(of: &Introspected) -> Value {
    with_what_is_there(of, of.application(), of.client_id())
}

fn with_what_is_there(of: &Introspected, client_id: &str, aud: &str) -> Value {
    let mut body = json!({
        "active": true,
        "scope": of.scope(),
        "client_id": client_id,
        "token_type": "Bearer",
        "exp": of.expires_at(),
        "iat": of.issued_at(),
        "aud": aud,
        "iss": of.issuer(),
        "jti": of.jti(),
    });
    if let Some(members) = body.as_object_mut() {
        members.extend(of.subject().map(|subject| ("sub".to_owned(), subject.into())));
        members.extend(of.confirmation().map(|confirmation| ("cnf".to_owned(), json!(confirmation))));
    }
    body
}

/// > "active" field set to "false" [...] the authorization server SHOULD NOT include any additional information about an
/// > inactive token, including why the token is inactive.
///
/// <https://www.rfc-editor.org/rfc/rfc7662#section-2.2>
pub(crate) fn inactive() -> Value {
    json!({ "active": false })
}
