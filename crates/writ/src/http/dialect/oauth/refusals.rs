//! The RFCs' answer to every refusal.

use axum::http::StatusCode;
use writ_oauth::{Class, Refusal, Refused};

use crate::http::dialect::{Answer, Challenge, printable, tells_of_what_is_registered};

/// Statuses and codes: RFC 6749 section 5.2, RFC 6750 section 3.1, RFC 8707 section 2.
pub(super) fn answer(refused: &Refused) -> Answer {
    let (status, error) = match refused.refusal.class() {
        Class::NotFound => (StatusCode::NOT_FOUND, "not_found"),
        Class::WrongMethod => (StatusCode::METHOD_NOT_ALLOWED, "invalid_request"),
        Class::Malformed => (StatusCode::BAD_REQUEST, "invalid_request"),
        Class::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "invalid_request"),
        Class::TooSlow => (StatusCode::REQUEST_TIMEOUT, "invalid_request"),
        Class::Unauthenticated | Class::BadCredential | Class::Disabled => (StatusCode::UNAUTHORIZED, "invalid_client"),
        Class::AddressRefused | Class::ClientNotAllowed => (StatusCode::BAD_REQUEST, "unauthorized_client"),
        Class::UnsupportedGrant => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
        Class::BadScope => (StatusCode::BAD_REQUEST, "invalid_scope"),
        Class::BadTarget => (StatusCode::BAD_REQUEST, "invalid_target"),
        Class::BadToken => (StatusCode::UNAUTHORIZED, "invalid_token"),
        Class::InsufficientToken => (StatusCode::FORBIDDEN, "insufficient_scope"),
        Class::BadGateway => (StatusCode::BAD_GATEWAY, "upstream_error"),
        Class::GatewayTimeout => (StatusCode::GATEWAY_TIMEOUT, "upstream_timeout"),
        Class::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
        Class::Failed => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
    };
    let challenge = match refused.refusal.class() {
        // > If the client attempted to authenticate via the "Authorization" request header field, the authorization
        // > server MUST respond with an HTTP 401 (Unauthorized) status code and include the "WWW-Authenticate"
        // > response header field
        // https://www.rfc-editor.org/rfc/rfc6749#section-5.2
        Class::Unauthenticated | Class::BadCredential | Class::Disabled => Some(Challenge::Basic),
        Class::BadToken | Class::InsufficientToken => Some(Challenge::Bearer),
        Class::NotFound
        | Class::WrongMethod
        | Class::Malformed
        | Class::TooLarge
        | Class::TooSlow
        | Class::AddressRefused
        | Class::ClientNotAllowed
        | Class::UnsupportedGrant
        | Class::BadScope
        | Class::BadTarget
        | Class::BadGateway
        | Class::GatewayTimeout
        | Class::Unavailable
        | Class::Failed => None,
    };
    Answer { status, error, description: printable(&description(refused)), challenge }
}

/// The sentence: the rule's own, unless that would tell a stranger what is registered.
#[expect(clippy::wildcard_enum_match_arm, reason = "the classes are exhaustive; these are the exceptions")]
fn description(refused: &Refused) -> String {
    let sentence = match refused.refusal {
        Refusal::ClientUnknown
        | Refusal::SecretWrong
        | Refusal::ConnectionCertificateUnknown
        | Refusal::ConnectionCertificateProviderDisabled
        | Refusal::ConnectionCertificateUntrusted
        | Refusal::ConnectionCertificateExpired
        | Refusal::ConnectionCertificatePurpose
        | Refusal::ConnectionCertificateRevoked
        | Refusal::ConnectionCertificateTrustCondition => return "Client authentication failed.".to_owned(),
        Refusal::PermissionUnknown
        | Refusal::PermissionNotGranted
        | Refusal::PermissionDenied
        | Refusal::PermissionExpired => "The scope is not one that this client has been granted.",
        Refusal::BodyIsJson => {
            "The body holds JSON but is labelled as a form; send it as application/x-www-form-urlencoded."
        }
        Refusal::ProviderUnavailable | Refusal::StoreUnavailable | Refusal::ConfigurationStale => {
            "The server cannot answer at present; try again."
        }
        Refusal::Internal => "The server failed; the request id finds the reason in its log.",
        other if tells_of_what_is_registered(other) => return "Client authentication failed.".to_owned(),
        other => other.meaning(),
    };
    match &refused.subject {
        None => sentence.to_owned(),
        Some(subject) => format!("{} ({subject})", sentence.trim_end_matches('.')),
    }
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
        }
    }

    #[test]
    fn case_44_an_unknown_client_and_a_wrong_secret_read_the_same() {
        assert_eq!(answer(&Refusal::ClientUnknown.into()), answer(&Refusal::SecretWrong.into()));
        let unknown = answer(&Refused::about(Refusal::ClientUnknown, "private_key_jwt"));
        for wrong in [Refusal::AssertionSignature, Refusal::AssertionKeyMissing, Refusal::AssertionKeyUnnamed] {
            assert_eq!(unknown, answer(&wrong.into()), "{wrong:?}");
        }
    }
}
