//! Compact JWS: a token as it is presented, or a header and claims in two lines, which are signed here so that what is
//! behind the signature is reached.

use std::sync::LazyLock;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use writ_oauth::jose::{Alg, AudienceForm, Claims, Expectation, MAX_JWT_BYTES, UnverifiedJwt, VerifyingKey, verify};

use super::fixture::NOW;

const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "https://rs.example";
const LIFETIME: u32 = 300;
const SECRET: [u8; 64] = [0x5a; 64];
const SECRET_KEY: usize = 0;

static EXPECT: Expectation<'static> = Expectation {
    issuer: Some(ISSUER),
    audiences: &[AUDIENCE],
    audience_form: AudienceForm::Any,
    types: &["JWT"],
    typ_optional: true,
    max_lifetime: Some(LIFETIME),
    leeway: 0,
    required: &["sub"],
};

macro_rules! of_key {
    ($file:literal) => {
        include_str!(concat!("../../../crates/writ-oauth/tests/it/jose/keys/", $file))
    };
}

/// A key of each kind; the shared secret is the first.
static KEYS: LazyLock<Vec<VerifyingKey>> = LazyLock::new(|| {
    let rsa = of_key!("rsa2048.pem");
    let public = [
        (Alg::RS256, rsa),
        (Alg::RS384, rsa),
        (Alg::RS512, rsa),
        (Alg::PS256, rsa),
        (Alg::PS384, rsa),
        (Alg::PS512, rsa),
        (Alg::ES256, of_key!("p256.pem")),
        (Alg::ES384, of_key!("p384.pem")),
        (Alg::ES512, of_key!("p521.pem")),
        (Alg::EdDSA, of_key!("ed25519.pem")),
    ];
    let secret = VerifyingKey::from_secret(&SECRET, Alg::HS256);
    let public = public.map(|(alg, pem)| VerifyingKey::from_spki_pem(pem, alg));
    [secret].into_iter().chain(public).map(Result::unwrap).collect()
});

/// Everything that the public keys ever signed.
const SIGNED: [&str; 5] =
    [of_key!("rsa2048.jwt"), of_key!("p256.jwt"), of_key!("p384.jwt"), of_key!("p521.jwt"), of_key!("ed25519.jwt")];

pub(super) fn check(input: &[u8]) {
    let line = input.iter().position(|octet| *octet == b'\n');
    match line.map(|at| input.split_at(at)) {
        Some((header, claims)) => check_token(&signed(header, &claims[1..])),
        None => _ = std::str::from_utf8(input).map(check_token),
    }
}

fn signed(header: &[u8], claims: &[u8]) -> String {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &SECRET), input.as_bytes());
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn check_token(token: &str) {
    let Ok(jwt) = UnverifiedJwt::parse(token) else { return };
    assert!(token.len() <= MAX_JWT_BYTES);
    let alg = jwt.header_alg();
    let issuer = jwt.unverified_iss().map(str::to_owned);
    let _ = (jwt.kid(), jwt.typ(), jwt.unverified_header("crit"), jwt.unverified_sub(), format!("{jwt:?}"));
    let Ok(verified) = verify(jwt, &*KEYS, &EXPECT, NOW) else { return };
    assert_eq!(KEYS[verified.key_index()].alg(), alg, "the header chose the key's algorithm");
    assert_eq!(verified.iss().map(str::to_owned), issuer);
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("a token of {} parts verifies", parts.len()) };
    let [header, payload] = [header, payload].map(|part| {
        let json = URL_SAFE_NO_PAD.decode(part).expect("what verifies is base64url");
        serde_json::from_slice::<Value>(&json).expect("what verifies is JSON")
    });
    assert_eq!(Value::from(verified.members().clone()), payload);
    assert_eq!((header["alg"].as_str(), header.get("crit")), (Some(alg.name()), None));
    check_claims(&verified);
    if verified.key_index() != SECRET_KEY {
        let input = token.strip_suffix(signature).unwrap();
        assert!(SIGNED.iter().any(|known| known.starts_with(input)), "nobody signed this");
    }
}

/// Each rule again, at `NOW`, on what serde makes of the claims.
fn check_claims(claims: &Claims) {
    let number = |name| claims.get(name).map(|value| value.as_f64().expect("a date is a number"));
    let now = 1_800_000_000.0;
    let exp = number("exp").expect("a token ends");
    assert!(exp > now && number("nbf").is_none_or(|nbf| nbf <= now) && number("iat").is_none_or(|iat| iat < now + 1.0));
    assert!(exp - number("iat").unwrap_or(now) < f64::from(LIFETIME) + 1.0);
    assert_eq!(claims.get("iss"), Some(&Value::from(ISSUER)));
    assert!(claims.get("sub").is_some_and(Value::is_string));
    let aud = claims.get("aud").expect("a token is for somebody");
    assert!(aud == AUDIENCE || aud.as_array().is_some_and(|list| list.iter().any(|one| one == AUDIENCE)));
}
