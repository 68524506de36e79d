//! The vendor's answer to every refusal: its documented codes and sentences, and where its answer is not known, the
//! row that is chosen here.

use axum::http::StatusCode;
use writ_oauth::client_auth::AuthMethod;
use writ_oauth::{Class, Refusal, Refused};

use crate::http::dialect::Answer;

/// Client errors are 400, authentication included.
#[expect(clippy::wildcard_enum_match_arm, reason = "the classes are exhaustive; these are the exceptions")]
pub(super) fn answer(refused: &Refused) -> Answer {
    let subject = refused.subject.as_deref().unwrap_or_default();
    let bad = |error, description: String| Answer::new(StatusCode::BAD_REQUEST, error, description);
    match refused.refusal.class() {
        Class::NotFound => Answer::new(StatusCode::NOT_FOUND, "not_found", refused.refusal.meaning()),
        Class::WrongMethod => Answer::new(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", refused.refusal.meaning()),
        Class::TooLarge => Answer::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", refused.refusal.meaning()),
        Class::TooSlow => Answer::new(StatusCode::REQUEST_TIMEOUT, "invalid_request", refused.refusal.meaning()),
        Class::Malformed => bad("invalid_request", malformed(refused.refusal, subject)),
        Class::Unauthenticated => bad("authentication_required", authentication_required()),
        Class::BadCredential => bad("invalid_client_credential", invalid_credential(refused.refusal, subject)),
        Class::UnsupportedGrant => bad("invalid_grant", format!("Invalid or not supported grant_type: {subject}")),
        Class::ClientNotAllowed => match refused.refusal {
            Refusal::GrantNotAllowed => bad("invalid_grant", format!("Invalid or not supported grant_type: {subject}")),
            other => bad("access_denied", other.meaning().to_owned()),
        },
        // Not known of the vendor: a disabled client, an address outside the zone.
        Class::Disabled | Class::AddressRefused => bad("access_denied", refused.refusal.meaning().to_owned()),
        Class::BadScope | Class::BadTarget => bad_scope(refused.refusal, subject),
        Class::BadToken => Answer::new(StatusCode::UNAUTHORIZED, "invalid_token", refused.refusal.meaning()),
        Class::InsufficientToken => Answer::new(StatusCode::FORBIDDEN, "insufficient_scope", refused.refusal.meaning()),
        Class::BadGateway => Answer::new(StatusCode::BAD_GATEWAY, "internal_error", refused.refusal.meaning()),
        Class::GatewayTimeout => Answer::new(StatusCode::GATEWAY_TIMEOUT, "internal_error", refused.refusal.meaning()),
        // Its clients repeat a request after any 5xx.
        Class::Unavailable => {
            Answer::new(StatusCode::SERVICE_UNAVAILABLE, "internal_error", "The server cannot answer at present")
        }
        Class::Failed => Answer::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Unexpected internal error"),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the classes are exhaustive; these are the exceptions")]
fn malformed(refusal: Refusal, subject: &str) -> String {
    match refusal {
        Refusal::GrantTypeMissing => "Require parameter variable: grant_type".to_owned(),
        Refusal::TokenParameterMissing => "Require parameter variable: token".to_owned(),
        other if subject.is_empty() => other.meaning().to_owned(),
        other => format!("{} ({subject})", other.meaning().trim_end_matches('.')),
    }
}

/// The documented sentence with the methods that this server has, by names that the vendor's clients know.
fn authentication_required() -> String {
    let methods: Vec<_> = AuthMethod::ALL.into_iter().filter(|method| method.is_registered()).collect();
    let methods = methods.into_iter().map(AuthMethod::name).collect::<Vec<_>>().join(", ");
    format!("Authentication required, allowed authentication methods: [{methods}]")
}

/// The documented sentence, `reasons(s)` as the vendor spells it. Who has proven no credential of the client learns
/// `mismatch`, whatever the reason is.
#[expect(clippy::wildcard_enum_match_arm, reason = "the classes are exhaustive; these are the exceptions")]
fn invalid_credential(refusal: Refusal, subject: &str) -> String {
    // What is about an assertion by its own name, or says that it was presented in one.
    let of_assertion = subject.ends_with("_jwt") || subject == AuthMethod::Federated.name();
    let of_certificate = subject.ends_with("tls_client_auth");
    let reason = match refusal {
        Refusal::CredentialExpired if of_assertion => "credential expired",
        Refusal::CredentialNotYetValid if of_assertion => "credential not yet valid",
        Refusal::CredentialDisabled if of_assertion => "credential disabled",
        Refusal::CredentialExpired => "expired",
        Refusal::CredentialNotYetValid => "not yet valid",
        Refusal::CredentialDisabled => "disabled",
        Refusal::BasicMalformed => "malformed Authorization header",
        Refusal::AuthorizationSchemeUnknown => return format!("Not supported Authorization scheme: {subject}"),
        Refusal::AssertionTypeUnknown => return format!("Not supported client_assertion_type: {subject}"),
        Refusal::ConnectionCertificateUnknown
        | Refusal::ConnectionCertificateProviderDisabled
        | Refusal::ConnectionCertificateUntrusted
        | Refusal::ConnectionCertificateExpired
        | Refusal::ConnectionCertificatePurpose
        | Refusal::ConnectionCertificateRevoked
        | Refusal::ConnectionCertificateTrustCondition => return invalid("client_certificate", "mismatch"),
        Refusal::MethodNotRegistered => "authentication method not allowed for this client",
        _ => match super::assertions::reason(refusal) {
            Some(reason) => return invalid("client_assertion", reason),
            None => "mismatch",
        },
    };
    let what = match (of_assertion, of_certificate) {
        (true, _) => "client_assertion",
        (false, true) => "client_certificate",
        (false, false) => "client_secret",
    };
    invalid(what, reason)
}

fn invalid(what: &str, reason: &str) -> String {
    format!("Invalid {what}, reasons(s): [{reason}]")
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the classes are exhaustive; these are the exceptions")]
fn bad_scope(refusal: Refusal, subject: &str) -> Answer {
    let bad = |error, description: String| Answer::new(StatusCode::BAD_REQUEST, error, description);
    match refusal {
        Refusal::ScopeMissing => bad("invalid_request", "Require parameter variable: scope".to_owned()),
        // Not known of the vendor: a resource server that wants a mapped subject, and a credential without one.
        Refusal::SubjectMissing => bad("access_denied", refusal.meaning().to_owned()),
        other if subject.is_empty() => bad("invalid_scope", other.meaning().to_owned()),
        _ => bad("invalid_scope", format!("Invalid scope: {subject}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(refused: impl Into<Refused>) -> (u16, &'static str, String) {
        let Answer { status, error, description, .. } = answer(&refused.into());
        (status.as_u16(), error, description)
    }

    #[test]
    fn the_documented_rows_word_for_word() {
        let row = |error, text: &str| (400, error, text.to_owned());
        assert_eq!(words(Refusal::GrantTypeMissing), row("invalid_request", "Require parameter variable: grant_type"));
        assert_eq!(
            words(Refused::about(Refusal::GrantUnknown, "authorization_code")),
            row("invalid_grant", "Invalid or not supported grant_type: authorization_code")
        );
        assert_eq!(
            words(Refused::about(Refusal::PermissionUnknown, "http://www.example.com|read:file")),
            row("invalid_scope", "Invalid scope: http://www.example.com|read:file")
        );
        assert_eq!(words(Refusal::Internal), (500, "internal_error", "Unexpected internal error".to_owned()));
        let start = "Authentication required, allowed authentication methods: [client_secret_basic, client_secret_post";
        assert!(words(Refusal::AuthenticationMissing).2.starts_with(start));
        assert_eq!(
            words(Refusal::AssertionExpired),
            row("invalid_client_credential", "Invalid client_assertion, reasons(s): [expired]")
        );
        assert_eq!(words(Refusal::CredentialExpired).2, "Invalid client_secret, reasons(s): [expired]");
    }

    #[test]
    fn case_44_an_unknown_client_and_a_wrong_secret_read_the_same() {
        assert_eq!(words(Refusal::ClientUnknown), words(Refusal::SecretWrong));
        let unknown = words(Refused::about(Refusal::ClientUnknown, "client_secret_jwt"));
        for wrong in [Refusal::AssertionSignature, Refusal::AssertionKeyMissing, Refusal::AssertionKeyUnnamed] {
            assert_eq!(unknown, words(wrong), "{wrong:?}");
        }
    }
}
