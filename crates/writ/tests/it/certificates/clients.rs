//! Clients that programmers really use, with certificates of their own, against a server's own TLS.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::thumbprint;
use crate::gateway::{API, READ, client, route};
use crate::support::certificate::{Authority, Certificate};
use crate::support::client_certificate::{Made, Party, params};
use crate::support::client_script::{node, python};
use crate::support::process::{Launch, Server};
use crate::support::upstream::Upstream;

/// A server that speaks TLS, an API behind its gateway, and two clients with certificates.
struct Scene {
    server: Server,
    authority: Authority,
    folder: TempDir,
    _upstream: Upstream,
}

/// Everything but the routes.
pub(super) fn parties() -> Value {
    let party = Party::get();
    let by = |id: &str, method: &str, credential: Value| {
        let mut document = client(id, API, &[READ]);
        document["clients"][0]["auth_methods"] = json!([method]);
        document["clients"][0]["credentials"] = json!([credential]);
        document
    };
    let named = json!({"kind": "certificate", "provider": "corp", "subject_dn": "CN=cert-named"});
    json!([
        {"kind": "application", "id": "api", "resource_server": {"audience": API, "permissions": [{"id": READ}]}},
        {"kind": "provider", "name": "corp", "type": "private_ca", "anchors": [party.root.pem], "crls": [party.crl]},
        by("cert-named", "tls_client_auth", named),
        by("cert-own", "self_signed_tls_client_auth", json!({"kind": "certificate", "pem": party.own.pem})),
    ])
}

/// The same with a route for everything.
pub(super) fn documents(upstream: &Upstream) -> Value {
    let mut documents = parties();
    documents.as_array_mut().unwrap().push(route("every", json!({"path": "/**"}), READ, &upstream.url()));
    documents
}

impl Scene {
    fn start() -> Self {
        let (authority, folder, upstream) = (Authority::new(), tempfile::tempdir().unwrap(), Upstream::plain());
        let certificate = authority.sign("server");
        let server = Launch::serve(&folder.path().join("writ"))
            .env("WRIT_TLS_CERTIFICATE", certificate.chain.to_str().unwrap())
            .env("WRIT_TLS_KEY", certificate.key.to_str().unwrap())
            .start();
        server.apply(&documents(&upstream).to_string(), &[]).ok();
        Self { server, authority, folder, _upstream: upstream }
    }

    /// What the scripts are told: who asks, with which certificate, and which it tries at the gateway besides.
    fn config(&self, client: &str, method: &str, own: &Made, other: &Made) -> Value {
        let file = |made: &Made, name: &str| {
            let Certificate { chain, key } = made.written(self.folder.path(), name);
            json!({"cert": chain, "key": key})
        };
        let issuer = self.server.issuer("oauth");
        json!({
            "issuer": issuer, "token_endpoint": format!("{issuer}/token"), "client_id": client, "method": method,
            "scope": READ, "api": format!("{}/orders", self.server.said("gateway")), "ca": self.authority.file(),
            "own": file(own, &format!("{client}-own")), "other": file(other, &format!("{client}-other")),
        })
    }
}

/// The claims of a token are those of its certificate, and the gateway has it used with that one alone.
#[track_caller]
fn assert_good(outcome: &Value, client: &str, own: &Made) {
    assert_eq!(outcome["ok"], true, "{outcome:#}");
    assert_eq!(outcome["claims"]["client_id"], client, "{outcome:#}");
    assert_eq!(outcome["claims"]["cnf"], json!({"x5t#S256": thumbprint(own)}), "{outcome:#}");
    assert_eq!(outcome["api"], json!({"own": 200, "none": 401, "other": 401}), "{outcome:#}");
}

#[test]
fn case_42_openid_client_and_requests_get_tokens_that_are_bound_and_use_them() {
    let scene = Scene::start();
    let party = Party::get();
    let cases = [
        ("cert-named", "tls_client_auth", &party.named, &party.own),
        ("cert-own", "self_signed_tls_client_auth", &party.own, &party.named),
    ];
    for (client, method, own, other) in cases {
        let config = scene.config(client, method, own, other);
        assert_good(&node("openid_client_mtls.mjs", &config), client, own);
        assert_good(&python("requests_mtls.py", &config), client, own);
        // With the certificate of somebody else they are told what everybody is told.
        let stolen = scene.config(client, method, other, own);
        for outcome in [node("openid_client_mtls.mjs", &stolen), python("requests_mtls.py", &stolen)] {
            assert_eq!((&outcome["ok"], &outcome["error"]), (&false.into(), &"invalid_client".into()), "{outcome:#}");
        }
    }
    scene.server.stop();
}

#[test]
fn writ_token_shows_a_certificate() {
    let scene = Scene::start();
    let party = Party::get();
    let writ = |client: &str, more: &[&str]| {
        let arguments = ["token", "--raw", "--client-id", client, "--scope", READ];
        let mut command = scene.server.command(&[&arguments[..], more].concat());
        command.env("SSL_CERT_FILE", scene.authority.file());
        crate::support::command::run(command)
    };
    for (client, method, own) in
        [("cert-named", "tls_client_auth", &party.named), ("cert-own", "self_signed_tls_client_auth", &party.own)]
    {
        let Certificate { chain, key } = own.written(scene.folder.path(), client);
        let files = ["--cert", chain.to_str().unwrap(), "--key", key.to_str().unwrap()];
        let token = writ(client, &[&["--auth-method", method][..], &files].concat()).ok().stdout;
        assert_eq!(crate::support::jwt::part(token.trim(), 1)["cnf"]["x5t#S256"], thumbprint(own));
        writ(client, &["--auth-method", method]).failed(2).tells(&["--client-id, --cert and --key"]);
        let no_certificate = ["--cert", key.to_str().unwrap(), "--key", key.to_str().unwrap()];
        writ(client, &[&["--auth-method", method][..], &no_certificate].concat()).failed(1).tells(&["in PEM"]);
    }
    let stranger = Made::self_signed(params("cert-own")).written(scene.folder.path(), "stranger");
    let files = ["--cert", stranger.chain.to_str().unwrap(), "--key", stranger.key.to_str().unwrap()];
    let refused = writ("cert-own", &[&["--auth-method", "self_signed_tls_client_auth"][..], &files].concat());
    refused.failed(1).tells(&["401 invalid_client"]);
    scene.server.stop();
}
