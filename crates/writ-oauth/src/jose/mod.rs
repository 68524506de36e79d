//! JOSE for machines: signing keys, verifying keys, JWK sets and JWTs.
//!
//! This module exists because what a token server needs differs from what JWT libraries offer:
//!
//! * **A key knows its algorithm.** A token's header is compared with the key, never obeyed. What
//!   [`Alg`] does not name cannot be asked for.
//! * **Keys are parsed once** and held parsed; a signature costs what the mathematics costs.
//! * **Verification is one call.** [`verify`] checks the signature and every claim rule, and only it
//!   can make a [`Verified`]. [`UnverifiedJwt`] offers nothing but what is needed to find the key,
//!   under names that say it is unverified.
//! * **Nothing in a token is trusted to bring its own key.** `jku`, `x5u`, `jwk` and `x5c` are
//!   neither followed nor read here. They are not refused either: a sender may add them in good
//!   faith, and whoever wants a certificate chain or a proof key reads the header and proves it.
//! * **Strict JSON.** Duplicate members, deep nesting and trailing bytes are refused, because two
//!   parsers that disagree about a token are a hole in one of them.
//!
//! Everything is pure: bytes and `now` in, values out. No clock, no I/O, no fetching.
//!
//! The path of a presented token is [`UnverifiedJwt::parse`], then [`verify`] with the sender's
//! [`VerifyingKey`]s and an [`Expectation`], giving [`Verified<Claims>`]. The path of an issued one
//! is a [`JwtSigner`] over a [`SigningKey`].

mod alg;
mod base64url;
mod claims;
mod fault;
mod hmac_key;
mod json;
mod jwk;
mod jwk_parse;
mod jwk_set;
mod jws;
mod signer;
mod signing_key;
mod spki;
mod verify;
mod verifying_key;

pub use alg::Alg;
pub use claims::Claims;
pub use fault::{JsonFault, JwtFault, KeyFault, SignFault};
pub use hmac_key::HmacKey;
pub use json::{MAX_DEPTH, parse_object};
pub use jwk::{Curve, Jwk, KeyParameters};
pub use jwk_set::{JwkSet, MAX_SET_BYTES, MAX_SET_KEYS, SkippedKey, parse_jwk_set};
pub use jws::{MAX_JWT_BYTES, UnverifiedJwt};
pub use signer::{JwtSigner, sign_jwt, sign_jwt_with_secret};
pub use signing_key::{Pkcs8, SigningKey};
pub(crate) use verify::check_unverified;
pub use verify::{AudienceForm, Expectation, MAX_CANDIDATE_KEYS, Verified, verify};
pub use verifying_key::VerifyingKey;
