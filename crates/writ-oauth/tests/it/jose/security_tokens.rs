//! Attacks through the form, the header and the signature of a token. The numbers are those of the project's security cases.

use serde_json::json;
use writ_oauth::jose::{
    Alg, Expectation, JsonFault, JwtFault, MAX_JWT_BYTES, SigningKey, UnverifiedJwt, VerifyingKey,
    sign_jwt,
};

use super::fixture::{EXPECT, ISSUER, NOW, SECRET, b64, check, claims, compact, pair, with_header};

fn refusal(jwt: &str) -> JwtFault {
    check(jwt, &[&pair(Alg::ES256).verifying], &EXPECT).unwrap_err()
}

#[test]
fn case_13_alg_none_or_hs256_with_rsa_public_key() {
    let payload = b64(claims(json!({})).to_string());
    for (alg, fault) in [
        (r#"{"alg":"none"}"#, JwtFault::AlgNone),
        (r#"{"alg":"nOnE"}"#, JwtFault::AlgNone),
        (r#"{"alg":""}"#, JwtFault::AlgUnknown),
        (r#"{"alg":"es256"}"#, JwtFault::AlgUnknown),
        (r#"{"alg":"ES256K"}"#, JwtFault::AlgUnknown),
        (r#"{"alg":null}"#, JwtFault::HeaderMemberType),
        (r#"{"alg":["ES256"]}"#, JwtFault::HeaderMemberType),
        (r#"{"typ":"JWT"}"#, JwtFault::AlgMissing),
    ] {
        let header = b64(alg);
        assert_eq!(refusal(&format!("{header}.{payload}.AA")), fault, "{alg}");
        assert_eq!(
            refusal(&format!("{header}.{payload}.")),
            JwtFault::NotThreeParts,
            "{alg}"
        );
        assert_eq!(
            refusal(&format!("{header}.{payload}")),
            JwtFault::NotThreeParts,
            "{alg}"
        );
    }
    // The modulus itself as the secret; PEM and DER are tried in `security_keys`.
    let rsa = pair(Alg::RS256);
    let jwk = serde_json::to_value(rsa.signing.public_jwk()).unwrap();
    let forged = super::fixture::hmac_token(Alg::HS256, jwk["n"].as_str().unwrap().as_bytes());
    let refused = check(&forged, &[&rsa.verifying], &EXPECT).unwrap_err();
    assert_eq!(refused, JwtFault::NoKeyForAlg);
}

#[test]
fn case_14_the_header_cannot_choose_another_algorithm_for_a_key() {
    let rs256 = pair(Alg::RS256);
    // The same RSA key, well signed under PS256: the key is not registered for it.
    let ps256 = sign_jwt(&pair(Alg::PS256).signing, "JWT", &claims(json!({}))).unwrap();
    let refused = check(&ps256, &[&rs256.verifying], &EXPECT).unwrap_err();
    assert_eq!(refused, JwtFault::NoKeyForAlg);
    // A PS256 signature under a header that says RS256.
    let payload = claims(json!({})).to_string();
    let mixed = compact(&pair(Alg::PS256).signing, r#"{"alg":"RS256"}"#, &payload);
    let refused = check(&mixed, &[&rs256.verifying], &EXPECT).unwrap_err();
    assert_eq!(refused, JwtFault::Signature);
    // An EC signature under RS256.
    let mixed = compact(&pair(Alg::ES256).signing, r#"{"alg":"RS256"}"#, &payload);
    assert_eq!(refusal(&mixed), JwtFault::NoKeyForAlg);
}

#[test]
fn case_16_kid_is_compared_and_nothing_else() {
    for kid in [
        "../../etc/passwd",
        "' OR 1=1 --",
        "https://evil.example/jwks",
        "",
        "\\u0000",
    ] {
        let jwt = with_header(&format!(r#","kid":"{kid}""#));
        assert_eq!(refusal(&jwt), JwtFault::KidUnknown, "{kid:?}");
    }
    assert_eq!(
        refusal(&with_header(r#","kid":7"#)),
        JwtFault::HeaderMemberType
    );
    let huge = with_header(&format!(r#","kid":"{}""#, "k".repeat(1 << 20)));
    assert_eq!(refusal(&huge), JwtFault::TooLong);
}

#[test]
fn case_16_kid_may_be_missing_only_where_it_is_not_needed() {
    let named = &pair(Alg::ES256).verifying;
    let (other, _) = SigningKey::generate(Alg::ES256).unwrap();
    let other = VerifyingKey::from_jwk(other.public_jwk(), Alg::ES256).unwrap();
    let nameless = |pem| VerifyingKey::from_spki_pem(pem, Alg::ES256).unwrap();
    let openssl = nameless(include_str!("keys/p256.pem"));
    let jwt = with_header("");
    let try_with = |keys: &[&VerifyingKey]| check(&jwt, keys, &EXPECT).map(|v| v.key_index());
    assert_eq!(try_with(&[named]), Ok(0));
    assert_eq!(try_with(&[named, &pair(Alg::RS256).verifying]), Ok(0));
    assert_eq!(try_with(&[&other, named]), Err(JwtFault::KidMissing));
    // Keys that have no id are tried, those that have one wait to be named.
    assert_eq!(try_with(&[&openssl, named]), Err(JwtFault::Signature));
    let openssl_jwt = include_str!("keys/p256.jwt").trim_end();
    let verified = check(openssl_jwt, &[named, &other, &openssl], &EXPECT).unwrap();
    assert_eq!(verified.key_index(), 2);
    // A token with an id is tried with the key of that id and with those that have none.
    let jwt = with_header(&format!(r#","kid":"{}""#, pair(Alg::ES256).signing.kid()));
    assert_eq!(
        check(&jwt, &[&openssl, &other, named], &EXPECT)
            .unwrap()
            .key_index(),
        2
    );
}

#[test]
fn case_17_keys_in_the_header_are_not_trusted() {
    let (attacker, _) = SigningKey::generate(Alg::ES256).unwrap();
    let jwk = serde_json::to_string(attacker.public_jwk()).unwrap();
    for member in [
        format!(r#""jwk":{jwk}"#),
        r#""jku":"https://evil.example/jwks""#.to_owned(),
        r#""x5u":"http://169.254.169.254/""#.to_owned(),
        r#""x5c":["AAAA"]"#.to_owned(),
    ] {
        let header = format!(r#"{{"alg":"ES256",{member}}}"#);
        let payload = claims(json!({})).to_string();
        let forged = compact(&attacker, &header, &payload);
        assert_eq!(refusal(&forged), JwtFault::Signature, "{member}");
        // They change nothing about a token whose signature is good.
        let honest = compact(&pair(Alg::ES256).signing, &header, &payload);
        check(&honest, &[&pair(Alg::ES256).verifying], &EXPECT).unwrap();
    }
}

#[test]
fn case_76_a_token_of_another_type_is_refused() {
    let access_token = Expectation {
        types: &["at+jwt"],
        typ_optional: false,
        ..EXPECT
    };
    let key = &pair(Alg::ES256).verifying;
    let typed = |typ: &str, expect: &Expectation<'_>| {
        let jwt = with_header(&format!(r#","typ":"{typ}""#));
        check(&jwt, &[key], expect).map(|_| ())
    };
    for same in [
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "Application/At+Jwt",
    ] {
        assert_eq!(typed(same, &access_token), Ok(()), "{same}");
    }
    for other in [
        "JWT",
        "secevent+jwt",
        "dpop+jwt",
        "",
        "at+jwt ",
        "text/at+jwt",
        "application/x/at+jwt",
    ] {
        assert_eq!(typed(other, &access_token), Err(JwtFault::Typ), "{other}");
    }
    let untyped = check(&with_header(""), &[key], &access_token).unwrap_err();
    assert_eq!(untyped, JwtFault::TypMissing);
    // The prefix stands for itself when what follows is a whole media type.
    let text = Expectation {
        types: &["text/at+jwt"],
        ..access_token
    };
    assert_eq!(typed("text/at+jwt", &text), Ok(()));
    assert_eq!(typed("application/text/at+jwt", &text), Err(JwtFault::Typ));
    // And an access token is no assertion.
    assert_eq!(typed("at+jwt", &EXPECT), Err(JwtFault::Typ));
    assert_eq!(
        refusal(&with_header(r#","typ":1"#)),
        JwtFault::HeaderMemberType
    );
}

#[test]
fn case_80_extensions_nesting_and_ambiguous_json_are_refused() {
    for (header, fault) in [
        (r#","crit":["exp"],"exp":1"#, JwtFault::Crit),
        (r#","crit":[]"#, JwtFault::Crit),
        (r#","crit":["b64"],"b64":false"#, JwtFault::Crit),
        (r#","b64":false"#, JwtFault::UnencodedPayload),
        (r#","b64":true"#, JwtFault::UnencodedPayload),
        (r#","zip":"DEF""#, JwtFault::Compressed),
        (r#","cty":"JWT""#, JwtFault::Nested),
        (r#","cty":"jwt""#, JwtFault::Nested),
        (r#","cty":"application/jwt""#, JwtFault::Nested),
        (r#","cty":1"#, JwtFault::HeaderMemberType),
        (
            r#","alg":"ES256""#,
            JwtFault::HeaderJson(JsonFault::DuplicateMember),
        ),
        (
            r#","x":[[[[[[[[[]]]]]]]]]"#,
            JwtFault::HeaderJson(JsonFault::TooDeep),
        ),
    ] {
        assert_eq!(refusal(&with_header(header)), fault, "{header}");
    }
    let key = &pair(Alg::ES256).signing;
    let inner = with_header("");
    for (payload, fault) in [
        (inner.as_str(), JwtFault::Nested),
        (
            r#"{"iss":"a","iss":"b"}"#,
            JwtFault::ClaimsJson(JsonFault::DuplicateMember),
        ),
        (
            r#"{"a":{"b":1,"b":2}}"#,
            JwtFault::ClaimsJson(JsonFault::DuplicateMember),
        ),
        (
            r#"{"a":[[[[[[[[[[]]]]]]]]]]}"#,
            JwtFault::ClaimsJson(JsonFault::TooDeep),
        ),
        ("[]", JwtFault::ClaimsJson(JsonFault::NotAnObject)),
        ("{} ", JwtFault::ExpMissing),
        ("{}{}", JwtFault::ClaimsJson(JsonFault::Syntax)),
        ("Payload", JwtFault::ClaimsJson(JsonFault::Syntax)),
    ] {
        let jwt = compact(key, r#"{"alg":"ES256"}"#, payload);
        assert_eq!(refusal(&jwt), fault, "{payload}");
    }
}

#[test]
fn only_the_exact_compact_form_is_read() {
    let good = with_header("");
    let (input, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = input.split_once('.').unwrap();
    for (what, jwt, fault) in [
        ("nothing", String::new(), JwtFault::NotThreeParts),
        ("dots", "..".to_owned(), JwtFault::NotThreeParts),
        ("four parts", format!("{good}.AA"), JwtFault::NotThreeParts),
        (
            "five parts",
            format!("{good}.AA.AA"),
            JwtFault::NotThreeParts,
        ),
        ("leading blank", format!(" {good}"), JwtFault::Base64),
        ("trailing newline", format!("{good}\n"), JwtFault::Base64),
        (
            "padding",
            format!("{header}.{payload}=.{signature}"),
            JwtFault::Base64,
        ),
        ("padded signature", format!("{good}=="), JwtFault::Base64),
        (
            "standard alphabet",
            format!("{header}.{payload}.a+/a"),
            JwtFault::Base64,
        ),
        (
            "cut",
            good[..good.len() - 2].to_owned(),
            JwtFault::Signature,
        ),
        ("longer", format!("{good}AAAA"), JwtFault::Signature),
    ] {
        assert_eq!(refusal(&jwt), fault, "{what}");
    }
    let fill = MAX_JWT_BYTES - good.len() + 1;
    let long = format!("{good}{}", "A".repeat(fill));
    assert_eq!(UnverifiedJwt::parse(&long).unwrap_err(), JwtFault::TooLong);
}

#[test]
fn the_signature_is_judged_before_the_claims() {
    let bad = claims(json!({"exp": NOW - 1, "aud": "x", "iss": "x"}));
    let (attacker, _) = SigningKey::generate(Alg::ES256).unwrap();
    let forged = compact(&attacker, r#"{"alg":"ES256"}"#, &bad.to_string());
    assert_eq!(refusal(&forged), JwtFault::Signature);
    assert_eq!(
        check(&forged, &[], &EXPECT).unwrap_err(),
        JwtFault::NoKeyForAlg
    );
    let wrong_secret = VerifyingKey::from_secret(&[1; 64], Alg::HS256).unwrap();
    let jwt = super::fixture::hmac_token(Alg::HS256, SECRET);
    assert_eq!(
        check(&jwt, &[&wrong_secret], &EXPECT).unwrap_err(),
        JwtFault::Signature
    );
}

#[test]
fn an_unverified_token_shows_only_what_finds_its_key() {
    let jwt = sign_jwt(
        &pair(Alg::ES256).signing,
        "JWT",
        &claims(json!({"client_id": "c1"})),
    );
    let jwt = UnverifiedJwt::parse(&jwt.unwrap()).unwrap();
    assert_eq!(jwt.unverified_iss(), Some(ISSUER));
    assert_eq!(jwt.unverified_sub(), Some("c1"));
    assert_eq!(jwt.unverified_client_id(), Ok(Some("c1")));
    assert_eq!(jwt.unverified_header("typ"), Some(&json!("JWT")));
    assert_eq!(format!("{jwt:?}"), "UnverifiedJwt { alg: ES256, .. }");
}
