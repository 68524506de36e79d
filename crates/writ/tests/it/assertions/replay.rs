//! An assertion is used once, by whoever is first, and only by a request that is granted.

use tower::ServiceExt;
use writ_oauth::Refusal;

use crate::support::answer::Answer;
use crate::support::assertion::{Assertion, issuer};
use crate::support::call::Call;
use crate::support::catalogue::{READ, SECRET, documents};
use crate::support::door::Door;
use crate::support::server::{RUNTIME, Server, Setup, shared};

fn of(door: Door, client: &str, id: &str) -> Assertion {
    Assertion::of(door, client).id(&format!("{id}-{}", door.name()))
}

fn call(door: Door, jwt: &str) -> Call {
    door.ask(&[READ]).assertion(jwt)
}

#[test]
fn case_5_an_assertion_is_used_once() {
    for door in Door::BOTH {
        let call = call(door, &of(door, "signer", "once").by_key(1));
        shared().public(&call).ok();
        for _ in 0..2 {
            let answer = shared().public(&call).is(Refusal::AssertionSpent);
            let (status, error, text) = match door {
                Door::Oauth => (401, "invalid_client", "The client assertion has been used before."),
                Door::Authing => (401, "invalid_client", "client authentication failed"),
                Door::Idaas => {
                    (400, "invalid_client_credential", "Invalid client_assertion, reasons(s): [used before]")
                }
            };
            assert_eq!((answer.error(status).as_str(), answer.description().as_str()), (error, text));
        }
    }
}

/// What is used up is the `jti` of a client, whatever stands around it.
#[test]
fn case_5_another_expiry_signature_key_or_door_makes_no_other_assertion() {
    for (door, other) in [(Door::Oauth, Door::Idaas), (Door::Idaas, Door::Oauth)] {
        let first = of(door, "signer", "variations");
        shared().public(&call(door, &first.by_key(1))).ok();
        for same in [
            first.clone().at("exp", 1).by_key(1),
            first.clone().at("exp", 1800).by_key(1),
            first.clone().at("iat", -10).by_key(1),
            first.by_key(2),
            first.by_secret(SECRET),
        ] {
            shared().public(&call(door, &same)).is(Refusal::AssertionSpent);
        }
        let elsewhere = first.claim("aud", issuer(other)).by_key(1);
        shared().public(&call(other, &elsewhere)).is(Refusal::AssertionSpent);
    }
}

#[test]
fn case_6_clients_and_tenants_do_not_block_one_another() {
    let server = Server::new();
    server.make_tenant("acme");
    for tenant in ["default", "acme"] {
        server.apply(tenant, &documents());
    }
    for door in Door::BOTH {
        let of = |client: &str| of(door, client, "shared id");
        for client in ["signer", "strict"] {
            server.public(&call(door, &of(client).by_secret(SECRET))).ok();
        }
        let jwt = of("signer").claim("aud", format!("https://writ.example/t/acme{}", door.path())).by_secret(SECRET);
        let scope = door.scope(crate::support::catalogue::DASHBOARD, &[READ]);
        let at_acme = || {
            let call = door.grant_at("/t/acme").and("scope", &scope).assertion(&jwt);
            server.public(&call)
        };
        at_acme().ok();
        at_acme().is(Refusal::AssertionSpent);
    }
}

/// Who cannot sign cannot use up what somebody else signs, and what is refused can be put right and sent again.
#[test]
fn case_7_8_a_request_that_is_refused_uses_nothing_up() {
    for door in Door::BOTH {
        let good = of(door, "signer", "not used up");
        let jwt = good.by_key(1);
        let refused = [
            (call(door, &good.by_key(9)), Refusal::AssertionSignature),
            (call(door, &good.clone().claim("aud", "https://other.example").by_key(1)), Refusal::AssertionAudience),
            (call(door, &good.clone().at("exp", -100).by_key(1)), Refusal::AssertionExpired),
            (door.ask(&["no:such"]).assertion(&jwt), Refusal::PermissionUnknown),
            (call(door, &jwt).and("client_id", "strict"), Refusal::AssertionClientMismatch),
        ];
        for (call, refusal) in refused {
            shared().public(&call).is(refusal);
        }
        shared().public(&call(door, &jwt)).ok();
        shared().public(&call(door, &jwt)).is(Refusal::AssertionSpent);
    }
}

#[test]
fn case_9_of_a_hundred_at_once_one_is_granted() {
    for door in Door::BOTH {
        let call = call(door, &of(door, "signer", "a hundred").by_key(1));
        let router = shared().public_router();
        let answers = RUNTIME.block_on(async {
            let tasks = (0..100).map(|_| {
                let (router, request) = (router.clone(), call.request());
                tokio::spawn(async move { Answer::read(router.oneshot(request).await.unwrap()).await })
            });
            let mut answers = Vec::new();
            for task in tasks.collect::<Vec<_>>() {
                answers.push(task.await.unwrap());
            }
            answers
        });
        let granted = answers.iter().filter(|answer| answer.status == 200).count();
        let spent = answers.iter().filter(|answer| answer.refusal == Some(Refusal::AssertionSpent)).count();
        assert_eq!((granted, spent), (1, 99), "{door:?}");
    }
}

/// Different assertions at once share transactions, and each is granted.
#[test]
fn a_hundred_different_ones_at_once_are_all_granted() {
    let server = Server::new();
    server.apply("default", &documents());
    let router = server.public_router();
    let calls = (0..100).map(|n| call(Door::Oauth, &of(Door::Oauth, "signer", &n.to_string()).by_key(1)));
    let requests: Vec<_> = calls.map(|call| call.request()).collect();
    let statuses = RUNTIME.block_on(async {
        let send = |request: axum::extract::Request| {
            let router = router.clone();
            tokio::spawn(async move { Answer::read(router.oneshot(request).await.unwrap()).await.status })
        };
        let mut statuses = Vec::new();
        for task in requests.into_iter().map(send).collect::<Vec<_>>() {
            statuses.push(task.await.unwrap());
        }
        statuses
    });
    assert_eq!(statuses, [200; 100]);
}

/// The vendor's command line sends the same request again after a 5xx.
#[test]
fn what_could_not_be_noted_is_not_granted() {
    let server = Server::open(Setup::default());
    server.apply("default", &documents());
    for door in Door::BOTH {
        // Known, so that nothing else needs the database.
        server.public(&call(door, &of(door, "signer", "first").by_key(1))).ok();
    }
    RUNTIME.block_on(server.app.core.close());
    for door in Door::BOTH {
        let answer = server.public(&call(door, &of(door, "signer", "second").by_key(1))).is(Refusal::StoreUnavailable);
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    }
}

#[test]
fn a_used_assertion_is_forgotten_when_it_is_too_old_anyway() {
    let server = Server::new();
    server.apply("default", &documents());
    let forget = || RUNTIME.block_on(server.app.core.forget_spent_assertions(server.app.core.now())).unwrap();
    let jwt = of(Door::Oauth, "signer", "old").by_key(1);
    server.public(&call(Door::Oauth, &jwt)).ok();
    assert_eq!(forget(), 0);
    server.advance(300);
    server.public(&call(Door::Oauth, &jwt)).is(Refusal::AssertionSpent);
    server.advance(59);
    assert_eq!(forget(), 0);
    server.public(&call(Door::Oauth, &jwt)).is(Refusal::AssertionSpent);
    server.advance(1);
    server.public(&call(Door::Oauth, &jwt)).is(Refusal::AssertionExpired);
    server.advance(600);
    assert_eq!(forget(), 1);
    server.public(&call(Door::Oauth, &jwt)).is(Refusal::AssertionExpired);
}
