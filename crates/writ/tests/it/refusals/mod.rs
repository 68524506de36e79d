//! Every refusal at every door: each rule of [`Refusal::ALL`] is broken by a request here, or excused with a reason.
//!
//! The whole answers stand in `golden/{oauth,idaas,authing}/refused-*.txt`; here is what holds for all of them.

mod assertions;
mod cases;
mod certificates;
mod federated;
pub(crate) mod unhappy;

use writ_oauth::{Class, Refusal};

use self::cases::{Case, cases};
use crate::golden;
use crate::support::answer::Answer;
use crate::support::door::Door;

/// Rules that no request to a front door can break, and why.
const EXCUSED: &[(Refusal, Option<Door>, &str)] = &[
    (Refusal::TokenOfAnother, None, "the request says a token, made anew in each run: `introspection::revocation`"),
    (Refusal::RevocationsFull, None, "takes ten thousand tokens: the unit tests of `revoked_tokens.rs`"),
    (Refusal::TokenMissing, None, "bearer tokens are the admin API's: `admin::authorization`"),
    (Refusal::TokenInvalid, None, "bearer tokens are the admin API's: `admin::authorization`"),
    (Refusal::TokenInsufficient, None, "bearer tokens are the admin API's: `admin::authorization`"),
    (Refusal::TokenRevoked, None, "live tokens are the gateway's: `gateway::change`"),
    (Refusal::TokenCertificateMismatch, None, "live tokens are the gateway's: `certificates::binding`"),
    (Refusal::TokenInQuery, None, "the gateway's: `gateway::token`"),
    (Refusal::RouteUnknown, None, "the gateway's: `gateway::route`"),
    (Refusal::PathAmbiguous, None, "the gateway's: `gateway::path`"),
    (Refusal::FramingAmbiguous, None, "the gateway's: `gateway::smuggling`"),
    (Refusal::RequestLoops, None, "the gateway's: `gateway::upstream`"),
    (Refusal::UpstreamUnreachable, None, "the gateway's: `gateway::upstream`"),
    (Refusal::UpstreamBroken, None, "the gateway's: `gateway::upstream`"),
    (Refusal::UpstreamTooSlow, None, "the gateway's: `gateway::upstream`"),
    (Refusal::CertificateExpired, None, "certificates are made anew in each run: `documents::chain`"),
    (Refusal::CertificateNotYetValid, None, "certificates are made anew in each run: `documents::chain`"),
    (Refusal::CertificateUntrusted, None, "certificates are made anew in each run: `documents::chain`"),
    (Refusal::CertificateUnfit, None, "certificates are made anew in each run: `documents::chain`"),
    (Refusal::CertificateRevoked, None, "certificates are made anew in each run: `documents::chain`"),
    (Refusal::CertificateStatusUnknown, None, "certificates are made anew in each run: `documents::chain`"),
    (Refusal::DocumentDetached, None, "documents are signed anew in each run: `documents::document`"),
    (Refusal::DocumentAlgorithm, None, "the document is one that a cloud gave out: `documents::vectors`"),
    (Refusal::DocumentTampered, None, "documents are signed anew in each run: `documents::document`"),
    (Refusal::DocumentSigner, None, "documents are signed anew in each run: `documents::document`"),
    (Refusal::DocumentSignature, None, "documents are signed anew in each run: `documents::document`"),
    (Refusal::DocumentTimeMissing, None, "documents are signed anew in each run: `documents::document`"),
    (Refusal::DocumentTooOld, None, "documents are signed anew in each run: `documents::document`"),
    (Refusal::DocumentFromFuture, None, "documents are signed anew in each run: `documents::document`"),
    (Refusal::BodyTooSlow, None, "needs a socket: `limits::a_slow_body_is_given_up`"),
    (Refusal::BodyBroken, None, "needs a body of its own kind: `doors::body::a_body_that_breaks_off_is_refused`"),
    (Refusal::Internal, None, "no defect is known; a panic stands for one in the unit test of `router.rs`"),
    (
        Refusal::OwnServerMissing,
        Some(Door::Oauth),
        "the server of the client's own application is not the target there",
    ),
    (
        Refusal::OwnServerMissing,
        Some(Door::Idaas),
        "the server of the client's own application is not the target there",
    ),
    (Refusal::ResourceMalformed, Some(Door::Authing), "the door has no parameter `resource`"),
    (Refusal::ResourceNotGranted, Some(Door::Authing), "the door has no parameter `resource`"),
    (Refusal::SeveralResources, Some(Door::Authing), "the door has no parameter `resource`"),
    (Refusal::ResourceAmbiguous, Some(Door::Authing), "the client's own application is the only target"),
    (Refusal::ScopeItemMalformed, Some(Door::Authing), "an item that cannot be read is not granted, as any other"),
    (Refusal::SeveralAudiences, Some(Door::Authing), "scope items name no audience there"),
    (Refusal::AudienceNotGranted, Some(Door::Authing), "scope items name no audience there"),
    (Refusal::ResourceServerDisabled, Some(Door::Authing), "it is disabled with the client's own application"),
    (Refusal::SubjectMissing, Some(Door::Authing), "its tokens name no subject"),
    (Refusal::ResourceMalformed, Some(Door::Idaas), "the door has no parameter `resource`"),
    (Refusal::ResourceNotGranted, Some(Door::Idaas), "the door has no parameter `resource`"),
    (Refusal::SeveralResources, Some(Door::Idaas), "the door has no parameter `resource`"),
    (Refusal::ResourceAmbiguous, Some(Door::Idaas), "a scope always names its audience there"),
    (Refusal::ScopeItemMalformed, Some(Door::Oauth), "every scope token is a permission's name there"),
    (Refusal::SeveralAudiences, Some(Door::Oauth), "scope items name no audience there"),
    (Refusal::AudienceNotGranted, Some(Door::Oauth), "scope items name no audience there"),
];

