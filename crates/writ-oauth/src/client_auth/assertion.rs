//! Assertions that a client signs itself (RFC 7523): what `client_secret_jwt` and `private_key_jwt` share.

use super::{AuthMethod, PresentedAssertion, decoy, private_key_jwt, secret_jwt};
use crate::jose::{Alg, AudienceForm, Expectation, JwtFault, UnverifiedJwt, VerifyingKey, verify};
use crate::{Refusal, Refused};

/// How far a client's clock may be off, in seconds, in either direction.
pub const CLOCK_LEEWAY: u32 = 60;

/// The longest `jti` that is taken, in bytes.
pub const MAX_ASSERTION_ID: usize = 256;

/// An assertion that was read, and of which nothing is known to be true. No `Debug`.
pub struct ClientAssertion {
    client_id: String,
    method: AuthMethod,
    jwt: UnverifiedJwt,
}

/// What an assertion must be like beside being signed; decided by the door and by the client's policy.
#[derive(Clone, Copy)]
pub struct AssertionRules<'a> {
    /// The audiences, compared byte for byte.
    pub audiences: &'a [&'a str],
    /// The forms of `aud`.
    pub audience_form: AudienceForm,
    /// Whether it may be signed by its algorithm.
    pub allows: &'a dyn Fn(Alg) -> bool,
    /// The longest life, in seconds.
    pub max_lifetime: u32,
}

/// An assertion that a client's key or secret signed and that meets every rule but one: whether it was used before, only
/// the ledger knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenAssertion {
    /// Which of the keys signed it: its position, from 0.
    pub key: usize,
    /// The `jti`.
    pub id: String,
    /// From when on it is refused for its age, in seconds since the epoch.
    pub refused_from: i64,
}

impl ClientAssertion {
    /// Reads what was presented, and finds who says to have signed it.
    ///
    /// > For client authentication, the subject MUST be the "client_id" of the OAuth client.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7523#section-3>
    pub fn read(presented: &PresentedAssertion) -> Result<Self, Refused> {
        let jwt = UnverifiedJwt::parse(presented.assertion()).map_err(refusal)?;
        let client_id = jwt.unverified_sub().filter(|sub| !sub.is_empty()).ok_or(Refusal::AssertionSubjectMissing)?;
        let client_id = client_id.to_owned();
        let method = if jwt.header_alg().is_symmetric() { secret_jwt::METHOD } else { private_key_jwt::METHOD };
        let read = Self { client_id, method, jwt };
        read.names_one_client(presented.client_id())
            .map_err(|refusal| Refused::from(refusal).of_client(&read.client_id))?;
        Ok(read)
    }

    fn names_one_client(&self, beside: Option<&str>) -> Result<(), Refusal> {
        // > If present, the value of the "client_id" parameter MUST identify the same client as is identified by the
        // > client assertion.
        // https://www.rfc-editor.org/rfc/rfc7521#section-4.2
        if beside.is_some_and(|id| id != self.client_id) {
            return Err(Refusal::AssertionClientMismatch);
        }
        // > iss REQUIRED. Issuer. This MUST contain the client_id of the OAuth Client.
        // https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication
        if self.jwt.unverified_iss() == Some(&*self.client_id) { Ok(()) } else { Err(Refusal::AssertionIssuerMismatch) }
    }

    /// The client that it is said to be of.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The method that its algorithm makes it.
    pub const fn method(&self) -> AuthMethod {
        self.method
    }

    /// The algorithm in its header.
    pub const fn alg(&self) -> Alg {
        self.jwt.header_alg()
    }

    /// The key id in its header.
    pub fn kid(&self) -> Option<&str> {
        self.jwt.kid()
    }

    /// Takes as long as the check of a signature that turns out to be wrong.
    ///
    /// There is somebody to ask for a client that does not exist, or has no key for the algorithm: the answer is the same
    /// as to a wrong signature, and so is the time it takes.
    pub fn check_in_vain(&self) {
        decoy::check(&self.jwt);
    }

