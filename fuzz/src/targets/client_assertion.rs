//! An assertion of a client, from the form that presents it to the proof: in the first line the `client_id` beside it,
//! then the assertion; or its header and claims in two lines, which are signed here with the client's keys, so that
//! what is behind the signature is reached.

use std::sync::LazyLock;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use writ_oauth::Refusal;
use writ_oauth::client_auth::{
    AssertionRules, AuthMethod, CLOCK_LEEWAY, ClientAssertion, MAX_ASSERTION_ID, Presented, PresentedAssertion,
    ProvenAssertion, hmac_key,
};
use writ_oauth::form::Form;
use writ_oauth::jose::{Alg, AudienceForm, VerifyingKey, parse_jwk_set};
use writ_oauth::secret::PlainSecret;

use super::fixture::NOW;
use super::presented::{JWT_BEARER, WORDS};

const ISSUER: &str = "https://issuer.example";
const TOKEN_ENDPOINT: &str = "https://issuer.example/oauth2/token";
const LIFETIME: u32 = 300;
const STRICT_LIFETIME: u32 = 60;

/// A client of today's clients' rules, and one of the strict profile that signs with its private key alone.
const COMPATIBLE: AssertionRules<'static> = AssertionRules {
    audiences: &[ISSUER, TOKEN_ENDPOINT],
    audience_form: AudienceForm::NoOther,
    allows: &|_| true,
    max_lifetime: LIFETIME,
};
const STRICT: AssertionRules<'static> = AssertionRules {
    audiences: &[ISSUER],
    audience_form: AudienceForm::OneString,
    allows: &|alg| alg == Alg::EdDSA,
    max_lifetime: STRICT_LIFETIME,
};

const SYMMETRIC: [(Alg, hmac::Algorithm); 3] =
    [(Alg::HS256, hmac::HMAC_SHA256), (Alg::HS384, hmac::HMAC_SHA384), (Alg::HS512, hmac::HMAC_SHA512)];

/// What a client has: a secret, and a private key whose public half it published.
struct Credentials {
    secret: [u8; 64],
    private: Ed25519KeyPair,
    keys: Vec<VerifyingKey>,
}

static CLIENT: LazyLock<Credentials> = LazyLock::new(|| Credentials::new(b'a'));
static ANOTHER: LazyLock<Credentials> = LazyLock::new(|| Credentials::new(b'b'));

impl Credentials {
    fn new(octet: u8) -> Self {
        let secret = [octet; 64];
        let private = Ed25519KeyPair::from_seed_unchecked(&[octet; 32]).unwrap();
        let x = URL_SAFE_NO_PAD.encode(private.public_key());
        let set = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "first", "x": x}]}).to_string();
        let public = parse_jwk_set(set.as_bytes()).unwrap().verifying_keys(&Alg::ALL).unwrap();
        let plain = PlainSecret::new(String::from_utf8(secret.to_vec()).unwrap());
        let keys = SYMMETRIC.iter().filter_map(|(alg, _)| hmac_key(&plain, *alg)).chain(public).collect();
        Self { secret, private, keys }
    }

    /// By the algorithm that the header names, if the client has a key for it.
    fn sign(&self, header: &[u8], claims: &[u8]) -> Option<String> {
        let named: Value = serde_json::from_slice(header).ok()?;
        let alg = Alg::from_name(named.get("alg")?.as_str()?)?;
        let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = match SYMMETRIC.iter().find(|(known, _)| *known == alg) {
            Some((_, hash)) => {
                URL_SAFE_NO_PAD.encode(hmac::sign(&hmac::Key::new(*hash, &self.secret), input.as_bytes()))
            }
            None if alg == Alg::EdDSA => URL_SAFE_NO_PAD.encode(self.private.sign(input.as_bytes())),
            None => return None,
        };
        Some(format!("{input}.{signature}"))
    }
}

pub(super) fn check(input: &[u8]) {
    let mut lines = input.splitn(3, |octet| *octet == b'\n');
    let (Some(beside), Some(first)) = (lines.next(), lines.next()) else { return };
    match lines.next() {
        Some(claims) => {
            let Some(assertion) = CLIENT.sign(first, claims) else { return };
            check_signed(beside, &assertion, first, claims);
        }
        // No fuzzer guesses a signature.
        None => assert!(prove(beside, first, &CLIENT, &COMPATIBLE).is_err(), "nobody signed this"),
    }
}

