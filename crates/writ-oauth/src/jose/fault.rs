//! What can be wrong with a token or a key: one variant per rule.
//!
//! Messages say which rule was not met and never repeat what was presented, so that they can be
//! logged.

use thiserror::Error;

use super::{MAX_SET_BYTES, MAX_SET_KEYS};

/// Why bytes are not the strict JSON object that JOSE needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum JsonFault {
    /// Not JSON, or bytes follow the value.
    #[error("not well-formed JSON")]
    Syntax,
    /// JSON, but not an object.
    #[error("not a JSON object")]
    NotAnObject,
    /// An object names a member twice.
    #[error("a member appears twice in one JSON object")]
    DuplicateMember,
    /// Nested deeper than [`MAX_DEPTH`](super::MAX_DEPTH).
    #[error("JSON is nested too deeply")]
    TooDeep,
}

/// Why a key, or a set of keys, is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyFault {
    /// A JWK or JWK set is not strict JSON.
    #[error("the JWK or JWK set: {0}")]
    Json(#[from] JsonFault),
    /// A JWK set of more than [`MAX_SET_BYTES`](super::MAX_SET_BYTES).
    #[error("the JWK set is too large: it has more than {most} bytes", most = MAX_SET_BYTES)]
    SetTooLarge,
    /// A JWK set of more than [`MAX_SET_KEYS`](super::MAX_SET_KEYS) keys.
    #[error("the JWK set holds more than {most} keys", most = MAX_SET_KEYS)]
    SetTooManyKeys,
    /// A JWK set without an array `keys` of objects.
    #[error("the JWK set has no array \"keys\" of JSON objects")]
    SetWithoutKeys,
    /// A JWK with a private member (`d`, `p`, `q`, `dp`, `dq`, `qi`, `oth`).
    #[error("the JWK holds a private key")]
    PrivateMember,
    /// A JWK of type `oct` (or one that carries `k`): a published secret.
    #[error("the JWK holds a symmetric key")]
    SymmetricJwk,
    /// A JWK lacks a member that its type requires.
    #[error("the JWK lacks a required member")]
    MemberMissing,
    /// A JWK member has the wrong JSON type, or a list repeats a value.
    #[error("a member of the JWK has the wrong form")]
    MemberForm,
    /// A JWK member is not base64url without padding.
    #[error("a member of the JWK is not base64url")]
    MemberBase64,
    /// A key type that Writ does not know.
    #[error("the JWK's key type is not supported")]
    UnknownKty,
    /// A curve that Writ does not know.
    #[error("the JWK's curve is not supported")]
    UnknownCurve,
    /// The JWK's `alg` is not a signature algorithm that Writ knows.
    #[error("the JWK's algorithm is not a supported signature algorithm")]
    UnknownAlg,
    /// `use` or `key_ops` say that the key is not for verifying signatures.
    #[error("the JWK is not meant for verifying signatures")]
    NotForVerifying,
    /// The algorithm does not fit the key's type or curve, or the key is bound to another one.
    #[error("the algorithm does not fit the key")]
    AlgMismatch,
    /// An RSA modulus outside 2048 to 8192 bits.
    #[error("the RSA modulus is not of 2048 to 8192 bits")]
    RsaSize,
    /// An RSA modulus that is even or begins with a zero octet.
    #[error("the RSA modulus is malformed")]
    RsaModulus,
    /// An RSA public exponent that is even, 1, or longer than 32 bits.
    #[error("the RSA public exponent is not acceptable")]
    RsaExponent,
    /// A coordinate of the wrong length, or a point that is not on its curve.
    #[error("the public key is not a point of its curve")]
    Point,
    /// Not exactly one PEM section `PUBLIC KEY`.
    #[error("not one PEM-encoded PUBLIC KEY")]
    Pem,
    /// Not the DER SubjectPublicKeyInfo of a supported key.
    #[error("not a SubjectPublicKeyInfo of a supported key type in DER")]
    Spki,
    /// Not an unencrypted PKCS#8 private key that fits the algorithm.
    #[error("not a PKCS#8 private key that fits the algorithm")]
    Pkcs8,
    /// An HMAC secret shorter than the hash output.
    #[error("the secret is shorter than the algorithm's hash")]
    SecretTooShort,
    /// A key pair was asked for under a symmetric algorithm.
    #[error("the algorithm has no key pair")]
    NoKeyPair,
    /// The cryptographic library could not make a key.
    #[error("a key pair could not be generated")]
    Generation,
}

