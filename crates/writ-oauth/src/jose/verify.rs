//! The one call that turns a presented JWT into a verified one.

use std::ops::Deref;

use super::claims::Claims;
use super::fault::JwtFault;
use super::jws::UnverifiedJwt;
use super::verifying_key::VerifyingKey;

/// The most keys that are tried for one token: more would let a registration with many keys of one
/// id, or none, make every token of its owner expensive.
pub const MAX_CANDIDATE_KEYS: usize = 8;

/// What a JWT must say to be accepted. Every field is a decision of the caller; there are no
/// defaults to forget.
#[derive(Clone, Copy, Debug)]
pub struct Expectation<'a> {
    /// The `iss` that is required, byte for byte. `None` only for a method whose tokens are not bound
    /// to an issuer claim (JWT-SVID, where the trust domain in `sub` chose the keys).
    pub issuer: Option<&'a str>,
    /// The audiences accepted here, compared byte for byte. Empty: nothing is accepted.
    pub audiences: &'a [&'a str],
    /// Whether `aud` may be an array.
    pub audience_form: AudienceForm,
    /// The values of `typ` accepted here, such as `at+jwt`; case and the prefix `application/` do not
    /// matter. Empty: every `typ` that is present is refused.
    pub types: &'a [&'a str],
    /// Whether a token without `typ` is accepted.
    pub typ_optional: bool,
    /// The longest life from `iat` (or from now, without `iat`) to `exp`, in seconds.
    pub max_lifetime: Option<u32>,
    /// How far the sender's clock may be off, in seconds, in either direction.
    pub leeway: u32,
    /// Claims that must be present beside `exp`, which always must.
    pub required: &'a [&'a str],
}

/// The forms of `aud` that are accepted.
///
/// A recipient that is named beside others cannot tell whether one of those has sent the token on;
/// [`AudienceForm::NoOther`] refuses such tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AudienceForm {
    /// A string, or an array that contains an accepted audience among others.
    Any,
    /// A string, or an array that contains accepted audiences and nobody else.
    NoOther,
    /// One string: the token is for one recipient and no other.
    OneString,
}

/// Proof that `T` was in a token that [`verify`] accepted. Nothing else makes one.
#[derive(Clone, Debug)]
pub struct Verified<T> {
    value: T,
    key_index: usize,
}

impl<T> Verified<T> {
    /// Which of the keys given to [`verify`] made the signature: its position, from 0.
    pub const fn key_index(&self) -> usize {
        self.key_index
    }

    /// The value, no longer marked as verified.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Checks the signature, then the type, then every claim that `expect` speaks of, at `now` (seconds
/// since 1970).
///
/// Of `keys`, those bound to the token's algorithm are considered. A `kid` in the token selects the
/// keys with that id and those without any; without a `kid`, a single key is tried whatever its id,
/// and of several those without id.
pub fn verify<'k>(
    jwt: UnverifiedJwt,
    keys: impl IntoIterator<Item = &'k VerifyingKey>,
    expect: &Expectation<'_>,
    now: i64,
) -> Result<Verified<Claims>, JwtFault> {
    let key_index = check_signature(&jwt, keys)?;
    check_type(jwt.typ(), expect)?;
    let value = jwt.into_claims();
    check_dates(&value, expect, now)?;
    check_issuer(&value, expect)?;
    check_audience(&value, expect)?;
    if expect.required.iter().any(|name| value.get(name).is_none()) {
        return Err(JwtFault::ClaimMissing);
    }
    Ok(Verified { value, key_index })
}

/// Checks of a JWT that nothing is known of what can be told without its keys: the type and the dates. What this
/// refuses, [`verify`] refuses; and it refuses the same whoever sent the JWT, and whatever is registered of them.
pub(crate) fn check_unverified(jwt: &UnverifiedJwt, expect: &Expectation<'_>, now: i64) -> Result<(), JwtFault> {
    check_type(jwt.typ(), expect)?;
    check_dates(jwt.unverified_claims(), &Expectation { max_lifetime: None, ..*expect }, now)
}

fn check_signature<'k>(
    jwt: &UnverifiedJwt,
    keys: impl IntoIterator<Item = &'k VerifyingKey>,
) -> Result<usize, JwtFault> {
    let candidates = candidates(jwt, keys)?;
    if candidates.len() > MAX_CANDIDATE_KEYS {
        return Err(JwtFault::TooManyCandidateKeys);
    }
    candidates
        .into_iter()
        .find(|(_, key)| key.verifies(jwt.signing_input(), jwt.signature()))
        .map(|(index, _)| index)
        .ok_or(JwtFault::Signature)
}

