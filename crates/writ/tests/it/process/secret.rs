//! `writ secret`: every change counts from the next token request on.

use serde_json::Value;

use super::{application, secret_of, server};
use crate::support::process::Server;

const CLIENT: &str = "partner";

fn secret(server: &Server, arguments: &[&str]) -> Value {
    server.writ(&[&["secret"], arguments, &["--output", "json"]].concat()).ok().json()
}

/// Ends the test unless a token request with this secret is answered like this.
#[track_caller]
fn assert_answer(server: &Server, value: &str, error: Option<&str>) {
    let answer = server.token(CLIENT, value, "read");
    assert_eq!(answer["response"]["error_description"].as_str(), error, "{answer:#}");
    assert_eq!(answer["status"], if error.is_none() { 200 } else { 401 }, "{answer:#}");
}

#[test]
fn a_secret_from_its_issue_to_its_end() {
    let (_folder, server) = server();
    server.apply(&application(CLIENT).to_string(), &[]).ok();
    let issued = secret(&server, &["issue", CLIENT, "--name", "second", "--expires", "90d"]);
    let value = issued["secret"].as_str().unwrap();
    assert_eq!((issued["name"].as_str(), issued["state"].as_str()), (Some("second"), Some("usable")));
    assert_answer(&server, value, None);
    // The first one goes on beside it: that is what makes a rotation without an outage.
    server.assert_serves(CLIENT);

    let list = secret(&server, &["list", CLIENT]);
    let mut names: Vec<_> = list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    // The oldest first, to the second, which may be the same for both.
    names.sort_unstable();
    assert_eq!(names, ["first", "second"]);
    assert!(!list.to_string().contains(value) && !list.to_string().contains(&secret_of(CLIENT)), "{list}");
    assert_eq!(secret(&server, &["show", CLIENT, "second"])["secret"], value);
    assert_eq!(secret(&server, &["show", CLIENT, "first"])["secret"], secret_of(CLIENT));

    assert_eq!(secret(&server, &["disable", CLIENT, "second"])["state"], "disabled");
    assert_answer(&server, value, Some("The credential presented is disabled."));
    assert_eq!(secret(&server, &["enable", CLIENT, "second"])["state"], "usable");
    assert_answer(&server, value, None);

    assert_eq!(secret(&server, &["expire", CLIENT, "second", "--in", "24h"])["state"], "usable");
    assert_answer(&server, value, None);
    assert_eq!(secret(&server, &["expire", CLIENT, "second"])["state"], "expired");
    assert_answer(&server, value, Some("The credential presented has expired."));
    let until = ["expire", CLIENT, "second", "--at", "2999-01-01T00:00:00Z"];
    assert_eq!(secret(&server, &until)["expires"], "2999-01-01T00:00:00Z");
    assert_answer(&server, value, None);

    // By its id this time.
    let id = issued["id"].as_str().unwrap();
    assert_eq!(secret(&server, &["revoke", CLIENT, id])["revoked"], true);
    assert_answer(&server, value, Some("Client authentication failed."));
    server.assert_serves(CLIENT);
    server.stop();
}

#[test]
fn a_secret_survives_a_restart_and_a_generated_one_is_printed_once() {
    let (folder, server) = server();
    let mut document = application(CLIENT);
    document["clients"][0]["credentials"][0]["value"] = serde_json::json!({ "generate": true });
    let made = server.apply(&document.to_string(), &[]).ok().json();
    let value = made["generated"][0]["secret"].as_str().unwrap().to_owned();
    assert_answer(&server, &value, None);
    let again = server.apply(&document.to_string(), &[]).ok().json();
    assert_eq!(again, serde_json::json!({ "changes": [], "unchanged": 1 }));
    let document = server.writ(&["get", "application", CLIENT]).ok().stdout;
    assert!(!document.contains(&value), "{document}");
    server.stop();
    let server = super::Launch::serve(folder.path()).start();
    assert_answer(&server, &value, None);
    server.stop();
}

#[test]
fn what_does_not_exist_is_named() {
    let (_folder, server) = server();
    server.apply(&application(CLIENT).to_string(), &[]).ok();
    server.writ(&["secret", "list", "nobody"]).failed(1).tells(&["there is no client `nobody`"]);
    for command in ["show", "expire", "enable", "disable", "revoke"] {
        server.writ(&["secret", command, CLIENT, "third"]).failed(1).tells(&["no secret `third`"]);
    }
    let told = "the client has a credential of this name or value";
    server.writ(&["secret", "issue", CLIENT, "--name", "first"]).failed(1).tells(&[told]);
    server.stop();
}
