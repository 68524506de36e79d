//! Tokens of this door that are bound to a client certificate (RFC 8705).

use serde_json::json;
use writ_oauth::Refusal;

use super::{AUDIENCE, SECRET, granted, screen};
use crate::certificates::thumbprint;
use crate::support::call::Call;
use crate::support::client_certificate::Party;
use crate::support::jwt::part;
use crate::support::server::Server;
use crate::support::upstream::Upstream;

fn scene(upstream: &Upstream) -> Server {
    let server = Server::new();
    let mut application = screen();
    let authorizations = application["clients"][0]["authorizations"].clone();
    application["clients"] = json!([
        {"client_id": "by-certificate", "auth_methods": ["tls_client_auth"], "authorizations": authorizations,
            "credentials": [{"kind": "certificate", "provider": "machines", "subject_dn": "CN=cert-named"}]},
        {"client_id": "by-both", "token": {"certificate_bound": true}, "authorizations": authorizations,
            "credentials": [{"kind": "secret", "value": SECRET}]},
    ]);
    let provider =
        json!({"kind": "provider", "name": "machines", "type": "private_ca", "anchors": [Party::get().root.pem]});
    let route = json!({"kind": "route", "name": "all", "match": {"path": "/announcements/**"},
        "require": {"audience": AUDIENCE, "permission": "announce:read"}, "upstream": {"url": upstream.url()}});
    server.apply("default", &json!([provider, application, route]));
    server
}

/// > the value of which is the base64url-encoded SHA-256 hash [...] of the DER encoding of the X.509 certificate
///
/// <https://www.rfc-editor.org/rfc/rfc8705#section-3.1>
#[test]
fn case_42_a_bound_token_names_its_certificate_and_is_good_for_nothing_without_it() {
    let upstream = Upstream::plain();
    let server = scene(&upstream);
    let named = &Party::get().named;
    let form = |id: &str| {
        let form = [("grant_type", "client_credentials"), ("client_id", id), ("scope", "announce:read")];
        Call::post("/oidc/token").form(&form).certificate(named)
    };
    for call in [form("by-certificate"), form("by-both").and("client_secret", SECRET)] {
        let answer = server.public(&call);
        assert_eq!(granted(&answer).0, "announce:read");
        let token = answer.token();
        let claims = part(&token, 1);
        assert_eq!(claims["cnf"], json!({"x5t#S256": thumbprint(named)}));
        let get = || Call::get("/announcements/7").bearer(&token);
        // Before it is remembered, and after.
        for _ in 0..2 {
            for without in [get(), get().certificate(&Party::get().own), get().certificate(&Party::get().impostor)] {
                let refused = server.gateway(&without).is(Refusal::TokenCertificateMismatch);
                assert_eq!(refused.error(401), "invalid_token");
            }
            assert!(upstream.seen().is_empty());
            assert_eq!(server.gateway(&get().certificate(named)).status, 200);
            upstream.forget();
        }
        // Whoever asks what it says learns that it is bound.
        let said = server.public(&Call::get(&format!("/api/v2/oidc/validate_token?access_token={token}"))).ok().json();
        assert_eq!(said["cnf"], claims["cnf"]);
    }
    let bare = Call::post("/oidc/token").basic("by-both", SECRET);
    let bare = bare.form(&[("grant_type", "client_credentials"), ("scope", "announce:read")]);
    server.public(&bare).is(Refusal::ConnectionCertificateMissing);
}
