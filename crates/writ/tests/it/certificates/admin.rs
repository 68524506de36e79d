//! The admin API takes the same tokens, and asks the same of them.

use serde_json::json;
use writ_core::admin::AUDIENCE;
use writ_oauth::Refusal;

use super::thumbprint;
use crate::support::call::Call;
use crate::support::catalogue::{SECRET, client};
use crate::support::client_certificate::Party;
use crate::support::jwt::part;
use crate::support::server::Server;

#[test]
fn case_42_an_administrators_bound_token_needs_its_certificate() {
    let server = Server::new();
    let authorizations = json!([{"audience": AUDIENCE, "permissions": ["config:read"]}]);
    let settings = json!({"token": {"certificate_bound": true}, "authorizations": authorizations});
    server.apply("default", &client("careful", settings));
    let own = &Party::get().own;
    let form = [("grant_type", "client_credentials"), ("scope", "config:read")];
    let ask = || Call::post("/v1/token").basic("careful", SECRET).form(&form);
    server.admin(&ask()).is(Refusal::ConnectionCertificateMissing);
    let token = server.admin(&ask().certificate(own)).token();
    assert_eq!(part(&token, 1)["cnf"]["x5t#S256"], thumbprint(own));
    let list = || Call::get("/v1/tenants/default/application").bearer(&token);
    for _ in 0..2 {
        assert_eq!(server.admin(&list()).error(401), "invalid_token");
        assert_eq!(server.admin(&list().certificate(&Party::get().named)).error(401), "invalid_token");
        assert_eq!(server.admin(&list().certificate(own)).status, 200);
    }
    assert_eq!(server.admin(&list().unreadable_certificate()).error(400), "invalid_request");
}
