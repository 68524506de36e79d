//! Which grants there are, for whom, and that nothing widens what is granted.

use serde_json::json;
use writ_oauth::Refusal;

use crate::support::call::Call;
use crate::support::catalogue::{DASHBOARD, READ, REVENUE, SECRET, client, documents};
use crate::support::door::Door;
use crate::support::jwt::part;
use crate::support::server::{Server, shared};

#[test]
fn case_55_only_client_credentials_is_served_under_any_name() {
    for door in Door::BOTH {
        for grant in [
            "password",
            "implicit",
            "authorization_code",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:token-exchange",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "CLIENT_CREDENTIALS",
            "client_credentials\u{0}",
        ] {
            let call = Call::post(&format!("{}/token", door.path())).form(&[("grant_type", grant), ("username", "a")]);
            let answer = shared().public(&call.basic("whole", SECRET)).is(Refusal::GrantUnknown);
            assert_eq!(answer.status, 400);
        }
        let metadata = shared().public(&Call::get(&format!("{}/.well-known/openid-configuration", door.path())));
        assert_eq!(metadata.ok().json()["grant_types_supported"], json!(["client_credentials"]));
    }
}

#[test]
fn case_56_a_client_without_the_grant_gets_nothing() {
    for door in Door::BOTH {
        let answer = shared().public(&door.ask(&[READ]).basic("no-grant", SECRET)).is(Refusal::GrantNotAllowed);
        let error = if door == Door::Oauth { "unauthorized_client" } else { "invalid_grant" };
        assert_eq!(answer.error(400), error);
    }
}

/// Nobody can register a client that proves itself by nothing, and naming oneself is no proof.
#[test]
fn case_51_and_52_there_is_no_public_client() {
    let none = client("public", json!({"auth_methods": ["none"], "credentials": []}));
    let answer = shared().administer(Call::post("/v1/tenants/default/apply").json(&none));
    assert_eq!(answer.error(422), "invalid_document");
    for door in Door::BOTH {
        for call in [
            door.ask(&[READ]).and("client_id", "partner"),
            door.ask(&[READ]).and("client_id", "partner").and("client_secret", ""),
        ] {
            assert_eq!(shared().public(&call).refusal, Some(Refusal::AuthenticationMissing));
        }
        let empty = shared().public(&door.ask(&[READ]).header("authorization", "Basic cGFydG5lcjo="));
        assert_eq!(empty.refusal, Some(Refusal::BasicMalformed));
    }
}

#[test]
fn case_53_neither_the_folder_nor_a_read_of_everything_holds_a_clear_secret() {
    let server = Server::new();
    server.apply("default", &documents());
    let made = server.administer(Call::post("/v1/tenants/default/clients/partner/secrets")).json();
    let made = made["secret"].as_str().unwrap();
    let token = server.public(&Door::Oauth.ask(&[READ]).basic("partner", made)).token();
    for file in std::fs::read_dir(server.folder()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for secret in [SECRET, made, server.bootstrap_secret(), &token] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "a secret stands in {}", path.display());
        }
    }
}

#[test]
fn case_58_a_misspelt_scope_is_no_scope_and_the_answer_names_what_was_given() {
    let call = Door::Oauth.grant().and("scopes", REVENUE);
    let answer = shared().public(&call.clone().basic("defaults", SECRET)).ok().json();
    assert_eq!(answer["scope"], READ, "the configured default");
    let answer = shared().public(&call.basic("partner", SECRET)).is(Refusal::ScopeMissing);
    assert_eq!(answer.error(400), "invalid_scope");
}

#[test]
fn case_57_no_scope_is_never_every_scope_unless_the_client_says_so() {
    for client in ["partner", "reduces", "refuses", "both"] {
        for call in [Door::Oauth.grant(), Door::Oauth.grant().and("scope", ""), Door::Oauth.grant().and("scope", "  ")]
        {
            shared().public(&call.basic(client, SECRET)).is(Refusal::ScopeMissing);
        }
    }
}

#[test]
fn case_59_a_star_is_a_letter_and_widens_nothing() {
    for door in Door::BOTH {
        let scope = |permission: &str| {
            let answer = shared().public(&door.ask(&[permission]).basic("partner", SECRET));
            answer.ok().json()["access_token"].as_str().map(|token| part(token, 1)["scope"].clone()).unwrap()
        };
        // Granted as it stands, and it is itself and nothing else.
        assert_eq!(scope("announce:*"), "announce:*");
        for permission in ["*", "*:*", "announce:*:*", "announce:read:*", "announce:**", "announce", "announce:", ".*"]
        {
            let answer = shared().public(&door.ask(&[permission]).basic("partner", SECRET));
            assert_eq!(answer.is(Refusal::PermissionUnknown).error(400), "invalid_scope", "{permission}");
        }
    }
    // Who is granted the star is not granted what it seems to stand for.
    let server = Server::new();
    server.apply("default", &documents());
    let stars = json!({"authorizations": [{"audience": DASHBOARD, "permissions": ["announce:*"]}]});
    server.apply("default", &client("stars", stars));
    for door in Door::BOTH {
        server.public(&door.ask(&[READ]).basic("stars", SECRET)).is(Refusal::PermissionNotGranted);
    }
}

#[test]
fn case_113_a_permission_taken_away_is_missing_from_the_next_token() {
    let server = Server::new();
    server.apply("default", &documents());
    for door in Door::BOTH {
        let call = door.ask(&[REVENUE]).basic("partner", SECRET);
        server.apply("default", &client("partner", json!({})));
        server.public(&call).ok();
        let less = json!({"authorizations": [{"audience": DASHBOARD, "permissions": [READ]}]});
        server.apply("default", &client("partner", less));
        server.public(&call).is(Refusal::PermissionNotGranted);
    }
}
