//! Tokens that were not made for where they are sent, and tokens that were made by hand.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use writ_core::keyring::Keyring;
use writ_oauth::Refusal;
use writ_oauth::jose::{Alg, SigningKey};

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::catalogue::{READ, SECRET};
use crate::support::door::Door;
use crate::support::jwt::part;
use crate::support::server::{START, shared};

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn administer(token: &str) -> Answer {
    shared().admin(&Call::get("/v1/tenants/default/tenant").bearer(token))
}

/// The key that administrators' tokens are signed with: every token below is signed as well as a real one.
static KEY: LazyLock<SigningKey> = LazyLock::new(|| shared().signing_key());

fn signed(header: &str, payload: &str) -> String {
    let input = format!("{}.{}", encode(header), encode(payload));
    let signature = encode(KEY.sign(input.as_bytes()).unwrap());
    format!("{input}.{signature}")
}

/// Header and claims of a good administrator's token.
fn good() -> (Value, Value) {
    let token = shared().admin_token();
    (part(&token, 0), part(&token, 1))
}

/// A good administrator's token with another header, other claims, or both, and a good signature.
fn altered(header: impl FnOnce(&mut Value), claims: impl FnOnce(&mut Value)) -> String {
    let (mut first, mut second) = good();
    header(&mut first);
    claims(&mut second);
    signed(&first.to_string(), &second.to_string())
}

#[test]
fn the_key_of_these_tests_signs_as_the_server_does() {
    administer(&altered(|_| {}, |_| {})).ok();
    administer(&altered(|header| header["typ"] = "application/AT+JWT".into(), |_| {})).ok();
}

#[track_caller]
fn invalid(token: &str) {
    assert_eq!(administer(token).is(Refusal::TokenInvalid).error(401), "invalid_token");
}

/// > JWT access tokens MUST include this media type in the "typ" header parameter
///
/// <https://www.rfc-editor.org/rfc/rfc9068#section-2.1>
#[test]
fn case_76_an_access_token_has_every_required_claim_and_its_type() {
    let token = shared().public(&Door::Oauth.ask(&[READ]).basic("partner", SECRET)).token();
    assert_eq!(part(&token, 0)["typ"], "at+jwt");
    let claims = part(&token, 1);
    for name in ["iss", "sub", "aud", "client_id", "jti", "scope"] {
        assert!(claims[name].is_string(), "{name}: {claims}");
    }
    for name in ["iat", "exp"] {
        assert!(claims[name].is_i64(), "{name}: {claims}");
    }
}

#[test]
fn case_76_a_token_of_another_type_is_no_access_token() {
    administer(&shared().admin_token()).ok();
    for typ in ["JWT", "id_token", "secevent+jwt", "logout+jwt", "dpop+jwt", "token-introspection+jwt", "AT+JWT ", ""] {
        invalid(&altered(|header| header["typ"] = typ.into(), |_| {}));
    }
    invalid(&altered(|header| drop(header.as_object_mut().unwrap().shift_remove("typ")), |_| {}));
    // A real token of the other door: the same key ring, the same client, another type.
    let scope = "urn:writ:admin|.all";
    let call = Door::Idaas.grant().and("scope", scope).basic("writ-admin", shared().bootstrap_secret());
    let token = shared().public(&call).token();
    assert_eq!(
        (part(&token, 0)["typ"].clone(), part(&token, 1)["aud"].clone()),
        (json!("JWT"), json!("urn:writ:admin"))
    );
    invalid(&token);
}

#[test]
fn every_claim_is_checked() {
    for (name, value) in [
        ("aud", json!("urn:writ:admin2")),
        ("aud", json!(["urn:writ:admin"])),
        ("aud", json!(["urn:writ:admin", "api://dashboard.example"])),
        ("aud", Value::Null),
        ("iss", json!("https://writ.example/oauth2/")),
        ("iss", json!("https://writ.example/api/v2/iauths_system/oauth2")),
        ("exp", json!(START)),
        ("exp", json!(START.to_string())),
        ("nbf", json!(START + 1)),
        ("iat", json!(START + 1)),
        ("client_id", json!(["writ-admin"])),
        ("scope", json!(["config:read"])),
    ] {
        invalid(&altered(|_| {}, |claims| claims[name] = value));
    }
    for name in ["aud", "iss", "exp", "iat", "jti", "sub", "client_id"] {
        invalid(&altered(|_| {}, |claims| drop(claims.as_object_mut().unwrap().shift_remove(name))));
    }
    // Another client's id: this token rests on no credential of that one, if there is one at all.
    for client_id in ["partner", "nobody"] {
        let others = altered(|_| {}, |claims| claims["client_id"] = client_id.into());
        assert_eq!(administer(&others).is(Refusal::TokenRevoked).error(401), "invalid_token");
    }
}

#[test]
fn a_signature_is_over_header_and_claims() {
    let token = shared().admin_token();
    let other = altered(|_| {}, |claims| claims["exp"] = json!(START + 7200));
    let (input, _) = other.rsplit_once('.').unwrap();
    let (_, signature) = token.rsplit_once('.').unwrap();
    invalid(&format!("{input}.{signature}"));
    invalid(&format!("{input}."));
    invalid(&format!("{input}.{}", encode([0; 64])));
}

