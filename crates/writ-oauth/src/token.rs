//! Access tokens: their claims, and the `jti` that lets a revocation reach them.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::binding::Confirmation;
use crate::jose::{Claims, JwtFault};

/// How an issuer's access tokens are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimsLayout {
    /// The JWT profile of RFC 9068.
    Rfc9068,
    /// The same claims under the plain `typ` `JWT`.
    Plain,
    /// The caller is the audience, and the authorized party is the application whose resource server is called.
    CallerAudience,
}

impl ClaimsLayout {
    /// The `typ` of the header.
    ///
    /// > JWT access tokens MUST include this media type in the "typ" header parameter
    ///
    /// <https://www.rfc-editor.org/rfc/rfc9068#section-2.1>
    pub const fn typ(self) -> &'static str {
        match self {
            Self::Rfc9068 => "at+jwt",
            Self::Plain | Self::CallerAudience => "JWT",
        }
    }

    /// The claims that every token has beside `iss`, `aud` and `exp`.
    pub const fn required(self) -> &'static [&'static str] {
        match self {
            Self::Rfc9068 | Self::Plain => &["iat", "jti", "sub", "client_id"],
            Self::CallerAudience => &["iat", "jti", "azp"],
        }
    }

    /// The client that a token was issued to.
    pub fn client_of(self, claims: &Claims) -> Result<Option<&str>, JwtFault> {
        match self {
            Self::Rfc9068 | Self::Plain => claims.client_id(),
            Self::CallerAudience => Ok(claims.aud().next()),
        }
    }
}

/// The claims of an access token. Times are seconds since the epoch.
///
/// > iss REQUIRED [...] exp REQUIRED [...] aud REQUIRED [...] sub REQUIRED [...] client_id REQUIRED [...] iat REQUIRED
/// > [...] jti REQUIRED
///
/// <https://www.rfc-editor.org/rfc/rfc9068#section-2.2>
#[derive(Serialize)]
pub struct AccessTokenClaims<'a> {
    /// The issuer.
    pub iss: &'a str,
    /// The client, or `client_id:subject` where the resource server wants the mapped subject.
    pub sub: &'a str,
    /// The resource server: one audience, as a string.
    pub aud: &'a str,
    /// The client.
    pub client_id: &'a str,
    /// What was granted, separated by blanks.
    pub scope: &'a str,
    /// Issued at.
    pub iat: i64,
    /// Expires at.
    pub exp: i64,
    /// The token's id.
    pub jti: &'a str,
    /// What the token is bound to, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}

/// The claims of an access token whose audience is its caller. It names no subject.
#[derive(Serialize)]
pub struct CallerAudienceClaims<'a> {
    /// The token's id.
    pub jti: &'a str,
    /// Issued at.
    pub iat: i64,
    /// Expires at.
    pub exp: i64,
    /// What was granted, separated by blanks; empty: nothing.
    pub scope: &'a str,
    /// The issuer.
    pub iss: &'a str,
    /// The client.
    pub aud: &'a str,
    /// The application whose resource server the token is for.
    pub azp: &'a str,
    /// What the token is bound to, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}

/// What a token's id says to the server that made it, and to nobody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenId {
    /// The change sequence under which the token was decided; at most [`TokenId::MAX_SEQUENCE`].
    pub sequence: u64,
    /// A keyed tag of the credential that authenticated the client, 24 bits.
    pub credential: CredentialTag,
    /// What makes it unique.
    pub random: u64,
}

/// A keyed tag of a credential, to compare credentials of one client with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CredentialTag(u32);

impl CredentialTag {
    fn lowest_bits(bits: u64) -> Self {
        let [_, _, _, _, _, a, b, c] = bits.to_be_bytes();
        Self(u32::from_be_bytes([0, a, b, c]))
    }
}

/// The key that hides the parts of token ids; derived from the master key.
pub struct TokenIdKey(hmac::Key);

impl TokenId {
    /// The largest sequence that fits: 38 bits.
    pub const MAX_SEQUENCE: u64 = (1 << SEQUENCE_BITS) - 1;
    /// Characters of an id in text: 126 bits, 6 a character.
    pub const LENGTH: usize = 21;
}

const SEQUENCE_BITS: u32 = 38;
const TAG_BITS: u32 = 24;
const HIDDEN: u64 = (1 << (SEQUENCE_BITS + TAG_BITS)) - 1;

impl TokenIdKey {
    /// From 32 bytes of key material.
    pub fn new(material: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, material))
    }

    /// The tag of a credential.
    pub fn tag(&self, credential_id: &str) -> CredentialTag {
        CredentialTag::lowest_bits(self.mask(b"credential", credential_id.as_bytes()))
    }

    /// The text of an id: the random half in clear, the rest masked by a function of it.
    pub fn seal(&self, id: TokenId) -> String {
        let parts = (id.sequence.min(TokenId::MAX_SEQUENCE) << TAG_BITS) | u64::from(id.credential.0);
        let masked = parts ^ (self.mask(b"id", &id.random.to_be_bytes()) & HIDDEN);
        // 62 masked bits and 64 random ones, shifted to the left end of 16 bytes: 21 characters and 2 bits to spare.
        let bits = ((u128::from(masked) << 64) | u128::from(id.random)) << 2;
        let mut text = URL_SAFE_NO_PAD.encode(bits.to_be_bytes());
        text.truncate(TokenId::LENGTH);
        text
    }

    /// Reads an id that [`TokenIdKey::seal`] made; `None` for other shapes.
    pub fn open(&self, text: &str) -> Option<TokenId> {
        if text.len() != TokenId::LENGTH {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(format!("{text}A")).ok()?;
        let bits = u128::from_be_bytes(bytes.try_into().ok()?) >> 2;
        let random = u64::try_from(bits & u128::from(u64::MAX)).ok()?;
        let parts = u64::try_from(bits >> 64).ok()? ^ (self.mask(b"id", &random.to_be_bytes()) & HIDDEN);
        let credential = CredentialTag::lowest_bits(parts);
        Some(TokenId { sequence: parts >> TAG_BITS, credential, random })
    }

    fn mask(&self, purpose: &[u8], input: &[u8]) -> u64 {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(purpose);
        context.update(input);
        let tag = context.sign();
        tag.as_ref().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_id_opens_to_what_was_sealed(sequence in 0..=TokenId::MAX_SEQUENCE, random: u64, name in "[a-z]{1,20}") {
            let key = TokenIdKey::new(&[3; 32]);
            let id = TokenId { sequence, credential: key.tag(&name), random };
            let text = key.seal(id);
            prop_assert_eq!(text.len(), 21);
            prop_assert_eq!(key.open(&text), Some(id));
        }

        #[test]
        fn any_text_opens_to_something_or_nothing_without_a_panic(text in ".{0,30}") {
            let _ = TokenIdKey::new(&[3; 32]).open(&text);
        }
    }

    #[test]
    fn nothing_of_the_sequence_shows() {
        let key = TokenIdKey::new(&[3; 32]);
        let credential = key.tag("c");
        let text = |sequence, random| key.seal(TokenId { sequence, credential, random });
        // Neighbouring ids share no prefix: the random half decides the mask.
        assert_ne!(text(1, 1).get(..6).unwrap(), text(1, 2).get(..6).unwrap());
        assert_eq!(key.open("short"), None);
    }
}
