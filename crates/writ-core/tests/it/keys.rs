//! The life of signing keys, as verifiers and callers see it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use writ_core::admin::AdminPermission;
use writ_core::apply::ApplyError;
use writ_core::store::KeyState;
use writ_oauth::Refusal;
use writ_oauth::jose::{MAX_SET_KEYS, parse_jwk_set};

use crate::present::Gateway;
use crate::sample::{SECRET, caller, caller_with, dashboard};
use crate::support::{Bench, Running, START, TENANT, both_engines, only_on};
use crate::token::{Steps, TokenRequest, header};

both_engines!(
    case_79_a_rotation_uses_a_key_that_was_published_and_keeps_the_one_before,
    case_79_a_token_of_a_revoked_key_is_refused,
    a_key_that_was_published_for_less_than_ten_minutes_is_not_used_yet,
    keys_are_forgotten_with_the_longest_token_that_they_can_have_signed,
    a_schedule_is_kept_and_nothing_is_written_between,
    another_algorithm_begins_with_keys_of_its_own,
    what_is_not_there_is_not_found,
    a_published_set_stays_within_what_verifiers_read,
    what_is_done_to_keys_is_audited,
    an_older_installation_gains_new_permissions,
);
only_on!(Postgres: servers_that_tend_at_once_rotate_once, case_79_a_revoked_key_is_refused_elsewhere_within_a_second);

fn request() -> TokenRequest {
    TokenRequest::of("caller", SECRET)
}

fn issuer(signing: Value) -> Value {
    json!({ "kind": "issuer", "name": "first", "dialect": "first", "signing": signing })
}

/// An installation with a caller, its keys tended.
async fn open(bench: &Bench) -> Running {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    tend(&core).await;
    core
}

async fn tend(core: &Running) {
    core.tend_keys(core.now()).await.unwrap();
    assert!(core.wait_until_live(core.store().sequence().await.unwrap()).await);
}

async fn token(core: &Running) -> String {
    core.token(&request()).await.unwrap().access_token().to_owned()
}

fn kid_of(token: &str) -> String {
    header(token)["kid"].as_str().unwrap().to_owned()
}