fn is_excused(refusal: Refusal, door: Door) -> bool {
    EXCUSED.iter().any(|(known, at, _)| *known == refusal && at.is_none_or(|at| at == door))
}

/// A new refusal fails here until a request shows it, at every door.
#[test]
fn every_refusal_is_shown_or_excused_at_every_door() {
    for door in Door::ALL {
        let cases = cases(door);
        for refusal in Refusal::ALL {
            let shown = cases.iter().any(|case| case.refusal == *refusal);
            assert!(shown || is_excused(*refusal, door), "{refusal:?} is neither shown nor excused at {door:?}");
            assert!(!(shown && is_excused(*refusal, door)), "{refusal:?} is shown at {door:?}, yet excused");
        }
    }
}

#[test]
fn every_refusal_is_answered_as_its_golden_file_has_it() {
    for door in Door::ALL {
        for Case { refusal, call, server } in cases(door) {
            let answer = server.get().public(&call);
            assert_eq!(answer.refusal, Some(refusal), "{door:?}: {}\n{}", call.text(), answer.text);
            holds_for_all(refusal, &answer);
            match door {
                Door::Oauth => oauth(refusal, &answer),
                Door::Idaas => idaas(refusal, &answer),
                Door::Authing => authing(refusal, &answer),
            }
            golden::check(door, &golden_name(refusal), &call, &answer);
        }
    }
}

/// > The authorization server MUST include the HTTP "Cache-Control" response header field with a value of "no-store"
///
/// <https://www.rfc-editor.org/rfc/rfc6749#section-5.1>
fn holds_for_all(refusal: Refusal, answer: &Answer) {
    assert_eq!(answer.header("content-type"), Some("application/json"), "{refusal:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{refusal:?}");
    assert_eq!(answer.header("pragma"), Some("no-cache"), "{refusal:?}");
    assert_eq!(answer.header("retry-after").is_some(), answer.status == 503, "{refusal:?}");
    assert_eq!(answer.header("allow").is_some(), answer.status == 405, "{refusal:?}");
    let body = answer.json();
    let members: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["error", "error_description", "request_id"], "{refusal:?}");
    assert!(body.as_object().unwrap().values().all(|value| value.as_str().is_some_and(|text| !text.is_empty())));
    assert_eq!(body["request_id"].as_str(), answer.header("x-request-id"), "{refusal:?}");
    assert!(!answer.text.contains("()"), "{refusal:?} is about nothing: {}", answer.text);
}

