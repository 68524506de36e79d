//! Tokens that were not made for where they are sent, and tokens that were made by hand.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use writ_core::keyring::Keyring;
use writ_oauth::Refusal;

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::catalogue::{READ, SECRET};
use crate::support::door::Door;
use crate::support::jwt::part;
use crate::support::server::shared;

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn administer(token: &str) -> Answer {
    shared().admin(&Call::get("/v1/tenants/default/tenant").bearer(token))
}

/// A good administrator's token with another header, another payload, or both; the signature stays.
fn altered(header: impl FnOnce(&mut Value), claims: impl FnOnce(&mut Value)) -> String {
    let token = shared().admin_token();
    let (mut first, mut second) = (part(&token, 0), part(&token, 1));
    header(&mut first);
    claims(&mut second);
    let signature = token.rsplit('.').next().unwrap();
    format!("{}.{}.{signature}", encode(first.to_string()), encode(second.to_string()))
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
fn a_token_that_was_changed_anywhere_is_refused() {
    for (name, value) in [
        ("aud", json!("urn:writ:admin2")),
        ("iss", json!("https://evil.example/oauth2")),
        ("scope", json!("config:read config:write secret:read secret:write extra")),
        ("exp", json!(4_000_000_000_u32)),
        ("client_id", json!("partner")),
        ("nbf", json!(0)),
    ] {
        invalid(&altered(|_| {}, |claims| claims[name] = value));
    }
}

#[test]
fn case_13_no_algorithm_can_be_talked_into() {
    let token = shared().admin_token();
    let claims = token.split('.').nth(1).unwrap();
    for alg in ["none", "None", "nOnE", "", "HS256", "RS256", "EdDSA", "ES384", "ES256K"] {
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
fn case_16_and_17_a_key_named_in_the_header_is_not_fetched_or_believed() {
    let huge = "k".repeat(6000);
    for kid in ["../../etc/passwd", "' OR 1=1 --", "http://127.0.0.1:1/key", huge.as_str(), ""] {
        invalid(&altered(|header| header["kid"] = kid.into(), |_| {}));
    }
    let jwk: Value = serde_json::from_str(&shared().public(&Call::get("/oauth2/jwks")).text).unwrap();
    for (name, value) in [
        ("jku", json!("http://127.0.0.1:1/jwks")),
        ("x5u", json!("http://127.0.0.1:1/x")),
        ("jwk", jwk["keys"][0].clone()),
        ("x5c", json!(["AAAA"])),
    ] {
        invalid(&altered(|header| header[name] = value, |_| {}));
    }
}

#[test]
fn case_80_what_a_strict_reader_refuses_is_refused() {
    let token = shared().admin_token();
    let parts: Vec<_> = token.split('.').collect();
    let with_header = |header: &str| format!("{}.{}.{}", encode(header), parts[1], parts[2]);
    let with_claims = |claims: &str| format!("{}.{}.{}", parts[0], encode(claims), parts[2]);
    let kid = part(&token, 0)["kid"].clone();
    for header in [
        format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":{kid},"crit":["exp"],"exp":1}}"#),
        format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":{kid},"b64":false,"crit":["b64"]}}"#),
        format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":{kid},"zip":"DEF"}}"#),
        format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":{kid},"cty":"JWT"}}"#),
        format!(r#"{{"alg":"ES256","alg":"none","typ":"at+jwt","kid":{kid}}}"#),
        format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":{kid}}} "#),
        "[]".to_owned(),
        "\"ES256\"".to_owned(),
    ] {
        invalid(&with_header(&header));
    }
    let nested = format!("{}1{}", "[".repeat(50), "]".repeat(50));
    invalid(&with_claims(&format!(r#"{{"sub":"a","sub":"writ-admin","deep":{nested}}}"#)));
    invalid(&with_claims(&token));
    // Base64 that decodes to the same bytes and is not the same text.
    invalid(&format!("{token}="));
    invalid(&token.replacen('.', ".=", 1));
    // JSON serialization and five parts are other things.
    invalid(&json!({"protected": parts[0], "payload": parts[1], "signature": parts[2]}).to_string());
    invalid(&format!("{token}.."));
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