/// Why something could not be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SignFault {
    /// The claims do not serialise as JSON.
    #[error("the claims cannot be written as JSON")]
    Claims,
    /// The signer failed.
    #[error("the signature could not be made")]
    Signer,
}

/// Why a JWT is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum JwtFault {
    /// Longer than [`MAX_JWT_BYTES`](super::MAX_JWT_BYTES).
    #[error("the JWT is too long")]
    TooLong,
    /// Not three non-empty parts (an encrypted JWT has five).
    #[error("the JWT is not a compact JWS of three parts")]
    NotThreeParts,
    /// A part is not base64url without padding.
    #[error("a part of the JWT is not base64url")]
    Base64,
    /// The header is not strict JSON.
    #[error("the JWT header: {0}")]
    HeaderJson(JsonFault),
    /// A header member has the wrong JSON type.
    #[error("a member of the JWT header has the wrong type")]
    HeaderMemberType,
    /// No `alg`.
    #[error("the JWT header names no algorithm")]
    AlgMissing,
    /// `alg` is `none`, in any case.
    #[error("the JWT is unsigned")]
    AlgNone,
    /// `alg` is not an algorithm that Writ knows.
    #[error("the JWT's algorithm is not supported")]
    AlgUnknown,
    /// A `crit` header.
    #[error("the JWT requires an extension that is not understood")]
    Crit,
    /// A `b64` header.
    #[error("the JWT uses an unencoded payload")]
    UnencodedPayload,
    /// A `zip` header.
    #[error("the JWT is compressed")]
    Compressed,
    /// The payload is itself a JWT.
    #[error("the JWT is nested")]
    Nested,
    /// The payload is not strict JSON.
    #[error("the JWT claims set: {0}")]
    ClaimsJson(JsonFault),
    /// A claim has the wrong JSON type.
    #[error("a claim has the wrong type")]
    ClaimType,
    /// A date that no clock will show.
    #[error("a date claim is out of range")]
    DateRange,
    /// No key is registered for the algorithm in the header.
    #[error("no key is registered for the JWT's algorithm")]
    NoKeyForAlg,
    /// No key has the `kid` in the header.
    #[error("no key has the JWT's key id")]
    KidUnknown,
    /// No `kid`, and several keys that are told apart by it.
    #[error("the JWT names no key id and several keys are registered")]
    KidMissing,
    /// More than [`MAX_CANDIDATE_KEYS`](super::MAX_CANDIDATE_KEYS) keys would have to be tried.
    #[error("too many keys fit the JWT")]
    TooManyCandidateKeys,
    /// The signature is not of any candidate key.
    #[error("the JWT's signature does not verify")]
    Signature,
    /// No `typ` where one is required.
    #[error("the JWT names no type")]
    TypMissing,
    /// A `typ` that is not accepted here.
    #[error("the JWT is of another type")]
    Typ,
    /// No `exp`.
    #[error("the JWT has no expiry")]
    ExpMissing,
    /// `exp` has passed.
    #[error("the JWT has expired")]
    Expired,
    /// `nbf` has not come.
    #[error("the JWT is not valid yet")]
    NotYetValid,
    /// `iat` has not come.
    #[error("the JWT was issued in the future")]
    IssuedInFuture,
    /// From `iat` (or now) to `exp` is longer than allowed.
    #[error("the JWT lives longer than allowed")]
    LifetimeTooLong,
    /// No `iss` where one is required.
    #[error("the JWT names no issuer")]
    IssuerMissing,
    /// `iss` is not the expected one, byte for byte.
    #[error("the JWT is from another issuer")]
    Issuer,
    /// No `aud`.
    #[error("the JWT names no audience")]
    AudienceMissing,
    /// No accepted audience is in `aud`, byte for byte.
    #[error("the JWT is for another audience")]
    Audience,
    /// `aud` is an array where one string is required.
    #[error("the JWT's audience is not a single string")]
    AudienceForm,
    /// A claim that this use requires is absent.
    #[error("the JWT lacks a required claim")]
    ClaimMissing,
}