/// > Libraries MUST enable the caller to specify a supported set of algorithms and MUST NOT use any
/// > other algorithms when performing cryptographic operations.
///
/// The set is what the keys are bound to.
///
/// <https://www.rfc-editor.org/rfc/rfc8725#section-3.1>
fn candidates<'k>(
    jwt: &UnverifiedJwt,
    keys: impl IntoIterator<Item = &'k VerifyingKey>,
) -> Result<Vec<(usize, &'k VerifyingKey)>, JwtFault> {
    let mut candidates: Vec<_> =
        keys.into_iter().enumerate().filter(|(_, key)| key.alg() == jwt.header_alg()).collect();
    if candidates.is_empty() {
        return Err(JwtFault::NoKeyForAlg);
    }
    let absent = match jwt.kid() {
        Some(kid) => {
            candidates.retain(|(_, key)| key.kid().is_none_or(|id| id == kid));
            JwtFault::KidUnknown
        }
        None if candidates.len() == 1 => return Ok(candidates),
        None => {
            candidates.retain(|(_, key)| key.kid().is_none());
            JwtFault::KidMissing
        }
    };
    if candidates.is_empty() {
        return Err(absent);
    }
    // A key that was named is the likelier one.
    candidates.sort_by_key(|(_, key)| key.kid().is_none());
    Ok(candidates)
}

/// > A recipient using the media type value MUST treat it as if "application/" were prepended to any
/// > "typ" value not containing a '/'.
///
/// <https://www.rfc-editor.org/rfc/rfc7515#section-4.1.9>
fn check_type(typ: Option<&str>, expect: &Expectation<'_>) -> Result<(), JwtFault> {
    let Some(typ) = typ else {
        return if expect.typ_optional { Ok(()) } else { Err(JwtFault::TypMissing) };
    };
    let typ = without_application(typ);
    let accepted = expect.types.iter().any(|accepted| without_application(accepted).eq_ignore_ascii_case(typ));
    if accepted { Ok(()) } else { Err(JwtFault::Typ) }
}

/// Undoes the prefix of the rule above: only when nothing but one name follows it.
fn without_application(typ: &str) -> &str {
    const PREFIX: &str = "application/";
    match typ.split_at_checked(PREFIX.len()) {
        Some((prefix, name)) if prefix.eq_ignore_ascii_case(PREFIX) && !name.contains('/') => name,
        Some(_) | None => typ,
    }
}

fn check_dates(claims: &Claims, expect: &Expectation<'_>, now: i64) -> Result<(), JwtFault> {
    let leeway = i64::from(expect.leeway);
    let earliest_now = now.saturating_sub(leeway);
    let latest_now = now.saturating_add(leeway);

    // > The "exp" (expiration time) claim identifies the expiration time on or after which the JWT
    // > MUST NOT be accepted for processing.
    //
    // https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4
    let exp = claims.exp().ok_or(JwtFault::ExpMissing)?;
    if earliest_now >= exp {
        return Err(JwtFault::Expired);
    }

    // > The "nbf" (not before) claim identifies the time before which the JWT MUST NOT be accepted
    // > for processing.
    //
    // https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5
    if claims.nbf().is_some_and(|nbf| latest_now < nbf) {
        return Err(JwtFault::NotYetValid);
    }

    // No sentence of RFC 7519 forbids a future `iat`, but it would evade the lifetime cap below.
    if claims.iat().is_some_and(|iat| latest_now < iat) {
        return Err(JwtFault::IssuedInFuture);
    }

    let lifetime = exp.saturating_sub(claims.iat().unwrap_or(latest_now));
    if expect.max_lifetime.is_some_and(|most| lifetime > i64::from(most)) {
        return Err(JwtFault::LifetimeTooLong);
    }
    Ok(())
}

/// > The "iss" value is a case-sensitive string containing a StringOrURI value.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1>
fn check_issuer(claims: &Claims, expect: &Expectation<'_>) -> Result<(), JwtFault> {
    let Some(expected) = expect.issuer else {
        return Ok(());
    };
    match claims.iss() {
        None => Err(JwtFault::IssuerMissing),
        Some(iss) if iss == expected => Ok(()),
        Some(_) => Err(JwtFault::Issuer),
    }
}

/// > If the principal processing the claim does not identify itself with a value in the "aud" claim
/// > when this claim is present, then the JWT MUST be rejected.
///
/// Writ also rejects when it is absent: a token for nobody in particular is a token for everybody.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3>
fn check_audience(claims: &Claims, expect: &Expectation<'_>) -> Result<(), JwtFault> {
    if claims.get("aud").is_none() {
        return Err(JwtFault::AudienceMissing);
    }
    match expect.audience_form {
        AudienceForm::OneString if !claims.aud_is_one_string() => {
            return Err(JwtFault::AudienceForm);
        }
        AudienceForm::NoOther if !claims.aud().all(|aud| expect.audiences.contains(&aud)) => {
            return Err(if claims.aud().any(|aud| expect.audiences.contains(&aud)) {
                JwtFault::AudienceForm
            } else {
                JwtFault::Audience
            });
        }
        AudienceForm::OneString | AudienceForm::NoOther | AudienceForm::Any => {}
    }
    if claims.aud().any(|aud| expect.audiences.contains(&aud)) { Ok(()) } else { Err(JwtFault::Audience) }
}
