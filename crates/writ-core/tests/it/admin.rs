//! Who may administer.

use serde_json::json;
use writ_core::admin::AdminPermission;
use writ_oauth::Refusal;

use crate::sample::{SECRET, caller, caller_with, dashboard};
use crate::support::{Bench, Running, both_engines};
use crate::token::{Steps, TokenRequest};

both_engines!(
    a_token_holds_what_it_says_and_the_client_has_still,
    other_tokens_are_refused,
    a_token_of_an_administrator_expires,
);

async fn refusal(core: &Running, token: &str, needs: AdminPermission) -> Option<Refusal> {
    core.administrator(token, needs).await.err().map(|refused| refused.refusal)
}

async fn a_token_holds_what_it_says_and_the_client_has_still(bench: Bench) {
    let core = bench.open().await;
    let given = |permissions| {
        caller_with(json!({ "authorizations": [{ "audience": "urn:writ:admin", "permissions": permissions }] }))
    };
    core.apply(json!([given(json!(["config:read", "config:write"]))])).await;
    let request = TokenRequest::of("caller", SECRET).resource("urn:writ:admin");
    let narrow = core.token(&request.clone().scope(&["config:read"])).await.unwrap();
    let wide = core.token(&request).await.unwrap();
    for (token, needs, expected) in [
        (&narrow, AdminPermission::ConfigRead, None),
        (&narrow, AdminPermission::ConfigWrite, Some(Refusal::TokenInsufficient)),
        (&wide, AdminPermission::ConfigWrite, None),
        (&wide, AdminPermission::SecretRead, Some(Refusal::TokenInsufficient)),
    ] {
        assert_eq!(refusal(&core, token.access_token(), needs).await, expected);
    }
    let token = wide.access_token();
    core.apply(json!([given(json!(["config:read"]))])).await;
    assert_eq!(refusal(&core, token, AdminPermission::ConfigWrite).await, Some(Refusal::TokenInsufficient));
    assert_eq!(refusal(&core, token, AdminPermission::ConfigRead).await, None);
    core.apply(json!([dashboard(), caller()])).await;
    assert_eq!(refusal(&core, token, AdminPermission::ConfigRead).await, Some(Refusal::TokenInsufficient));
    core.apply(json!([caller_with(json!({ "status": "disabled" }))])).await;
    assert_eq!(refusal(&core, token, AdminPermission::ConfigRead).await, Some(Refusal::TokenRevoked));
}

async fn other_tokens_are_refused(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller(), { "kind": "tenant", "name": "other" }])).await;
    let secret = core.bootstrap_secret().await.unwrap().unwrap();
    let admin = TokenRequest::of("writ-admin", secret.expose());
    let good = core.token(&admin).await.unwrap();
    let plain = core.token(&admin.clone().at("second")).await.unwrap();
    let elsewhere = core.token(&TokenRequest::of("caller", SECRET)).await.unwrap();
    let (head, tail) = good.access_token().rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", tail.chars().rev().collect::<String>());
    for token in [plain.access_token(), elsewhere.access_token(), &forged, head, "", "a.b.c"] {
        assert_eq!(refusal(&core, token, AdminPermission::ConfigRead).await, Some(Refusal::TokenInvalid));
    }
    assert_eq!(refusal(&core, good.access_token(), AdminPermission::ConfigRead).await, None);
}

async fn a_token_of_an_administrator_expires(bench: Bench) {
    let core = bench.open().await;
    let secret = core.bootstrap_secret().await.unwrap().unwrap();
    let issued = core.token(&TokenRequest::of("writ-admin", secret.expose())).await.unwrap();
    for (now, expected) in
        [(0, None), (3599, None), (3600, Some(Refusal::TokenInvalid)), (-1, Some(Refusal::TokenInvalid))]
    {
        bench.at(&core, now).await;
        assert_eq!(refusal(&core, issued.access_token(), AdminPermission::ConfigRead).await, expected, "at {now}");
    }
}
