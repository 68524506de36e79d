//! `writ token` with each of its flags.

use serde_json::json;

use super::{application, secret_of, server};
use crate::support::command::{Ran, run};
use crate::support::key::KeyPair;
use crate::support::process::Server;

const CLIENT: &str = "partner";

fn token(server: &Server, arguments: &[&str]) -> Ran {
    server.writ(&[&["token", "--client-id", CLIENT, "--output", "json"], arguments].concat())
}

#[test]
fn every_way_to_name_the_door_and_the_secret() {
    let (folder, server) = server();
    server.apply(&application(CLIENT).to_string(), &[]).ok();
    let secret = secret_of(CLIENT);
    let file = folder.path().join("secret");
    std::fs::write(&file, format!("{secret}\n")).unwrap();
    let (oauth, idaas) = (server.issuer("oauth"), server.issuer("idaas"));
    let (file, idaas_endpoint) = (file.to_str().unwrap(), format!("{idaas}/token"));
    let scoped = "api://partner|read";
    let (plain, vendors) = (["--scope", "read"], ["--scope", scoped]);
    for (arguments, issuer) in [
        (&[&["--client-secret", &secret], &plain[..]].concat(), oauth),
        (&[&["--client-secret-file", file], &plain[..]].concat(), oauth),
        (&[&["--client-secret", &secret, "--method", "client_secret_post"], &plain[..]].concat(), oauth),
        (&[&["--client-secret", &secret, "--resource", "api://partner"], &plain[..]].concat(), oauth),
        (&[&["--client-secret", &secret, "--issuer", oauth], &plain[..]].concat(), oauth),
        (&[&["--client-secret", &secret, "--door", "idaas"], &vendors[..]].concat(), idaas),
        (&[&["--client-secret", &secret, "--issuer", idaas], &vendors[..]].concat(), idaas),
        (&[&["--client-secret", &secret, "--token-endpoint", &idaas_endpoint], &vendors[..]].concat(), idaas),
    ] {
        let printed = token(&server, arguments).ok().json();
        assert_eq!(printed["claims"]["iss"], issuer, "{arguments:?}\n{printed:#}");
        assert_eq!(printed["claims"]["aud"], "api://partner", "{arguments:?}\n{printed:#}");
        assert_eq!((&printed["verified"], &printed["status"]), (&true.into(), &200.into()), "{arguments:?}");
    }
    let mut command = server.command(&["token", "--client-id", CLIENT, "--scope", "read", "--output", "json"]);
    command.env("WRIT_TOKEN_CLIENT_SECRET", &secret);
    assert_eq!(run(command).ok().json()["verified"], true);
    server.stop();
}

#[test]
fn a_token_for_a_signature() {
    let (folder, server) = server();
    let secret = secret_of(CLIENT);
    let keys =
        [KeyPair::rsa(2048), KeyPair::on("P-256"), KeyPair::on("P-521"), KeyPair::new(&["-algorithm", "ED25519"])];
    let mut document = application(CLIENT);
    let credentials = keys.iter().map(|key| json!({ "kind": "public_key", "pem": key.public }));
    let credentials = [json!({ "kind": "secret", "name": "first", "value": secret })].into_iter().chain(credentials);
    document["clients"][0]["credentials"] = credentials.collect();
    document["clients"][0]["auth_methods"] = json!(["client_secret_jwt", "private_key_jwt"]);
    server.apply(&document.to_string(), &[]).ok();
    let ask = |arguments: &[&str]| token(&server, &[&["--scope", "read"], arguments].concat());
    for method in ["--method", "--auth-method"] {
        assert_eq!(ask(&[method, "client_secret_jwt", "--client-secret", &secret]).ok().json()["verified"], true);
    }
    for key in &keys {
        let file = key.file.to_str().unwrap();
        assert_eq!(ask(&["--method", "private_key_jwt", "--key", file]).ok().json()["verified"], true);
        let endpoint = format!("{}/token", server.issuer("oauth"));
        ask(&["--method", "private_key_jwt", "--key", file, "--token-endpoint", &endpoint, "--raw"]).ok();
    }
    let rsa = keys[0].file.to_str().unwrap();
    ask(&["--method", "private_key_jwt", "--key", rsa, "--alg", "PS384"]).ok();
    let elsewhere = folder.path().join("nothing.pem");
    let elsewhere = elsewhere.to_str().unwrap();
    for (arguments, status, told) in [
        (&["--method", "private_key_jwt"][..], 2, "private_key_jwt needs --client-id and --key"),
        (&["--method", "private_key_jwt", "--key", elsewhere], 1, "no private key can be read from"),
        (&["--method", "private_key_jwt", "--key", rsa, "--alg", "ES256"], 2, "the key cannot sign by ES256"),
        (&["--method", "private_key_jwt", "--key", rsa, "--alg", "none"], 2, "there are RS256, RS384"),
        (&["--method", "client_secret_jwt", "--client-secret", "short"], 2, "the secret cannot sign by HS256"),
    ] {
        let ran = server.writ(&[&["token", "--client-id", CLIENT, "--scope", "read"], arguments].concat());
        ran.failed(status).tells(&[told]);
    }
    server.stop();
}

#[test]
fn what_is_printed_can_be_less() {
    let (_folder, server) = server();
    server.apply(&application(CLIENT).to_string(), &[]).ok();
    let arguments = ["--client-secret", &secret_of(CLIENT), "--scope", "read"];
    let unverified = token(&server, &[&arguments[..], &["--no-verify"]].concat()).ok().json();
    assert_eq!(unverified["verified"], serde_json::Value::Null);
    let raw = token(&server, &[&arguments[..], &["--raw"]].concat()).ok().stdout;
    assert_eq!((raw.lines().count(), raw.split('.').count()), (1, 3), "{raw}");
    // Without a client it is the bootstrap client's, for the admin API.
    let own = server.writ(&["token", "--output", "json"]).ok().json();
    assert_eq!(own["claims"]["aud"], "urn:writ:admin", "{own:#}");
    server.stop();
}

#[test]
fn what_is_missing_or_wrong_is_said() {
    let (_folder, server) = server();
    server.apply(&application(CLIENT).to_string(), &[]).ok();
    let secret = secret_of(CLIENT);
    for (arguments, status, told) in [
        (
            &["token", "--client-id", CLIENT][..],
            2,
            "the secret of client `partner` is missing: set WRIT_TOKEN_CLIENT_SECRET",
        ),
        (&["token", "--door", "nosuch"], 2, "there is no front door `nosuch`; there are authing, idaas, oauth"),
        (&["token", "--client-secret", "x"], 2, "--client-id <ID>"),
        (
            &["token", "--method", "private_key"],
            2,
            "possible values: client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt",
        ),
        (&["token", "--issuer", server.issuer("oauth")], 2, "name the client with --client-id"),
        (&["token", "--client-id", CLIENT, "--client-secret", &secret], 1, "400 invalid_scope: No scope was asked for"),
        (&["token", "--client-id", CLIENT, "--client-secret", &secret, "--scope", "write"], 1, "400 invalid_scope: "),
        (
            &["token", "--client-id", CLIENT, "--client-secret", &secret, "--scope", "read", "--resource", "urn:other"],
            1,
            "400 invalid_target: ",
        ),
        (
            &["token", "--client-id", CLIENT, "--client-secret", "wrong"],
            1,
            "401 invalid_client: Client authentication failed.",
        ),
    ] {
        server.writ(arguments).failed(status).tells(&[told]);
    }
    server.stop();
}
