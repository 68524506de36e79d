//! The vendor's own client, `cloud-idaas-core`, at the idaas door.

use serde_json::Value;

use super::{AUDIENCE, GRANTED, NOT_GRANTED, ODD_SECRETS, PARTNER, SECRET, Scene, scene, with};
use crate::support::client_script::python;

const METHODS: [&str; 2] = ["CLIENT_SECRET_BASIC", "CLIENT_SECRET_POST"];

fn granted() -> String {
    format!("{AUDIENCE}|{GRANTED}")
}

fn attempt(scene: &Scene, method: &str, (client, secret): (&str, &str), scope: &str) -> Value {
    python("idaas_core.py", &with(scene.config("idaas", client, secret, scope), "method", method))
}

/// Ends the test unless the client understands this refusal, and the log has its reason.
#[track_caller]
fn refused(scene: &Scene, (client, secret): (&str, &str), scope: &str, rule: &str) {
    for method in METHODS {
        let outcome = attempt(scene, method, (client, secret), scope);
        let told = scene.errors.at("idaas", rule);
        let told =
            if rule.starts_with("Permission") || rule.starts_with("Audience") { told.about(scope) } else { told };
        let id = told.assert_understood(&outcome);
        scene.assert_logged(&id, rule);
    }
}

#[test]
fn it_gets_one_token_and_keeps_it() {
    let scene = scene();
    for method in METHODS {
        let token = attempt(&scene, method, (PARTNER, SECRET), &granted());
        assert_eq!((&token["ok"], &token["verified"]), (&true.into(), &true.into()), "{token:#}");
        assert_eq!((&token["requests"], &token["same_token_twice"]), (&1.into(), &true.into()), "{token:#}");
        assert_eq!((&token["token_type"], &token["expires_in"]), (&"Bearer".into(), &3600.into()), "{token:#}");
        assert_eq!((&token["header"]["alg"], &token["header"]["typ"]), (&"RS256".into(), &"JWT".into()), "{token:#}");
        assert_eq!(token["claims"]["scope"], GRANTED, "{token:#}");
        assert_eq!(token["claims"]["sub"], PARTNER, "{token:#}");
        assert_eq!(token["expires_at"], token["claims"]["exp"], "{token:#}");
    }
}

#[test]
fn everything_granted_can_be_asked_for() {
    let scene = scene();
    let token = attempt(&scene, "CLIENT_SECRET_POST", (PARTNER, SECRET), &format!("{AUDIENCE}|.all"));
    assert_eq!(token["claims"]["scope"], GRANTED, "{token:#}");
}

#[test]
fn a_wrong_secret_and_an_unknown_client_read_the_same() {
    let scene = scene();
    let wrong = "Hq3vN8sT2xWb5yKd7mPc9rJf4gLz6tQb";
    refused(&scene, (PARTNER, wrong), &granted(), "SecretWrong");
    refused(&scene, ("nobody", wrong), &granted(), "ClientUnknown");
    let words = |rule| format!("{:?}", scene.errors.at("idaas", rule));
    assert_eq!(words("SecretWrong"), words("ClientUnknown"));
}

#[test]
fn an_expired_secret() {
    refused(&scene(), ("expired", SECRET), &granted(), "CredentialExpired");
}

#[test]
fn a_disabled_client() {
    refused(&scene(), ("disabled", SECRET), &granted(), "ClientDisabled");
}

#[test]
fn an_address_outside_the_clients_zones() {
    refused(&scene(), ("fenced", SECRET), &granted(), "AddressNotAllowed");
}

#[test]
fn a_scope_that_was_not_granted_or_of_an_audience_that_is_not_known() {
    let scene = scene();
    refused(&scene, (PARTNER, SECRET), &format!("{AUDIENCE}|{NOT_GRANTED}"), "PermissionNotGranted");
    refused(&scene, (PARTNER, SECRET), "api://other.example|read", "AudienceNotGranted");
}

#[test]
fn secrets_with_characters_that_encodings_trip_over() {
    let scene = scene();
    for secret in ODD_SECRETS {
        for method in METHODS {
            let token = attempt(&scene, method, ("odd", secret), &granted());
            assert_eq!(token["verified"], true, "{method} {secret}\n{token:#}");
        }
    }
}
