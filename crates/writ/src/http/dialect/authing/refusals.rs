//! The answer to every refusal. The vendor documents none for machines; its endpoint's wire format is that of a common
//! OpenID Connect server, whose words for clients (RFC 6749 section 5.2) are taken here.

use axum::http::StatusCode;
use writ_oauth::{Class, Refusal, Refused};

use crate::http::dialect::{Answer, Challenge, printable};

/// Statuses and codes: RFC 6749 section 5.2.
pub(super) fn answer(refused: &Refused) -> Answer {
    // > invalid_request: The request is missing a required parameter
    // https://www.rfc-editor.org/rfc/rfc6749#section-5.2
    // The vendor's documentation marks `scope` as required. Of revocation it says nothing; its endpoint's wire format has
    // this code for a token of another client.
    let is_malformed = matches!(refused.refusal, Refusal::ScopeMissing | Refusal::TokenOfAnother);
    let class = if is_malformed { Class::Malformed } else { refused.refusal.class() };
    let (status, error) = match class {
        Class::NotFound => (StatusCode::NOT_FOUND, "not_found"),
        Class::WrongMethod => (StatusCode::METHOD_NOT_ALLOWED, "invalid_request"),
        Class::Malformed => (StatusCode::BAD_REQUEST, "invalid_request"),
        Class::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "invalid_request"),
        Class::TooSlow => (StatusCode::REQUEST_TIMEOUT, "invalid_request"),
        Class::Unauthenticated | Class::BadCredential | Class::Disabled => (StatusCode::UNAUTHORIZED, "invalid_client"),
        // Nobody names a resource server here: that there is none to issue for is the client's own lack.
        Class::AddressRefused | Class::ClientNotAllowed | Class::BadTarget => {
            (StatusCode::BAD_REQUEST, "unauthorized_client")
        }
        Class::UnsupportedGrant => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
        Class::BadScope => (StatusCode::BAD_REQUEST, "invalid_scope"),
        Class::BadToken => (StatusCode::UNAUTHORIZED, "invalid_token"),
        Class::InsufficientToken => (StatusCode::FORBIDDEN, "insufficient_scope"),
        Class::BadGateway => (StatusCode::BAD_GATEWAY, "server_error"),
        Class::GatewayTimeout => (StatusCode::GATEWAY_TIMEOUT, "server_error"),
        Class::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
        Class::Failed => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
    };
    // > The server generating a 401 response MUST send a WWW-Authenticate header field
    // https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2
    let challenge = match status {
        StatusCode::UNAUTHORIZED if error == "invalid_client" => Some(Challenge::Basic),
        StatusCode::UNAUTHORIZED => Some(Challenge::Bearer),
        _ => None,
    };
    Answer { status, error, description: printable(&description(refused)), challenge }
}

/// The sentence: the rule's own, unless that would tell a stranger what is registered.
#[expect(clippy::wildcard_enum_match_arm, reason = "the classes are exhaustive; these are the exceptions")]
fn description(refused: &Refused) -> String {
    if refused.refusal.class() == Class::BadCredential && !is_no_secret(refused.refusal) {
        return "client authentication failed".to_owned();
    }
    let sentence = match refused.refusal {
        Refusal::PermissionUnknown
        | Refusal::PermissionNotGranted
        | Refusal::PermissionDenied
        | Refusal::PermissionExpired => "The scope is not one that this client has been granted.",
        Refusal::BodyIsJson => {
            "The body holds JSON but is labelled as a form; send it as application/x-www-form-urlencoded \
             (axios before 0.28 does not: pass it a URLSearchParams)."
        }
        Refusal::TokenOfAnother => "this token does not belong to you",
        Refusal::ProviderUnavailable | Refusal::StoreUnavailable | Refusal::ConfigurationStale => {
            "The server cannot answer at present; try again."
        }
        Refusal::Internal => "The server failed; the request id finds the reason in its log.",
        other => other.meaning(),
    };
    match &refused.subject {
        None => sentence.to_owned(),
        Some(subject) => format!("{} ({subject})", sentence.trim_end_matches('.')),
    }
}

/// Why credentials were not taken, where that depends on nothing that is registered or is said to their owner alone.
const fn is_no_secret(refusal: Refusal) -> bool {
    matches!(
        refusal,
        Refusal::AuthorizationSchemeUnknown
            | Refusal::BasicMalformed
            | Refusal::AssertionTypeUnknown
            | Refusal::MethodNotRegistered
            | Refusal::CredentialExpired
            | Refusal::CredentialNotYetValid
            | Refusal::CredentialDisabled
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_description_leaves_the_characters_of_the_standard() {
        for refusal in Refusal::ALL {
            let answer = answer(&Refused::about(*refusal, "ü\"\\\u{7f}`"));
            let allowed = |byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            assert!(answer.description.bytes().all(allowed), "{refusal:?}: {}", answer.description);
            assert_eq!(answer.challenge.is_some(), answer.status == StatusCode::UNAUTHORIZED, "{refusal:?}");
        }
    }

    #[test]
    fn case_44_an_unknown_client_and_a_wrong_secret_read_the_same() {
        let unknown = answer(&Refused::about(Refusal::ClientUnknown, "private_key_jwt"));
        for wrong in [
            Refusal::SecretWrong,
            Refusal::AssertionSignature,
            Refusal::AssertionKeyMissing,
            Refusal::AssertionKeyUnnamed,
        ] {
            assert_eq!(unknown, answer(&wrong.into()), "{wrong:?}");
        }
    }
}
