//! The reasons for which an assertion is refused. The vendor documents one of them, `expired`; the others are chosen here.

use writ_oauth::Refusal;

use crate::http::dialect::tells_of_what_is_registered;

/// The word inside the brackets; `None`: the refusal is about something else.
#[expect(clippy::wildcard_enum_match_arm, reason = "the class is exhaustive; these are about assertions")]
pub(super) const fn reason(refusal: Refusal) -> Option<&'static str> {
    Some(match refusal {
        Refusal::AssertionTooLong => "too long",
        Refusal::AssertionMalformed => "malformed",
        Refusal::AssertionAlgUnknown | Refusal::DocumentAlgorithm => "unsupported algorithm",
        Refusal::AssertionClaimMalformed => "malformed claim",
        Refusal::AssertionSubjectMissing => "missing subject",
        Refusal::AssertionIssuerMismatch => "issuer is not subject",
        Refusal::AssertionClientMismatch => "subject is not client_id",
        Refusal::FederatedAmbiguous => "several federated credentials fit; name one",
        Refusal::FederatedSubject => "no subject",
        Refusal::AssertionNotOfItsType => "not of the type in client_assertion_type",
        Refusal::AssertionAlgNotAllowed => "algorithm not allowed for this client",
        Refusal::AssertionTyp => "wrong type",
        Refusal::AssertionExpiryMissing => "missing expiry",
        Refusal::AssertionExpired => "expired",
        Refusal::AssertionNotYetValid => "not yet valid",
        Refusal::AssertionIssuedInFuture => "issued in the future",
        Refusal::AssertionLifetimeTooLong => "lifetime too long",
        Refusal::AssertionAudience => "wrong audience",
        Refusal::AssertionAudienceForm => "audience not allowed in this form",
        Refusal::AssertionIdMissing => "missing jti",
        Refusal::AssertionIdTooLong => "jti too long",
        Refusal::AssertionSpent => "used before",
        Refusal::CertificateUnreadable => "malformed certificate",
        Refusal::CertificateExpired => "certificate expired",
        Refusal::CertificateNotYetValid => "certificate not yet valid",
        Refusal::DocumentUnreadable => "malformed document",
        Refusal::DocumentDetached => "detached signature",
        Refusal::DocumentTampered => "content is not what was signed",
        other if tells_of_what_is_registered(other) => "mismatch",
        _ => return None,
    })
}
