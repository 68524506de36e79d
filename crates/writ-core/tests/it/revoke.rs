//! What a revocation kills, and what it does not.

use std::time::{Duration, Instant};

use serde_json::json;
use writ_core::apply::ApplyError;
use writ_core::revoke::{Revocation, Revoked};
use writ_core::secrets::SecretRequest;
use writ_oauth::Refusal;

use crate::present::Gateway;
use crate::sample::{SECRET, caller, caller_with, dashboard, with};
use crate::support::{Bench, Running, START, TENANT, both_engines, only_on};
use crate::token::{Steps, TokenRequest, bearer, token_id};

both_engines!(
    case_90_each_revocation_kills_what_it_is_about_and_nothing_else,
    a_token_that_is_issued_after_a_revocation_lives,
    case_90_one_token_is_revoked_and_no_other,
    case_90_what_is_no_token_is_revoked_already,
    what_is_not_there_is_not_found,
    a_revocation_outlives_the_process_and_is_forgotten_in_time,
    a_revoked_token_is_never_forgotten_to_make_room,
    what_is_revoked_is_audited,
    case_113_what_is_taken_back_ends_with_the_live_token,
);
only_on!(Postgres: case_90_every_revocation_reaches_another_server_within_a_second);

const SECOND: &str = "second-secret-of-some-length";

/// Who holds tokens: two secrets of one client, two audiences, another client of the application, another application.
const HOLDERS: [(&str, &str, &str); 5] = [
    ("caller", SECRET, "api://dashboard"),
    ("caller", SECOND, "api://dashboard"),
    ("caller", SECRET, "api://other"),
    ("sibling", SECRET, "api://dashboard"),
    ("stranger", SECRET, "api://dashboard"),
];

async fn open(bench: &Bench) -> Running {
    let core = bench.open().await;
    let authorizations = json!([
        { "audience": "api://dashboard", "permissions": ["announce:read"] },
        { "audience": "api://other", "permissions": ["announce:read"] },
    ]);
    let secret = |name: &str, value: &str| json!({ "kind": "secret", "name": name, "value": value });
    let client = |id: &str| {
        let credentials = json!([secret("first", SECRET), secret("second", SECOND)]);
        json!({ "client_id": id, "credentials": credentials, "authorizations": authorizations })
    };
    let other = json!({ "audience": "api://other", "permissions": [{ "id": "announce:read" }] });
    core.apply(json!([
        dashboard(),
        { "kind": "application", "id": "other", "resource_server": other },
        { "kind": "application", "id": "caller", "clients": [client("caller"), client("sibling")] },
        { "kind": "application", "id": "stranger", "clients": [client("stranger")] },
    ]))
    .await;
    core
}

async fn token_of(core: &Running, holder: (&str, &str, &str)) -> String {
    let (client, secret, audience) = holder;
    core.token(&TokenRequest::of(client, secret).audience(audience)).await.unwrap().access_token().to_owned()
}

async fn tokens(core: &Running) -> Vec<String> {
    let mut tokens = Vec::new();
    for holder in HOLDERS {
        tokens.push(token_of(core, holder).await);
    }
    tokens
}

/// Which of the holders' tokens are let through; the others are refused as revoked.
async fn alive(core: &Running, tokens: &[String]) -> Vec<bool> {
    let mut alive = Vec::new();
    for (token, (_, _, audience)) in tokens.iter().zip(HOLDERS) {
        match core.refuses_for(token, audience, "announce:read").await {
            None => alive.push(true),
            Some(Refusal::TokenRevoked) => alive.push(false),
            Some(other) => panic!("{other:?}"),
        }
    }
    alive
}

