//! The steps of verifying a token, and the one that a fault belongs to.

use writ_oauth::jose::JwtFault;

use crate::token::TokenFault;

/// A step of verifying a token, in the order in which they are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TokenStep {
    /// It is a JWT that can be read.
    Form,
    /// It says that it is by an issuer of the tenant.
    Issuer,
    /// Its signature is by one of the issuer's keys.
    Signature,
    /// It is an access token.
    Type,
    /// It is valid now.
    Time,
    /// It says everything that a token of Writ says.
    Claims,
    /// It is for the audience of the route.
    Audience,
}

impl TokenStep {
    pub(super) const ALL: [Self; 7] =
        [Self::Form, Self::Issuer, Self::Signature, Self::Type, Self::Time, Self::Claims, Self::Audience];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Issuer => "issuer",
            Self::Signature => "signature",
            Self::Type => "type",
            Self::Time => "time",
            Self::Claims => "claims",
            Self::Audience => "audience",
        }
    }

    /// What would have to change for it to hold.
    pub(super) const fn change(self) -> &'static str {
        match self {
            Self::Form => "present the whole access token, as it was issued",
            Self::Issuer => "get the token at one of this tenant's doors",
            Self::Signature => "get a new token: this one was changed, or the key that signed it is gone",
            Self::Type => "present an access token, and no other JWT",
            Self::Time => "get a new token, and look at the clocks if this one is new",
            Self::Audience => "get a token for the audience that the route asks for",
            Self::Claims => "get a new token from Writ",
        }
    }
}

impl From<&TokenFault> for TokenStep {
    fn from(fault: &TokenFault) -> Self {
        match fault {
            TokenFault::Jwt(fault) => of_jwt(*fault),
            TokenFault::Issuer => Self::Issuer,
            TokenFault::Application => Self::Audience,
            TokenFault::Id | TokenFault::Confirmation => Self::Claims,
        }
    }
}

const fn of_jwt(fault: JwtFault) -> TokenStep {
    match fault {
        JwtFault::TooLong
        | JwtFault::NotThreeParts
        | JwtFault::Base64
        | JwtFault::HeaderJson(_)
        | JwtFault::HeaderMemberType
        | JwtFault::AlgMissing
        | JwtFault::AlgNone
        | JwtFault::AlgUnknown
        | JwtFault::Crit
        | JwtFault::UnencodedPayload
        | JwtFault::Compressed
        | JwtFault::Nested
        | JwtFault::ClaimsJson(_)
        | JwtFault::ClaimType
        | JwtFault::DateRange => TokenStep::Form,
        JwtFault::NoKeyForAlg
        | JwtFault::KidUnknown
        | JwtFault::KidMissing
        | JwtFault::TooManyCandidateKeys
        | JwtFault::Signature => TokenStep::Signature,
        JwtFault::TypMissing | JwtFault::Typ => TokenStep::Type,
        JwtFault::ExpMissing
        | JwtFault::Expired
        | JwtFault::NotYetValid
        | JwtFault::IssuedInFuture
        | JwtFault::LifetimeTooLong => TokenStep::Time,
        JwtFault::IssuerMissing | JwtFault::Issuer => TokenStep::Issuer,
        JwtFault::AudienceMissing | JwtFault::Audience | JwtFault::AudienceForm => TokenStep::Audience,
        JwtFault::ClaimMissing => TokenStep::Claims,
    }
}