/// The codes of RFC 6749 section 5.2 and RFC 8707 section 2, by class.
fn oauth(refusal: Refusal, answer: &Answer) {
    assert_code(refusal, answer, standard_code(refusal));
}

/// The same codes but for two: the vendor's documentation has `scope` as required, and nobody names a resource server, so
/// that there is none to issue for is the client's own lack.
fn authing(refusal: Refusal, answer: &Answer) {
    let code = if refusal == Refusal::ScopeMissing {
        (400, "invalid_request")
    } else if refusal == Refusal::OwnServerMissing {
        (400, "unauthorized_client")
    } else {
        standard_code(refusal)
    };
    assert_code(refusal, answer, code);
}

fn standard_code(refusal: Refusal) -> (u16, &'static str) {
    match refusal.class() {
        Class::NotFound => (404, "not_found"),
        Class::WrongMethod => (405, "invalid_request"),
        Class::Malformed => (400, "invalid_request"),
        Class::TooLarge => (413, "invalid_request"),
        Class::TooSlow => (408, "invalid_request"),
        Class::Unauthenticated | Class::BadCredential | Class::Disabled => (401, "invalid_client"),
        Class::AddressRefused | Class::ClientNotAllowed => (400, "unauthorized_client"),
        Class::UnsupportedGrant => (400, "unsupported_grant_type"),
        Class::BadScope => (400, "invalid_scope"),
        Class::BadTarget => (400, "invalid_target"),
        Class::Unavailable => (503, "temporarily_unavailable"),
        Class::BadToken | Class::InsufficientToken | Class::BadGateway | Class::GatewayTimeout | Class::Failed => {
            panic!("{refusal:?} is not a front door's")
        }
    }
}

fn assert_code(refusal: Refusal, answer: &Answer, (status, error): (u16, &str)) {
    assert_eq!((answer.status, answer.error(status).as_str()), (status, error), "{refusal:?}");
    let challenge = (status == 401).then_some(r#"Basic realm="writ", charset="UTF-8""#);
    assert_eq!(answer.header("www-authenticate"), challenge, "{refusal:?}");
    // > Values for the "error_description" parameter MUST NOT include characters outside the set %x20-21 / %x23-5B /
    // > %x5D-7E.
    // https://www.rfc-editor.org/rfc/rfc6749#section-5.2
    let allowed = |byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    assert!(answer.description().bytes().all(allowed), "{refusal:?}");
}

/// The documented codes; client errors of the protocol are 400 there, authentication included.
fn idaas(refusal: Refusal, answer: &Answer) {
    const DOCUMENTED: [&str; 6] = [
        "invalid_request",
        "authentication_required",
        "invalid_client_credential",
        "invalid_grant",
        "invalid_scope",
        "access_denied",
    ];
    let status = match refusal.class() {
        Class::NotFound => 404,
        Class::WrongMethod => 405,
        Class::TooLarge => 413,
        Class::TooSlow => 408,
        Class::Unavailable => 503,
        Class::Malformed
        | Class::Unauthenticated
        | Class::BadCredential
        | Class::Disabled
        | Class::AddressRefused
        | Class::ClientNotAllowed
        | Class::UnsupportedGrant
        | Class::BadScope
        | Class::BadTarget => 400,
        Class::BadToken | Class::InsufficientToken | Class::BadGateway | Class::GatewayTimeout | Class::Failed => {
            panic!("{refusal:?} is not a front door's")
        }
    };
    let error = answer.error(status);
    match status {
        404 => assert_eq!(error, "not_found"),
        503 => assert_eq!(error, "internal_error"),
        _ => assert!(DOCUMENTED.contains(&error.as_str()), "{refusal:?}: {error}"),
    }
    assert_eq!(answer.header("www-authenticate"), None, "{refusal:?}");
}

/// The golden files of a door's refusals.
pub(crate) fn golden_names(door: Door) -> Vec<String> {
    cases(door).iter().map(|case| golden_name(case.refusal)).collect()
}

/// `ScopeMissing` is shown by `refused-scope-missing`.
fn golden_name(refusal: Refusal) -> String {
    let mut name = "refused".to_owned();
    for letter in format!("{refusal:?}").chars() {
        if letter.is_ascii_uppercase() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}