fn check_signed(beside: &[u8], assertion: &str, header: &[u8], claims: &[u8]) {
    let assertion = assertion.as_bytes();
    let [proven, strict] = [&COMPATIBLE, &STRICT].map(|rules| prove(beside, assertion, &CLIENT, rules));
    assert!(prove(beside, assertion, &ANOTHER, &COMPATIBLE).is_err(), "a key of another client proves it");
    let Ok(proven) = proven else { return assert!(strict.is_err(), "the strict profile takes more") };
    let [header, claims] = [header, claims].map(|json| serde_json::from_slice::<Value>(json).expect("it is JSON"));
    check_proven(&proven, beside, &header, &claims);
    if let Ok(strict) = strict {
        assert_eq!(strict, proven);
        assert_eq!((header["alg"].as_str(), claims["aud"].as_str()), (Some("EdDSA"), Some(ISSUER)));
    }
}

/// The whole way of an assertion.
fn prove(
    beside: &[u8],
    assertion: &[u8],
    client: &Credentials,
    rules: &AssertionRules<'_>,
) -> Result<ProvenAssertion, Option<Refusal>> {
    let presented = present(beside, assertion).ok_or(None)?;
    let read = ClientAssertion::read(&presented).map_err(|_| None)?;
    assert!(!read.client_id().is_empty());
    assert!(presented.client_id().is_none_or(|id| id == read.client_id()), "it speaks for two clients");
    let is_secret = read.method() == AuthMethod::ClientSecretJwt;
    assert!(is_secret == read.alg().is_symmetric() && (is_secret || read.method() == AuthMethod::PrivateKeyJwt));
    let keys: Vec<_> = client.keys.iter().collect();
    let _ = read.kid();
    read.verify(&keys, rules, NOW).map_err(Some)
}

fn present(beside: &[u8], assertion: &[u8]) -> Option<PresentedAssertion> {
    let encode = |octets| form_urlencoded::byte_serialize(octets).collect::<String>();
    let [beside, assertion] = [encode(beside), encode(assertion)];
    let body = format!("client_id={beside}&client_assertion_type={JWT_BEARER}&client_assertion={assertion}");
    match Presented::read(&[], &Form::parse(body.as_bytes(), 4).ok()?, &WORDS).ok()? {
        Presented::Assertion(presented) => Some(presented),
        Presented::Secret(..) | Presented::Connection(_) => panic!("an assertion is read as another method"),
    }
}

/// Each rule again, at `NOW`, on what serde makes of the assertion.
fn check_proven(proven: &ProvenAssertion, beside: &[u8], header: &Value, claims: &Value) {
    assert_eq!(header["alg"].as_str(), Some(CLIENT.keys[proven.key].alg().name()), "the header chose the key");
    assert!(header.get("crit").is_none());
    let kid = header.get("kid");
    assert!(CLIENT.keys[proven.key].kid().is_none_or(|known| kid.is_none_or(|kid| kid == known)));
    let client = claims["sub"].as_str().expect("an assertion names its client");
    assert_eq!(claims["iss"].as_str(), Some(client));
    assert!(beside.is_empty() || beside == client.as_bytes());
    let id = claims["jti"].as_str().expect("an assertion can be told from others");
    assert!(proven.id == id && (1..=MAX_ASSERTION_ID).contains(&id.len()));
    let aud = &claims["aud"];
    let audiences = aud.as_array().map_or_else(|| vec![aud], |list| list.iter().collect());
    assert!(!audiences.is_empty() && audiences.iter().all(|one| *one == ISSUER || *one == TOKEN_ENDPOINT));
    check_dates(proven, claims);
}

fn check_dates(proven: &ProvenAssertion, claims: &Value) {
    let number = |name| claims.get(name).map(|value| value.as_f64().expect("a date is a number"));
    let (now, leeway) = (1_800_000_000.0, f64::from(CLOCK_LEEWAY));
    let exp = number("exp").expect("an assertion ends");
    assert!(exp > now - leeway);
    assert!(["nbf", "iat"].iter().all(|name| number(name).is_none_or(|date| date < now + leeway + 1.0)));
    assert!(exp - number("iat").unwrap_or(now + leeway) < f64::from(LIFETIME) + leeway + 1.0);
    // It is remembered for as long as it would be accepted, and not for ever.
    assert!(proven.refused_from > NOW && proven.refused_from <= NOW + i64::from(LIFETIME + 3 * CLOCK_LEEWAY));
    #[expect(clippy::cast_precision_loss, reason = "dates are far below 2^52")]
    let refused_from = proven.refused_from as f64;
    assert!((refused_from - exp.trunc() - leeway).abs() < 0.5);
}
