//! The assertions of the vendor's documentation, claim by claim: 30 minutes, no `kid`, no `typ`, the token endpoint as
//! audience, signed with a registered RSA key or with the secret.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};
use writ_oauth::jose::Alg;

use crate::support::catalogue::{READ, SECRET, client, documents};
use crate::support::door::Door;
use crate::support::jwt::part;
use crate::support::key::KeyPair;
use crate::support::server::{ROOT, START, Server};

/// What the sample's `JwtGenerator` makes: these claims in this order, in a header with `alg` alone.
fn sample(door: Door, client: &str, jti: &str, alg: &str, sign: impl Fn(&[u8]) -> String) -> String {
    let endpoint = format!("{ROOT}{}/token", door.path());
    let header = format!(r#"{{"alg":"{alg}"}}"#);
    let (iat, exp) = (START, START + 30 * 60);
    let claims =
        format!(r#"{{"jti":"{jti}","iat":{iat},"exp":{exp},"sub":"{client}","iss":"{client}","aud":"{endpoint}"}}"#);
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    format!("{input}.{}", sign(input.as_bytes()))
}

/// The sample's request: the client's id beside the assertion.
fn request(server: &Server, door: Door, client: &str, jwt: &str) -> Value {
    let call = door
        .grant()
        .and("client_id", client)
        .and("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        .and("client_assertion", jwt)
        .and("scope", &door.scope(crate::support::catalogue::DASHBOARD, &[READ]));
    server.public(&call).ok().json()
}

#[test]
fn the_samples_of_the_documentation_get_a_token() {
    let server = Server::new();
    server.apply("default", &documents());
    let pair = KeyPair::rsa(2048);
    let key = json!([{"kind": "public_key", "pem": pair.public}]);
    server.apply(
        "default",
        &json!([
            client("app_rs256", json!({"auth_methods": ["private_key_jwt"], "credentials": key})),
            client("app_hs256", json!({"auth_methods": ["client_secret_jwt"]})),
        ]),
    );
    let secret = EncodingKey::from_secret(SECRET.as_bytes());
    let rs256 = |message: &[u8]| URL_SAFE_NO_PAD.encode(pair.sign(Alg::RS256, message));
    let hs256 = |message: &[u8]| crypto::sign(message, &secret, Algorithm::HS256).unwrap();
    for door in Door::BOTH {
        let jti = format!("3e2c7e0c-8a5f-4f0e-9c86-{}", door.name());
        for (client, jwt) in [
            ("app_rs256", sample(door, "app_rs256", &jti, "RS256", rs256)),
            ("app_hs256", sample(door, "app_hs256", &jti, "HS256", hs256)),
        ] {
            let body = request(&server, door, client, &jwt);
            assert_eq!((&body["token_type"], &body["expires_in"]), (&"Bearer".into(), &3600.into()), "{body:#}");
            let claims = part(body["access_token"].as_str().unwrap(), 1);
            assert_eq!((&claims["sub"], &claims["scope"]), (&client.into(), &READ.into()), "{claims:#}");
        }
    }
}
