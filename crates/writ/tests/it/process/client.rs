//! `writ client`: a client from its creation to its end, without a document.

use serde_json::{Value, json};

use super::{application, audience_of, server};
use crate::support::process::Server;

const APPLICATION: &str = "screen";

fn client(server: &Server, arguments: &[&str]) -> Value {
    server.writ(&[&["client"], arguments, &["--output", "json"]].concat()).ok().json()
}

#[track_caller]
fn assert_status(server: &Server, id: &str, secret: &str, status: u16) -> Value {
    let answer = server.token(id, secret, "read");
    assert_eq!(answer["status"], status, "{answer:#}");
    answer
}

#[test]
fn a_client_from_its_creation_to_its_end() {
    let (_folder, server) = server();
    server.apply(&application(APPLICATION).to_string(), &[]).ok();
    let made = client(&server, &["create", APPLICATION, "--name", "A", "--token-lifetime", "1200", "--allow", "read"]);
    let (id, secret) = (made["client_id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    let allowed = json!([{"audience": audience_of(APPLICATION), "permissions": ["read"]}]);
    assert_eq!(
        (&made["name"], &made["token_lifetime"], &made["authorizations"]),
        (&json!("A"), &json!("20m"), &allowed)
    );
    assert_eq!(assert_status(&server, id, secret, 200)["response"]["expires_in"], 1200);

    let list = client(&server, &["list", APPLICATION]);
    let ids: Vec<_> = list.as_array().unwrap().iter().map(|one| one["client_id"].as_str().unwrap()).collect();
    assert!(ids.len() == 2 && ids.contains(&id) && ids.contains(&APPLICATION), "{list}");
    assert!(!list.to_string().contains(secret));
    let shown = server.writ(&["client", "show", id]).ok().stdout;
    assert!(shown.contains("token lifetime  20m") && shown.contains("allowed         api://screen: read"), "{shown}");

    assert_eq!(client(&server, &["disable", id])["status"], "disabled");
    assert_status(&server, id, secret, 401);
    assert_eq!(client(&server, &["enable", id])["status"], "enabled");
    assert_status(&server, id, secret, 200);

    let second = client(&server, &["refresh-secret", id, "--grace", "1h"]);
    let second = second["secret"].as_str().unwrap();
    assert_status(&server, id, secret, 200);
    let third = client(&server, &["refresh-secret", id]);
    let third = third["secret"].as_str().unwrap();
    for old in [secret, second] {
        assert_status(&server, id, old, 401);
    }
    assert_status(&server, id, third, 200);

    assert_eq!(client(&server, &["delete", id]), json!({"deleted": id}));
    assert_status(&server, id, third, 401);
    assert_eq!(client(&server, &["list", APPLICATION]).as_array().unwrap().len(), 1);
    server.stop();
}

#[test]
fn what_is_wrong_is_told() {
    let (_folder, server) = server();
    server.apply(&application(APPLICATION).to_string(), &[]).ok();
    for (arguments, told) in [
        (&["create", "nothing"][..], "there is no application `nothing`"),
        (&["create", APPLICATION, "--client-id", "a:b"], "`a:b` is not an id"),
        (&["create", APPLICATION, "--client-id", APPLICATION], "already a client id of the application `screen`"),
        (&["create", APPLICATION, "--token-lifetime", "0s"], "between 1s and 30d"),
        (&["create", APPLICATION, "--allow", "no:such"], "the permission `no:such`"),
        (&["create", "writ-admin"], "made by writ itself"),
        (&["list", "nothing"], "there is no application `nothing`"),
        (&["show", "nobody"], "there is no client `nobody`"),
        (&["disable", "nobody"], "there is no client `nobody`"),
        (&["refresh-secret", "nobody"], "there is no client `nobody`"),
        (&["refresh-secret", APPLICATION, "--grace", "31d"], "between 1s and 30d"),
        (&["delete", "nobody"], "there is no client `nobody`"),
    ] {
        server.writ(&[&["client"], arguments].concat()).failed(1).tells(&[told]);
    }
    server.stop();
}