/// The ids of the published keys, in their order.
fn published(core: &Running) -> Vec<String> {
    let snapshot = core.snapshot();
    let jwks: Value = serde_json::from_str(&snapshot.tenant(TENANT).unwrap().issuer("first").unwrap().jwks).unwrap();
    jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// The ids of the keys in a state.
async fn in_state(core: &Running, state: KeyState) -> Vec<String> {
    let keys = core.list_keys(TENANT, "first").await.unwrap();
    keys.into_iter().filter(|key| key.state == state).map(|key| key.kid).collect()
}

async fn rotate(core: &Running, at_once: bool) -> Result<(), ApplyError> {
    core.rotate_key(&core.sign_in().await, TENANT, "first", at_once).await
}

async fn revoke(core: &Running, kid: &str) -> Result<(), ApplyError> {
    core.revoke_key(&core.sign_in().await, TENANT, "first", kid).await
}

async fn case_79_a_rotation_uses_a_key_that_was_published_and_keeps_the_one_before(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    let first = published(&core);
    assert_eq!(first.len(), 1, "the next key is made by tending");
    tend(&core).await;
    let cached = published(&core);
    assert_eq!((cached.len(), &cached[0]), (2, &first[0]), "the active key comes first");
    let before = token(&core).await;
    assert_eq!(kid_of(&before), first[0]);
    bench.at(&core, 600).await;
    rotate(&core, false).await.unwrap();
    let after = token(&core).await;
    assert_eq!(kid_of(&after), cached[1], "a verifier that cached the set does not know the key");
    assert_eq!((core.refuses(&before).await, core.refuses(&after).await), (None, None));
    let now = published(&core);
    assert_eq!((now.len(), &now[0]), (3, &cached[1]));
    assert!(now.contains(&cached[0]) && in_state(&core, KeyState::Retired).await == [cached[0].clone()]);
    // Verified with the published set alone, as a resource server does.
    let snapshot = core.snapshot();
    let set = parse_jwk_set(snapshot.tenant(TENANT).unwrap().issuer("first").unwrap().jwks.as_bytes()).unwrap();
    assert_eq!(set.verifying_keys(&[writ_oauth::jose::Alg::ES256]).unwrap().len(), 3);
}

async fn a_key_that_was_published_for_less_than_ten_minutes_is_not_used_yet(bench: Bench) {
    let core = bench.open().await;
    core.apply(json!([dashboard(), caller()])).await;
    let conflict = |outcome| match outcome {
        Err(ApplyError::Conflict(why)) => why,
        other => panic!("{other:?}"),
    };
    assert!(conflict(rotate(&core, false).await).contains("still to be made"));
    tend(&core).await;
    let before = published(&core);
    bench.at(&core, 599).await;
    let sequence = core.store().sequence().await.unwrap();
    let why = conflict(rotate(&core, false).await);
    let from = jiff::Timestamp::from_second(START + 600).unwrap();
    assert!(why.contains(&format!("possible from {from} on")), "{why}");
    assert_eq!((published(&core), core.store().sequence().await.unwrap()), (before.clone(), sequence));
    rotate(&core, true).await.unwrap();
    assert_eq!(kid_of(&token(&core).await), before[1]);
    // The key after it has to wait again; `at once` works without a next key too.
    assert!(conflict(rotate(&core, false).await).contains("less than ten minutes"));
    let second = core.rotate_key(&core.sign_in().await, TENANT, "second", true).await;
    assert_eq!((second, core.list_keys(TENANT, "second").await.unwrap().len()), (Ok(()), 3));
}

async fn case_79_a_token_of_a_revoked_key_is_refused(bench: Bench) {
    let core = open(&bench).await;
    let (active, next) = (published(&core)[0].clone(), published(&core)[1].clone());
    let leaked = token(&core).await;
    let secret = core.bootstrap_secret().await.unwrap().unwrap();
    let admin = core.token(&TokenRequest::of("writ-admin", secret.expose())).await.unwrap();
    assert_eq!(core.refuses(&leaked).await, None);
    revoke(&core, &active).await.unwrap();
    assert_eq!(core.refuses(&leaked).await, Some(Refusal::TokenInvalid));
    let refused = core.administrator(admin.access_token(), AdminPermission::ConfigRead).await.err();
    assert_eq!(refused.map(|refused| refused.refusal), Some(Refusal::TokenInvalid));
    // The next key has taken its place, young as it is, and there is a new next one.
    let now = published(&core);
    assert_eq!((now.len(), &now[0], now.contains(&active)), (2, &next, false));
    let fresh = token(&core).await;
    assert_eq!((kid_of(&fresh), core.refuses(&fresh).await), (next.clone(), None));
    // Again changes nothing; a next key and a retired one can be revoked too.
    let sequence = core.store().sequence().await.unwrap();
    revoke(&core, &active).await.unwrap();
    assert_eq!(core.store().sequence().await.unwrap(), sequence);
    revoke(&core, &now[1]).await.unwrap();
    assert!(published(&core).len() == 2 && !published(&core).contains(&now[1]));
    rotate(&core, true).await.unwrap();
    assert_eq!(core.refuses(&fresh).await, None);
    revoke(&core, &next).await.unwrap();
    assert_eq!(core.refuses(&fresh).await, Some(Refusal::TokenInvalid));
    assert_eq!(in_state(&core, KeyState::Revoked).await.len(), 3);
}

async fn case_79_a_revoked_key_is_refused_elsewhere_within_a_second(bench: Bench) {
    let (here, there) = (open(&bench).await, bench.open().await);
    let leaked = token(&here).await;
    assert_eq!(there.refuses(&leaked).await, None);
    revoke(&here, &kid_of(&leaked)).await.unwrap();
    let began = Instant::now();
    while there.refuses(&leaked).await.is_none() {
        assert!(began.elapsed() < Duration::from_secs(1), "the token lives on");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    println!("a token of a revoked key was refused on another server {:?} after the answer", began.elapsed());
    assert_eq!(published(&there), published(&here));
}

async fn keys_are_forgotten_with_the_longest_token_that_they_can_have_signed(bench: Bench) {
    const MARGIN: i64 = 360;
    let core = open(&bench).await;
    // A lifetime of two hours that is taken back before the rotation: tokens of it may be alive.
    let lifetime = |lifetime: &str| caller_with(json!({ "token": { "lifetime": lifetime } }));
    core.apply(json!([lifetime("2h")])).await;
    let long = token(&core).await;
    core.apply(json!([lifetime("5m")])).await;
    bench.at(&core, 600).await;
    rotate(&core, false).await.unwrap();
    let old = kid_of(&long);
    bench.at(&core, 7199).await;
    tend(&core).await;
    assert_eq!(core.refuses(&long).await, None);
    bench.at(&core, 600 + 7200 + MARGIN - 1).await;
    tend(&core).await;
    assert!(published(&core).contains(&old));
    bench.at(&core, 600 + 7200 + MARGIN).await;
    tend(&core).await;
    assert!(!published(&core).contains(&old));
    assert!(!core.list_keys(TENANT, "first").await.unwrap().iter().any(|key| key.kid == old));
    // The key that was activated after the long lifetime was gone is kept for the issuer's hour.
    let activated = published(&core)[0].clone();
    rotate(&core, false).await.unwrap();
    let keys = core.list_keys(TENANT, "first").await.unwrap();
    let retired = keys.iter().find(|key| key.kid == activated).unwrap();
    assert_eq!((retired.state, retired.forget_at), (KeyState::Retired, Some(core.now() + 3600 + MARGIN)));
    // A revoked key stays in the list for as long.
    revoke(&core, &activated).await.unwrap();
    bench.at(&core, core.now() - START + 3600 + MARGIN).await;
    tend(&core).await;
    assert_eq!(core.list_keys(TENANT, "first").await.unwrap().len(), 2);
}

async fn a_schedule_is_kept_and_nothing_is_written_between(bench: Bench) {
    let core = open(&bench).await;
    core.apply(json!([issuer(json!({ "alg": "ES256", "rotate_every": "1h" }))])).await;
    let keys = published(&core);
    let sequence = core.store().sequence().await.unwrap();
    let before = bench.dump().await;
    for minute in 0..60 {
        bench.set_time(minute * 60);
        tend(&core).await;
    }
    assert_eq!((core.store().sequence().await.unwrap(), published(&core)), (sequence, keys.clone()));
    assert_eq!(bench.dump().await, before);
    bench.at(&core, 3600).await;
    tend(&core).await;
    assert_eq!(core.store().sequence().await.unwrap(), sequence + 1);
    let now = published(&core);
    assert_eq!((now.len(), &now[0]), (3, &keys[1]));
    assert_eq!(kid_of(&token(&core).await), keys[1]);
    tend(&core).await;
    assert_eq!(core.store().sequence().await.unwrap(), sequence + 1);
    // The schedule counts from the last rotation, whoever made it, and only this issuer has one.
    bench.at(&core, 5000).await;
    rotate(&core, false).await.unwrap();
    let by_hand = published(&core)[0].clone();
    for (second, stays) in [(5000 + 3599, true), (5000 + 3600, false)] {
        bench.at(&core, second).await;
        tend(&core).await;
        assert_eq!(published(&core)[0] == by_hand, stays, "at {second}");
    }
    assert_eq!(core.list_keys(TENANT, "second").await.unwrap().len(), 2);
    // Read back as it was written.
    let stored = core.store().issuers(TENANT).await.unwrap();
    assert_eq!(serde_json::to_value(stored[0].1.signing).unwrap(), json!({ "alg": "ES256", "rotate_every": "1h" }));
    assert_eq!(core.apply(json!([issuer(json!({ "alg": "ES256", "rotate_every": "60m" }))])).await.unchanged, 1);
    let fault = core.refuse(json!([issuer(json!({ "alg": "ES256", "rotate_every": "59m" }))])).await;
    assert!(matches!(&fault, ApplyError::Document(fault) if fault.path == "signing.rotate_every"), "{fault:?}");
}

async fn servers_that_tend_at_once_rotate_once(bench: Bench) {
    let (a, b) = (open(&bench).await, bench.open().await);
    a.apply(json!([issuer(json!({ "alg": "ES256", "rotate_every": "1h" }))])).await;
    let sequence = a.store().sequence().await.unwrap();
    bench.set_time(3600);
    let now = a.now();
    let (one, two, three) = tokio::join!(a.tend_keys(now), b.tend_keys(now), b.tend_keys(now));
    assert_eq!((one, two, three), (Ok(()), Ok(()), Ok(())));
    assert_eq!(a.store().sequence().await.unwrap(), sequence + 1);
    assert_eq!(bench.number("SELECT COUNT(*) FROM audit WHERE action = 'activate'").await, 1);
    // And of several that start on a new database, one makes the next keys.
    assert_eq!(bench.number("SELECT COUNT(*) FROM signing_key WHERE state = 'next'").await, 3);
}

async fn another_algorithm_begins_with_keys_of_its_own(bench: Bench) {
    let core = open(&bench).await;
    let old = published(&core);
    let before = token(&core).await;
    core.apply(json!([issuer(json!({ "alg": "EdDSA", "rotate_every": "90d" }))])).await;
    let after = token(&core).await;
    assert_eq!(header(&after)["alg"], "EdDSA");
    assert_eq!((core.refuses(&before).await, core.refuses(&after).await), (None, None));
    let now = published(&core);
    assert!(now.len() == 3 && now.contains(&old[0]) && !now.contains(&old[1]), "{now:?}");
    let keys = core.list_keys(TENANT, "first").await.unwrap();
    let states: Vec<_> = keys.iter().map(|key| (key.state.name(), key.alg.name())).collect();
    assert_eq!(states, [("next", "EdDSA"), ("active", "EdDSA"), ("retired", "ES256")]);
    // A schedule alone changes no key.
    core.apply(json!([issuer(json!({ "alg": "EdDSA" }))])).await;
    assert_eq!(published(&core), now);
}

async fn what_is_not_there_is_not_found(bench: Bench) {
    let core = open(&bench).await;
    let by = core.sign_in().await;
    let sequence = core.store().sequence().await.unwrap();
    let not_found = |what, name: &str| ApplyError::NotFound(what, name.to_owned());
    assert_eq!(core.list_keys(TENANT, "third").await.err(), Some(not_found("issuer", "third")));
    assert_eq!(core.list_keys("", "first").await.err(), Some(not_found("issuer", "first")));
    for (tenant, issuer) in [(TENANT, "third"), ("other", "first"), ("", "first")] {
        let outcome = core.rotate_key(&by, tenant, issuer, true).await;
        assert_eq!(outcome, Err(not_found("issuer", issuer)), "{tenant}");
    }
    assert_eq!(core.revoke_key(&by, TENANT, "first", "x").await, Err(not_found("key", "x")));
    let of_another = core.list_keys(TENANT, "second").await.unwrap()[0].kid.clone();
    assert_eq!(core.revoke_key(&by, TENANT, "first", &of_another).await, Err(not_found("key", &of_another)));
    assert_eq!(core.store().sequence().await.unwrap(), sequence);
}

async fn a_published_set_stays_within_what_verifiers_read(bench: Bench) {
    let core = open(&bench).await;
    let by = core.sign_in().await;
    let mut rotations = 0;
    let refused = loop {
        match core.rotate_key(&by, TENANT, "first", true).await {
            Ok(()) => rotations += 1,
            Err(refused) => break refused,
        }
        assert!(rotations < 200, "the set grows without end");
    };
    assert_eq!((rotations, published(&core).len()), (MAX_SET_KEYS - 2, MAX_SET_KEYS));
    assert!(matches!(&refused, ApplyError::Conflict(why) if why.contains("as many keys as verifiers read")));
    let snapshot = core.snapshot();
    assert!(parse_jwk_set(snapshot.tenant(TENANT).unwrap().issuer("first").unwrap().jwks.as_bytes()).is_ok());
    let fault = core.refuse(json!([issuer(json!({ "alg": "EdDSA" }))])).await;
    assert!(matches!(&fault, ApplyError::Document(fault) if fault.path == "signing.alg"), "{fault:?}");
    // A leak cannot wait: revoking works, and makes room.
    let active = published(&core)[0].clone();
    revoke(&core, &active).await.unwrap();
    assert_eq!(published(&core).len(), MAX_SET_KEYS);
    let retired = in_state(&core, KeyState::Retired).await[0].clone();
    revoke(&core, &retired).await.unwrap();
    rotate(&core, true).await.unwrap();
    assert_eq!(published(&core).len(), MAX_SET_KEYS);
}

async fn what_is_done_to_keys_is_audited(bench: Bench) {
    let core = open(&bench).await;
    let after = core.store().sequence().await.unwrap();
    rotate(&core, true).await.unwrap();
    let active = published(&core)[0].clone();
    revoke(&core, &active).await.unwrap();
    bench.at(&core, 100_000).await;
    tend(&core).await;
    let records = core.store().audit_after(TENANT, after, 100).await.unwrap();
    let done: Vec<_> = records.iter().map(|record| (record.actor.as_str(), record.action.as_str())).collect();
    let by_hand = ["retire", "activate", "create", "revoke", "activate", "create"].map(|action| ("writ-admin", action));
    let expected: Vec<_> = by_hand.into_iter().chain([("writ", "forget"); 2]).collect();
    assert_eq!(done, expected);
    assert!(records.iter().all(|record| record.kind == "signing_key" && record.name == "first"));
    assert_eq!(records[3].detail, json!({ "kid": active }));
    let kids: BTreeSet<_> = records.iter().map(|record| record.detail["kid"].to_string()).collect();
    assert_eq!(kids.len(), 4);
}

async fn an_older_installation_gains_new_permissions(bench: Bench) {
    bench.open().await.close().await;
    bench.sql("DELETE FROM permission WHERE id = 'key:write'").await;
    bench.sql("UPDATE permission SET id = 'future:read', folded = 'future:read' WHERE id = 'secret:read'").await;
    let core = bench.open().await;
    let secret = core.bootstrap_secret().await.unwrap().unwrap();
    let issued = core.token(&TokenRequest::of("writ-admin", secret.expose())).await.unwrap();
    assert!(core.administrator(issued.access_token(), AdminPermission::KeyWrite).await.is_ok());
    assert!(core.administrator(issued.access_token(), AdminPermission::SecretRead).await.is_ok());
    assert!(issued.scope.split(' ').any(|permission| permission == "future:read"), "{}", issued.scope);
    let sequence = core.store().sequence().await.unwrap();
    core.close().await;
    assert_eq!(bench.open().await.store().sequence().await.unwrap(), sequence);
}
