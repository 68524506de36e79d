//! What clients may give up, and how much of it.

use serde_json::json;
use writ_core::Core;
use writ_core::keyring::Keyring;
use writ_core::revoke::Revocation;
use writ_oauth::Refusal;
use writ_oauth::token::{CredentialTag, TokenId};

use crate::present::Gateway;
use crate::sample::{SECRET, caller, dashboard, with};
use crate::support::{Bench, START, TENANT, both_engines, master_key, only_on};
use crate::token::{Steps, TokenRequest, token_id};

both_engines!(case_90_a_client_gives_up_its_share_and_leaves_the_rest_to_others);
only_on!(Postgres: what_is_given_up_here_is_inactive_there);

/// As the guide says it.
const SHARE: u64 = 10_000;

/// Gives a token up as a client.
async fn give_up(core: &Core, client: &str, token: &str) -> Result<(), Refusal> {
    let request = TokenRequest::of(client, SECRET);
    let door = core.door(&request);
    let client = core.admit(&door, core.authenticated(&request).await.unwrap()).unwrap();
    core.revoke_own_token(&door, &client, token).await.map_err(|refused| refused.refusal)
}

async fn is_active(core: &Core, client: &str, token: &str) -> bool {
    let request = TokenRequest::of(client, SECRET);
    let door = core.door(&request);
    let client = core.admit(&door, core.authenticated(&request).await.unwrap()).unwrap();
    core.introspect(&door, &client, token).await.unwrap().is_some()
}

/// Statements that revoke tokens which were got with a credential.
fn fill(credential: CredentialTag) -> String {
    let keyring = Keyring::new(&master_key()).unwrap();
    let expires = START + 1000;
    let row = |random| {
        let jti = keyring.token_id().seal(TokenId { sequence: 1, credential, random });
        format!("({expires}, '{TENANT}', '{jti}', 1)")
    };
    let rows: Vec<_> = (0..SHARE).map(row).collect();
    format!("INSERT INTO revoked_token (expires, tenant, jti, sequence) VALUES {}", rows.join(", "))
}

async fn case_90_a_client_gives_up_its_share_and_leaves_the_rest_to_others(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller(), with(caller(), "", json!({ "id": "sibling" }))])).await;
    let token_of = async |core: &Core, client: &str| {
        core.token(&TokenRequest::of(client, SECRET)).await.unwrap().access_token().to_owned()
    };
    let token = token_of(&core, "caller").await;
    bench.sql(fill(token_id(&token).credential)).await;
    core.close().await;
    drop(core);
    let core = bench.open().await;
    assert_eq!(give_up(&core, "caller", &token).await, Err(Refusal::RevocationsFull));
    assert_eq!(core.refuses(&token).await, None, "it lives, and its client was told so");
    let of_sibling = token_of(&core, "sibling").await;
    assert_eq!(give_up(&core, "sibling", &of_sibling).await, Ok(()));
    assert_eq!(core.refuses(&of_sibling).await, Some(Refusal::TokenRevoked));
    // An administrator ends what the client cannot.
    let by = core.sign_in().await;
    core.revoke_token(&by, TENANT, &token).await.unwrap();
    assert_eq!(core.refuses(&token).await, Some(Refusal::TokenRevoked));
    assert_eq!(give_up(&core, "caller", &token).await, Ok(()), "it is ended already");
    // Room comes back with time.
    bench.at(&core, 1060).await;
    core.forget_revocations(core.now()).await.unwrap();
    let token = token_of(&core, "caller").await;
    assert_eq!(give_up(&core, "caller", &token).await, Ok(()));
}

async fn what_is_given_up_here_is_inactive_there(bench: Bench) {
    let (here, there) = (bench.open().await, bench.open().await);
    here.apply(json!([dashboard(), caller()])).await;
    there.wait_until_live(here.store().sequence().await.unwrap()).await;
    let mut tokens = Vec::new();
    for _ in 0..2 {
        tokens.push(there.token(&TokenRequest::of("caller", SECRET)).await.unwrap().access_token().to_owned());
    }
    assert!(is_active(&there, "caller", &tokens[0]).await && is_active(&there, "caller", &tokens[1]).await);
    give_up(&here, "caller", &tokens[0]).await.unwrap();
    assert!(!is_active(&here, "caller", &tokens[0]).await);
    there.wait_until_live(here.store().sequence().await.unwrap()).await;
    assert!(!is_active(&there, "caller", &tokens[0]).await);
    assert!(is_active(&there, "caller", &tokens[1]).await, "the other lives");
    here.revoke(&here.sign_in().await, TENANT, Revocation::Client("caller")).await.unwrap();
    there.wait_until_live(here.store().sequence().await.unwrap()).await;
    assert!(!is_active(&there, "caller", &tokens[1]).await);
}