    /// Checks the signature by one of the keys at `now`, then every rule.
    pub fn verify(
        self,
        keys: &[&VerifyingKey],
        rules: &AssertionRules<'_>,
        now: i64,
    ) -> Result<ProvenAssertion, Refusal> {
        if let Err(refusal) = self.has_candidate(keys) {
            self.check_in_vain();
            return Err(refusal);
        }
        let (client_id, alg) = (self.client_id, self.jwt.header_alg());
        let expect = Expectation {
            issuer: Some(&client_id),
            audiences: rules.audiences,
            audience_form: rules.audience_form,
            types: &["JWT", "client-authentication+jwt"],
            typ_optional: true,
            max_lifetime: Some(rules.max_lifetime.saturating_add(CLOCK_LEEWAY)),
            leeway: CLOCK_LEEWAY,
            required: &["sub", "jti"],
        };
        let claims = verify(self.jwt, keys.iter().copied(), &expect, now).map_err(refusal)?;
        if !(rules.allows)(alg) {
            return Err(Refusal::AssertionAlgNotAllowed);
        }
        // > The JWT MAY contain a "jti" (JWT ID) claim that provides a unique identifier for the token. The
        // > authorization server MAY ensure that JWTs are not replayed by maintaining the set of used "jti" values for
        // > the length of time for which the JWT would be considered valid
        // https://www.rfc-editor.org/rfc/rfc7523#section-3
        match (claims.jti(), claims.exp()) {
            (None | Some(""), _) | (_, None) => Err(Refusal::AssertionIdMissing),
            (Some(id), _) if id.len() > MAX_ASSERTION_ID => Err(Refusal::AssertionIdTooLong),
            (Some(id), Some(exp)) => Ok(ProvenAssertion {
                key: claims.key_index(),
                id: id.to_owned(),
                refused_from: exp.saturating_add(CLOCK_LEEWAY.into()),
            }),
        }
    }

    /// Whether there is anything to check the signature with, as [`verify`] chooses among keys.
    fn has_candidate(&self, keys: &[&VerifyingKey]) -> Result<(), Refusal> {
        let fitting: Vec<_> = keys.iter().filter(|key| key.alg() == self.jwt.header_alg()).collect();
        let found = match self.jwt.kid() {
            _ if fitting.is_empty() => return Err(Refusal::AssertionKeyMissing),
            Some(kid) => fitting.iter().any(|key| key.kid().is_none_or(|known| known == kid)),
            None => fitting.len() == 1 || fitting.iter().any(|key| key.kid().is_none()),
        };
        if found { Ok(()) } else { Err(Refusal::AssertionKeyUnnamed) }
    }
}

/// The rule that a fault of a JWT breaks, once it is an assertion.
fn refusal(fault: JwtFault) -> Refusal {
    match fault {
        JwtFault::TooLong => Refusal::AssertionTooLong,
        JwtFault::AlgMissing | JwtFault::AlgNone | JwtFault::AlgUnknown => Refusal::AssertionAlgUnknown,
        JwtFault::ClaimType | JwtFault::DateRange => Refusal::AssertionClaimMalformed,
        JwtFault::NotThreeParts
        | JwtFault::Base64
        | JwtFault::HeaderJson(_)
        | JwtFault::HeaderMemberType
        | JwtFault::Crit
        | JwtFault::UnencodedPayload
        | JwtFault::Compressed
        | JwtFault::Nested
        | JwtFault::ClaimsJson(_) => Refusal::AssertionMalformed,
        JwtFault::NoKeyForAlg | JwtFault::TooManyCandidateKeys => Refusal::AssertionKeyMissing,
        JwtFault::KidUnknown | JwtFault::KidMissing => Refusal::AssertionKeyUnnamed,
        JwtFault::Signature => Refusal::AssertionSignature,
        JwtFault::TypMissing | JwtFault::Typ => Refusal::AssertionTyp,
        JwtFault::ExpMissing => Refusal::AssertionExpiryMissing,
        JwtFault::Expired => Refusal::AssertionExpired,
        JwtFault::NotYetValid => Refusal::AssertionNotYetValid,
        JwtFault::IssuedInFuture => Refusal::AssertionIssuedInFuture,
        JwtFault::LifetimeTooLong => Refusal::AssertionLifetimeTooLong,
        JwtFault::IssuerMissing | JwtFault::Issuer => Refusal::AssertionIssuerMismatch,
        JwtFault::AudienceMissing | JwtFault::Audience => Refusal::AssertionAudience,
        JwtFault::AudienceForm => Refusal::AssertionAudienceForm,
        JwtFault::ClaimMissing => Refusal::AssertionIdMissing,
    }
}
