//! Keys made once per test process, and tokens written by hand.

use std::collections::HashMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use writ_oauth::jose::{
    Alg, AudienceForm, Claims, Expectation, HmacKey, JwtFault, SigningKey, UnverifiedJwt, Verified,
    VerifyingKey, sign_jwt_with_secret, verify,
};

pub(super) const NOW: i64 = 1_800_000_000;
pub(super) const ISSUER: &str = "https://issuer.example";
pub(super) const AUDIENCE: &str = "https://rs.example";
pub(super) const SECRET: &[u8; 64] = &[0x5a; 64];

pub(super) static EXPECT: Expectation<'static> = Expectation {
    issuer: Some(ISSUER),
    audiences: &[AUDIENCE],
    audience_form: AudienceForm::Any,
    types: &["JWT"],
    typ_optional: true,
    max_lifetime: Some(300),
    leeway: 0,
    required: &["sub"],
};

pub(super) struct Pair {
    pub(super) signing: SigningKey,
    pub(super) pkcs8: Vec<u8>,
    pub(super) verifying: VerifyingKey,
}

/// One key pair per asymmetric algorithm; RSA is slow to make, so its algorithms share one.
static PAIRS: LazyLock<HashMap<Alg, Pair>> = LazyLock::new(|| {
    let (_, rsa) = SigningKey::generate(Alg::RS256).unwrap();
    let pair = |alg: Alg| {
        let pkcs8 = match alg.kty() {
            "RSA" => rsa.as_bytes().to_vec(),
            _ => SigningKey::generate(alg).unwrap().1.as_bytes().to_vec(),
        };
        let signing = SigningKey::from_pkcs8(alg, &pkcs8).unwrap();
        let verifying = VerifyingKey::from_jwk(signing.public_jwk(), alg).unwrap();
        let pair = Pair {
            signing,
            pkcs8,
            verifying,
        };
        (alg, pair)
    };
    asymmetric().map(pair).collect()
});

pub(super) fn asymmetric() -> impl Iterator<Item = Alg> {
    Alg::ALL.into_iter().filter(|alg| !alg.is_symmetric())
}

pub(super) fn pair(alg: Alg) -> &'static Pair {
    &PAIRS[&alg]
}

/// Claims that `EXPECT` accepts at `NOW`, with `changes` laid over them; `null` removes one.
pub(super) fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "sub": "c1", "aud": AUDIENCE, "iat": NOW, "exp": NOW + 60, "jti": "j1",
    });
    let changes: Map<String, Value> = serde_json::from_value(changes).unwrap();
    let members = claims.as_object_mut().unwrap();
    members.extend(changes);
    members.retain(|_, value| !value.is_null());
    claims
}

pub(super) fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A compact JWS of any header and payload, well signed.
pub(super) fn compact(key: &SigningKey, header: &str, payload: &str) -> String {
    let input = format!("{}.{}", b64(header), b64(payload));
    let signature = b64(key.sign(input.as_bytes()).unwrap());
    format!("{input}.{signature}")
}

/// An ES256 token with the given header members beside `alg`, and good claims.
pub(super) fn with_header(members: &str) -> String {
    let header = format!(r#"{{"alg":"ES256"{members}}}"#);
    compact(
        &pair(Alg::ES256).signing,
        &header,
        &claims(json!({})).to_string(),
    )
}

pub(super) fn hmac_token(alg: Alg, secret: &[u8]) -> String {
    sign_jwt_with_secret(
        &HmacKey::new(alg, secret).unwrap(),
        "JWT",
        &claims(json!({})),
    )
    .unwrap()
}

pub(super) fn check(
    jwt: &str,
    keys: &[&VerifyingKey],
    expect: &Expectation<'_>,
) -> Result<Verified<Claims>, JwtFault> {
    verify(
        UnverifiedJwt::parse(jwt)?,
        keys.iter().copied(),
        expect,
        NOW,
    )
}

/// What becomes of an ES256 token with these changes to good claims, under `expect`.
pub(super) fn outcome(changes: Value, expect: &Expectation<'_>) -> Result<(), JwtFault> {
    let es256 = pair(Alg::ES256);
    let jwt = compact(
        &es256.signing,
        r#"{"alg":"ES256"}"#,
        &claims(changes).to_string(),
    );
    check(&jwt, &[&es256.verifying], expect).map(|_| ())
}
