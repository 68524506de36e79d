//! `writ token` with each of its flags.

use super::{application, secret_of, server};
use crate::support::command::{Ran, run};
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
        (&["token", "--method", "private_key"], 2, "possible values: client_secret_basic, client_secret_post"),
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
