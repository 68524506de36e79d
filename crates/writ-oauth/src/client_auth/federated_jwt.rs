//! JWTs of somebody else whom an administrator trusts: ID tokens, and JWT-SVIDs.

use super::{CLOCK_LEEWAY, decoy};
use crate::Refusal;
use crate::jose::{
    AudienceForm, Claims, Expectation, JwtFault, UnverifiedJwt, Verified, VerifyingKey, check_unverified, verify,
};

/// The `typ` of the tokens that issuers make: ID tokens and access tokens have none or `JWT`, or that of RFC 9068.
const ID_TOKEN_TYPES: &[&str] = &["JWT", "at+jwt"];

/// > The typ header is optional. If set, its value MUST be either `JWT` or `JOSE`.
///
/// <https://github.com/spiffe/spiffe/blob/main/standards/JWT-SVID.md#23-type>
const SVID_TYPES: &[&str] = &["JWT", "JOSE"];

/// A JWT of somebody else, of which nothing is known to be true. What can be told without knowing whose it is has been
/// checked. No `Debug`.
pub struct FederatedJwt {
    jwt: UnverifiedJwt,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    IdToken,
    Svid,
}

/// What a provider says its JWTs are like.
#[derive(Clone, Copy, Debug)]
pub struct FederatedRules<'a> {
    /// The issuer of ID tokens, byte for byte; of JWT-SVIDs `spiffe://` and the trust domain.
    pub issuer: &'a str,
    /// The audiences, compared byte for byte.
    pub audiences: &'a [&'a str],
    /// The longest life, in seconds.
    pub max_lifetime: u32,
}

impl FederatedJwt {
    /// Reads an ID token at `now`. Files and metadata services end their tokens with a line break.
    pub fn id_token(text: &str, now: i64) -> Result<Self, JwtFault> {
        Self::read(text, Kind::IdToken, now)
    }

    /// Reads a JWT-SVID at `now`.
    pub fn svid(text: &str, now: i64) -> Result<Self, JwtFault> {
        let read = Self::read(text, Kind::Svid, now)?;
        if read.jwt.unverified_sub().is_some() { Ok(read) } else { Err(JwtFault::ClaimMissing) }
    }

    fn read(text: &str, kind: Kind, now: i64) -> Result<Self, JwtFault> {
        let jwt = UnverifiedJwt::parse(text.trim_ascii())?;
        // A key that both sides have would let each client of an issuer speak for all the others.
        if jwt.header_alg().is_symmetric() {
            return Err(JwtFault::AlgUnknown);
        }
        let read = Self { jwt, kind };
        check_unverified(&read.jwt, &read.expectation(None, &[], None), now)?;
        Ok(read)
    }

    /// Whether it says that it is by this issuer, or of this trust domain: whose keys to check it with, no more.
    ///
    /// A JWT-SVID need have no `iss`; the trust domain of its `sub` stands for it.
    pub fn says_it_is_by(&self, issuer: &str) -> bool {
        match self.kind {
            Kind::IdToken => self.jwt.unverified_iss() == Some(issuer),
            Kind::Svid => {
                let path = self.jwt.unverified_sub().and_then(|sub| sub.strip_prefix(issuer));
                path.is_some_and(|path| path.starts_with('/'))
            }
        }
    }

    /// Who it says it is by; of a JWT-SVID, whose it is. Proven by nothing.
    pub fn unverified_origin(&self) -> Option<&str> {
        match self.kind {
            Kind::IdToken => self.jwt.unverified_iss(),
            Kind::Svid => self.jwt.unverified_sub(),
        }
    }

    /// The key id in its header.
    pub fn kid(&self) -> Option<&str> {
        self.jwt.kid()
    }

    /// Takes as long as the check of a signature that turns out to be wrong.
    pub fn check_in_vain(&self) {
        decoy::check(&self.jwt);
    }

    /// Checks it with the keys of an issuer, whose word it is then.
    pub fn verify<'k>(
        self,
        keys: impl IntoIterator<Item = &'k VerifyingKey>,
        rules: &FederatedRules<'_>,
        now: i64,
    ) -> Result<Verified<Claims>, JwtFault> {
        if !self.says_it_is_by(rules.issuer) {
            return Err(JwtFault::Issuer);
        }
        let issuer = (self.kind == Kind::IdToken).then_some(rules.issuer);
        let expect = self.expectation(issuer, rules.audiences, Some(rules.max_lifetime.saturating_add(CLOCK_LEEWAY)));
        verify(self.jwt, keys, &expect, now)
    }

    /// > The ID Token MUST be rejected if the ID Token does not list the Client as a valid audience, or if it contains
    /// > additional audiences not trusted by the Client.
    ///
    /// <https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation>
    fn expectation<'a>(
        &self,
        issuer: Option<&'a str>,
        audiences: &'a [&'a str],
        max_lifetime: Option<u32>,
    ) -> Expectation<'a> {
        Expectation {
            issuer,
            audiences,
            audience_form: AudienceForm::NoOther,
            types: if self.kind == Kind::Svid { SVID_TYPES } else { ID_TOKEN_TYPES },
            typ_optional: true,
            max_lifetime,
            leeway: CLOCK_LEEWAY,
            required: &[],
        }
    }
}

/// The rule that a fault of a [`FederatedJwt`] breaks.
pub fn federated_refusal(fault: JwtFault) -> Refusal {
    match fault {
        JwtFault::TooLong => Refusal::AssertionTooLong,
        JwtFault::AlgMissing | JwtFault::AlgNone | JwtFault::AlgUnknown => Refusal::AssertionAlgUnknown,
        JwtFault::ClaimType | JwtFault::DateRange => Refusal::AssertionClaimMalformed,
        JwtFault::NotThreeParts => Refusal::AssertionNotOfItsType,
        JwtFault::Base64
        | JwtFault::HeaderJson(_)
        | JwtFault::HeaderMemberType
        | JwtFault::Crit
        | JwtFault::UnencodedPayload
        | JwtFault::Compressed
        | JwtFault::Nested
        | JwtFault::ClaimsJson(_) => Refusal::AssertionMalformed,
        JwtFault::NoKeyForAlg
        | JwtFault::TooManyCandidateKeys
        | JwtFault::KidUnknown
        | JwtFault::KidMissing
        | JwtFault::Signature => Refusal::FederatedSignature,
        JwtFault::TypMissing | JwtFault::Typ => Refusal::AssertionTyp,
        JwtFault::ExpMissing => Refusal::AssertionExpiryMissing,
        JwtFault::Expired => Refusal::AssertionExpired,
        JwtFault::NotYetValid => Refusal::AssertionNotYetValid,
        JwtFault::IssuedInFuture => Refusal::AssertionIssuedInFuture,
        JwtFault::LifetimeTooLong => Refusal::FederatedLifetime,
        JwtFault::IssuerMissing | JwtFault::Issuer => Refusal::FederatedIssuer,
        JwtFault::AudienceMissing | JwtFault::Audience | JwtFault::AudienceForm => Refusal::FederatedAudience,
        JwtFault::ClaimMissing => Refusal::AssertionSubjectMissing,
    }
}