/// Every kind, with the holders whose tokens live on.
const KINDS: [(Revocation<'_>, [bool; 5]); 5] = [
    (Revocation::Client("caller"), [false, false, false, true, true]),
    (Revocation::Authorization { client_id: "caller", audience: "api://dashboard" }, [false, false, true, true, true]),
    (Revocation::Authorization { client_id: "caller", audience: "api://other" }, [true, true, false, true, true]),
    (Revocation::Application("caller"), [false, false, false, false, true]),
    (Revocation::Credential { client_id: "caller", credential: "first" }, [false, true, false, true, true]),
];

async fn revoke(core: &Running, what: Revocation<'_>) -> Result<Revoked, ApplyError> {
    core.revoke(&core.sign_in().await, TENANT, what).await
}

async fn case_90_each_revocation_kills_what_it_is_about_and_nothing_else(bench: Bench) {
    let core = open(&bench).await;
    for (what, expected) in KINDS {
        let before = tokens(&core).await;
        assert_eq!(alive(&core, &before).await, [true; 5]);
        revoke(&core, what).await.unwrap();
        assert_eq!(alive(&core, &before).await, expected, "{what:?}");
        // Everyone can get a new one, with the same secret, and a cut-off of before does not reach it.
        let after = tokens(&core).await;
        assert_eq!(alive(&core, &after).await, [true; 5], "{what:?}");
        assert_eq!(alive(&core, &before).await, expected, "{what:?}");
    }
}

async fn a_token_that_is_issued_after_a_revocation_lives(bench: Bench) {
    let core = open(&bench).await;
    let by = core.sign_in().await;
    let mut tokens = Vec::new();
    for _ in 0..5 {
        let before = token_of(&core, HOLDERS[0]).await;
        core.revoke(&by, TENANT, Revocation::Client("caller")).await.unwrap();
        // At once, in the same second.
        let after = token_of(&core, HOLDERS[0]).await;
        let cutoff = u64::try_from(core.store().sequence().await.unwrap()).unwrap();
        assert_eq!((token_id(&before).sequence, token_id(&after).sequence), (cutoff - 1, cutoff));
        assert_eq!(core.refuses(&before).await, Some(Refusal::TokenRevoked));
        assert_eq!(core.refuses(&after).await, None);
        tokens.push(after);
    }
    // A token that was decided before a revocation dies of it, although it is signed after.
    let request = TokenRequest::of("caller", SECRET).audience("api://dashboard");
    let authenticated = core.authenticated(&request).await.unwrap();
    core.revoke(&by, TENANT, Revocation::Client("caller")).await.unwrap();
    let door = core.door(&request);
    let grant = writ_core::grant::Grant::ClientCredentials;
    let permitted = core.permit(&door, authenticated, grant, request.asked.clone()).unwrap();
    let late = core.issue(&door, permitted).await.unwrap();
    assert_eq!(core.refuses(late.access_token()).await, Some(Refusal::TokenRevoked));
}

async fn case_90_one_token_is_revoked_and_no_other(bench: Bench) {
    let core = open(&bench).await;
    let by = core.sign_in().await;
    let before = tokens(&core).await;
    let twin = token_of(&core, HOLDERS[0]).await;
    let revoked = core.revoke_token(&by, TENANT, &before[0]).await.unwrap().unwrap();
    assert_eq!(revoked.jti.as_deref(), bearer(&before[0])["jti"].as_str());
    assert_eq!((revoked.client_id.as_deref(), revoked.audience.as_deref()), (Some("caller"), Some("api://dashboard")));
    assert_eq!(alive(&core, &before).await, [false, true, true, true, true]);
    assert_eq!(core.refuses(&twin).await, None);
    // Again is a success, and changes nothing.
    let sequence = core.store().sequence().await.unwrap();
    assert_eq!(core.revoke_token(&by, TENANT, &before[0]).await.unwrap(), Some(revoked));
    assert_eq!(core.store().sequence().await.unwrap(), sequence);
}

async fn case_90_what_is_no_token_is_revoked_already(bench: Bench) {
    let core = open(&bench).await;
    core.apply(json!([{ "kind": "tenant", "name": "acme" }])).await;
    let by = core.sign_in().await;
    let token = token_of(&core, HOLDERS[0]).await;
    let (head, signature) = token.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    let sequence = core.store().sequence().await.unwrap();
    for foreign in [forged.as_str(), head, "", "a.b.c", "not a token"] {
        assert_eq!(core.revoke_token(&by, TENANT, foreign).await, Ok(None), "{foreign}");
    }
    // Of another tenant: not this one's to revoke.
    assert_eq!(core.revoke_token(&by, "acme", &token).await, Ok(None));
    assert_eq!(core.refuses(&token).await, None);
    bench.set_time(3600 + 60);
    assert_eq!(core.revoke_token(&by, TENANT, &token).await, Ok(None), "expired");
    assert_eq!(core.store().sequence().await.unwrap(), sequence);
    // By a clock that is a little behind it is not expired yet.
    bench.set_time(3600 + 59);
    assert!(core.revoke_token(&by, TENANT, &token).await.unwrap().is_some());
}

async fn what_is_not_there_is_not_found(bench: Bench) {
    let core = open(&bench).await;
    let by = core.sign_in().await;
    let sequence = core.store().sequence().await.unwrap();
    for (what, missing, name) in [
        (Revocation::Client("nobody"), "client", "nobody"),
        (Revocation::Authorization { client_id: "nobody", audience: "api://other" }, "client", "nobody"),
        (Revocation::Authorization { client_id: "caller", audience: "api://othr" }, "resource server", "api://othr"),
        (Revocation::Credential { client_id: "caller", credential: "third" }, "credential", "third"),
        (Revocation::Credential { client_id: "nobody", credential: "first" }, "credential", "first"),
        (Revocation::Application("nothing"), "application", "nothing"),
    ] {
        let outcome = core.revoke(&by, TENANT, what).await;
        assert_eq!(outcome, Err(ApplyError::NotFound(missing, name.into())), "{what:?}");
    }
    let outcome = core.revoke_token(&by, "acme", "a.b.c").await;
    assert_eq!(outcome, Err(ApplyError::NotFound("tenant", "acme".into())));
    assert_eq!(core.store().sequence().await.unwrap(), sequence);
    // An application without clients has no tokens, and the change is followed all the same.
    assert!(core.revoke(&by, TENANT, Revocation::Application("dashboard")).await.is_ok());
    assert!(core.wait_until_live(sequence + 1).await);
}

async fn case_90_every_revocation_reaches_another_server_within_a_second(bench: Bench) {
    let (here, there) = (open(&bench).await, bench.open().await);
    let by = here.sign_in().await;
    there.wait_until_live(here.store().sequence().await.unwrap()).await;
    let limit = Duration::from_secs(1);
    for (what, expected) in KINDS {
        let before = tokens(&there).await;
        assert_eq!(alive(&there, &before).await, [true; 5]);
        here.revoke(&by, TENANT, what).await.unwrap();
        let began = Instant::now();
        while alive(&there, &before).await != expected {
            assert!(began.elapsed() < limit, "{what:?} does not reach the other server");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        println!("{what:?}: dead elsewhere {:?} after the answer", began.elapsed());
        there.wait_until_live(here.store().sequence().await.unwrap()).await;
    }
    let token = token_of(&there, HOLDERS[0]).await;
    assert_eq!(there.refuses(&token).await, None);
    here.revoke_token(&by, TENANT, &token).await.unwrap();
    let began = Instant::now();
    while there.refuses(&token).await.is_none() {
        assert!(began.elapsed() < limit, "the token lives on");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    println!("one token: dead elsewhere {:?} after the answer", began.elapsed());
}

async fn a_revocation_outlives_the_process_and_is_forgotten_in_time(bench: Bench) {
    const MONTH: i64 = 30 * 24 * 3600;
    const ROWS: &str = "SELECT (SELECT COUNT(*) FROM cutoff) * 10 + (SELECT COUNT(*) FROM revoked_token)";
    let core = open(&bench).await;
    core.apply(json!([with(caller_with(json!({ "token": { "lifetime": "30d" } })), "", json!({ "id": "long" }))]))
        .await;
    let request = TokenRequest::of("long", SECRET);
    let cut_off = core.token(&request).await.unwrap().access_token().to_owned();
    revoke(&core, Revocation::Client("long")).await.unwrap();
    let single = core.token(&request).await.unwrap().access_token().to_owned();
    core.revoke_token(&core.sign_in().await, TENANT, &single).await.unwrap();
    core.close().await;
    drop(core);
    let core = bench.open().await;
    let dead = async |core: &Running| [core.refuses(&cut_off).await, core.refuses(&single).await];
    assert_eq!(dead(&core).await, [Some(Refusal::TokenRevoked); 2]);
    assert_eq!(bench.number(ROWS).await, 11);
    let sequence = core.store().sequence().await.unwrap();
    for (now, rows) in [(MONTH - 1, 11), (MONTH + 59, 11), (MONTH + 60, 10), (MONTH + 419, 10), (MONTH + 420, 0)] {
        bench.at(&core, now).await;
        core.forget_revocations(core.now()).await.unwrap();
        assert_eq!(bench.number(ROWS).await, rows, "at {now}");
        let refusal = if now < MONTH { Refusal::TokenRevoked } else { Refusal::TokenInvalid };
        assert_eq!(dead(&core).await, [Some(refusal); 2]);
    }
    assert_eq!(core.store().sequence().await.unwrap(), sequence, "nobody needs to hear of it");
}

async fn a_revoked_token_is_never_forgotten_to_make_room(bench: Bench) {
    let core = open(&bench).await;
    let first = token_of(&core, HOLDERS[0]).await;
    core.revoke_token(&core.sign_in().await, TENANT, &first).await.unwrap();
    let fill = format!(
        "INSERT INTO revoked_token (expires, tenant, jti, sequence) WITH RECURSIVE n(i) AS \
         (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
         SELECT {}, 'default', CAST(i AS TEXT), 1 FROM n",
        START + 1000
    );
    bench.sql(fill).await;
    core.close().await;
    drop(core);
    let core = bench.open().await;
    let by = core.sign_in().await;
    let another = token_of(&core, HOLDERS[0]).await;
    let refused = core.revoke_token(&by, TENANT, &another).await.unwrap_err();
    assert!(matches!(&refused, ApplyError::Conflict(why) if why.contains("100000 tokens")), "{refused:?}");
    assert_eq!((core.refuses(&first).await, core.refuses(&another).await), (Some(Refusal::TokenRevoked), None));
    // What is meant to end can be ended otherwise, and room comes by itself.
    core.revoke(&by, TENANT, Revocation::Credential { client_id: "caller", credential: "first" }).await.unwrap();
    assert_eq!(core.refuses(&another).await, Some(Refusal::TokenRevoked));
    bench.at(&core, 1060).await;
    core.forget_revocations(core.now()).await.unwrap();
    let another = token_of(&core, HOLDERS[0]).await;
    assert!(core.revoke_token(&by, TENANT, &another).await.unwrap().is_some());
    assert_eq!(core.refuses(&another).await, Some(Refusal::TokenRevoked));
}

async fn what_is_revoked_is_audited(bench: Bench) {
    let core = open(&bench).await;
    let by = core.sign_in().await;
    let after = core.store().sequence().await.unwrap();
    for (what, _) in KINDS {
        core.revoke(&by, TENANT, what).await.unwrap();
    }
    let token = token_of(&core, HOLDERS[0]).await;
    core.revoke_token(&by, TENANT, &token).await.unwrap();
    let records = core.store().audit_after(TENANT, after, 100).await.unwrap();
    let done: Vec<_> = records.iter().map(|record| (record.kind.as_str(), record.name.as_str())).collect();
    let expected = [
        ("client", "caller"),
        ("authorization", "caller"),
        ("authorization", "caller"),
        ("application", "caller"),
        ("credential", "caller"),
        ("token", "caller"),
    ];
    assert_eq!(done, expected);
    assert!(records.iter().all(|record| record.actor == "writ-admin" && record.action == "revoke_tokens"));
    assert_eq!(records[1].detail, json!({ "client_id": "caller", "audience": "api://dashboard" }));
    assert!(records[4].detail["credential"].as_str().unwrap().starts_with("sec_"));
    let end = jiff::Timestamp::from_second(START + 3600).unwrap().to_string();
    let expected = json!({ "client_id": "caller", "audience": "api://dashboard", "jti": bearer(&token)["jti"],
        "expires": end });
    assert_eq!(records[5].detail, expected);
    assert!(!records.iter().any(|record| record.detail.to_string().contains(&token)), "a token is in the audit trail");
}

async fn case_113_what_is_taken_back_ends_with_the_live_token(bench: Bench) {
    let core = bench.open().await;
    let permissions = |list: serde_json::Value| {
        caller_with(json!({ "authorizations": [{ "audience": "api://dashboard", "permissions": list }] }))
    };
    core.apply(json!([dashboard(), permissions(json!(["announce:read", "announce:write"]))])).await;
    let request = TokenRequest::of("caller", SECRET);
    let live = core.token(&request).await.unwrap().access_token().to_owned();
    let write = async |token: &str| core.refuses_for(token, "api://dashboard", "announce:write").await;
    assert_eq!((core.refuses(&live).await, write(&live).await), (None, None));
    core.apply(json!([permissions(json!(["announce:read"]))])).await;
    assert_eq!(core.scope(&request).await, "announce:read");
    assert_eq!((core.refuses(&live).await, write(&live).await), (None, Some(Refusal::TokenInsufficient)));
    // A disabled secret, and a revoked one, end their tokens; another secret of the client does not.
    let by = core.sign_in().await;
    let new = SecretRequest { name: Some("n".into()), ..SecretRequest::default() };
    let (_, value) = core.issue_secret(&by, TENANT, "caller", new).await.unwrap();
    let of_second = core.token(&TokenRequest::of("caller", value.expose())).await.unwrap().access_token().to_owned();
    core.revoke_secret(&by, TENANT, "caller", "first").await.unwrap();
    assert_eq!(core.refuses(&live).await, Some(Refusal::TokenRevoked));
    assert_eq!(core.refuses(&of_second).await, None);
    core.apply(json!([with(dashboard(), "", json!({ "status": "disabled" }))])).await;
    assert_eq!(core.refuses(&of_second).await, Some(Refusal::TokenRevoked));
    core.apply(json!([dashboard()])).await;
    assert_eq!(core.refuses(&of_second).await, None);
    core.apply(json!([with(caller(), "", json!({ "status": "disabled" }))])).await;
    assert_eq!(core.refuses(&of_second).await, Some(Refusal::TokenRevoked));
}