#[test]
fn case_13_no_algorithm_can_be_talked_into() {
    let token = shared().admin_token();
    let claims = token.split('.').nth(1).unwrap();
    for alg in ["none", "None", "nOnE", "", "HS256", "RS256", "EdDSA", "ES384", "ES256K", "es256"] {
        invalid(&altered(|header| header["alg"] = alg.into(), |_| {}));
        let header = encode(json!({"alg": alg, "typ": "at+jwt"}).to_string());
        invalid(&format!("{header}.{claims}."));
    }
    // The public key as an HMAC secret.
    let jwks = shared().public(&Call::get("/oauth2/jwks")).ok().text;
    let header = jsonwebtoken::Header { typ: Some("at+jwt".into()), ..jsonwebtoken::Header::default() };
    let key = jsonwebtoken::EncodingKey::from_secret(jwks.as_bytes());
    invalid(&jsonwebtoken::encode(&header, &part(&token, 1), &key).unwrap());
}

#[test]
fn case_16_a_key_id_is_a_name_and_nothing_else() {
    let huge = "k".repeat(6000);
    for kid in ["../../etc/passwd", "' OR 1=1 --", "http://127.0.0.1:1/key", huge.as_str(), ""] {
        invalid(&altered(|header| header["kid"] = kid.into(), |_| {}));
    }
    invalid(&altered(|header| header["kid"] = json!(1), |_| {}));
}

/// A token that brings its own key is verified by the key of its issuer.
#[test]
fn case_17_a_key_in_the_header_is_not_believed() {
    let (own, _) = SigningKey::generate(Alg::ES256).unwrap();
    let jwk = serde_json::to_value(own.public_jwk()).unwrap();
    let (_, claims) = good();
    for extra in [json!({"jwk": jwk}), json!({"jku": "http://127.0.0.1:1/jwks"}), json!({"x5c": ["AAAA"]}), json!({})] {
        for kid in [own.kid(), KEY.kid()] {
            let mut header = json!({"alg": "ES256", "typ": "at+jwt", "kid": kid});
            header.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            let input = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
            invalid(&format!("{input}.{}", encode(own.sign(input.as_bytes()).unwrap())));
        }
    }
}

#[test]
fn case_80_what_a_strict_reader_refuses_is_refused_however_well_it_is_signed() {
    let (header, claims) = good();
    let claims = claims.to_string();
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
    ] {
        invalid(&altered(|header| header[name] = value, |_| {}));
    }
    let header = header.to_string();
    let twice = |json: &str, member: &str| json.replacen('{', &format!("{{{member},"), 1);
    let nested = format!(r#""deep":{}1{}"#, "[".repeat(50), "]".repeat(50));
    for (header, claims) in [
        (twice(&header, r#""alg":"none""#), claims.clone()),
        (header.clone(), twice(&claims, r#""sub":"partner""#)),
        (header.clone(), twice(&claims, r#""x":1,"x":2"#)),
        (header.clone(), twice(&claims, &nested)),
        (header.clone(), format!("{claims}{{}}")),
        (header.clone(), format!("[{claims}]")),
        (header.clone(), shared().admin_token()),
        ("[]".to_owned(), claims.clone()),
    ] {
        invalid(&signed(&header, &claims));
    }
}

#[test]
fn case_80_a_token_has_one_form() {
    let token = shared().admin_token();
    let parts: Vec<_> = token.split('.').collect();
    invalid(&format!("{token}="));
    invalid(&token.replacen('.', "=.", 1));
    invalid(&format!("{token}.."));
    invalid(&format!("{token}A"));
    invalid(&json!({"protected": parts[0], "payload": parts[1], "signature": parts[2]}).to_string());
}

#[test]
fn case_81_no_token_costs_more_than_its_bytes() {
    let started = std::time::Instant::now();
    let token = shared().admin_token();
    let (_, rest) = token.split_once('.').unwrap();
    let pbes2 = json!({"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2_147_483_647_u32, "p2s": "AAAA"});
    invalid(&format!("{}.{rest}", encode(pbes2.to_string())));
    invalid(&format!("{}.AAAA.AAAA.AAAA.AAAA", encode(pbes2.to_string())));
    invalid(&format!("{}.{rest}", encode(r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#)));
    for length in [9000, 100_000, 1_000_000] {
        invalid(&"A".repeat(length));
        invalid(&format!("{}.{rest}", encode("{".repeat(length))));
        invalid(&".".repeat(length));
    }
    assert!(started.elapsed() < std::time::Duration::from_secs(5), "{:?}", started.elapsed());
}

/// The id of a token says to its server under which configuration it was decided, and to others nothing.
#[test]
fn the_id_of_a_token_hides_what_is_in_it() {
    let call = Door::Oauth.ask(&[READ]).basic("partner", SECRET);
    let ids: Vec<_> =
        (0..50).map(|_| part(&shared().public(&call).token(), 1)["jti"].as_str().unwrap().to_owned()).collect();
    let other = Keyring::new(&writ_core::keyring::MasterKey::generate().unwrap()).unwrap();
    let read = |keyring: &Keyring, id: &str| keyring.token_id().open(id).map(|id| id.sequence);
    let sequences: std::collections::BTreeSet<_> = ids.iter().map(|id| read(&other, id)).collect();
    assert!(sequences.len() > 40, "another key reads noise: {sequences:?}");
    for position in 0..21 {
        let letters: std::collections::BTreeSet<_> = ids.iter().map(|id| id.as_bytes()[position]).collect();
        assert!(letters.len() > 8, "position {position} hardly varies");
    }
}
