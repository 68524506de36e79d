//! The key set: when it is fetched, and what happens when that fails.

use std::time::{Duration, Instant};

use serde_json::json;
use writ_verify::{FetchFault, JwtFault, KeyFault, Verifier, VerifyError};

use crate::issuer::{AUDIENCE, ISSUER, NOW, Place, claims, claims_with, key, token};

#[tokio::test]
async fn callers_share_one_fetch_and_a_storm_of_unknown_ids_makes_one_in_thirty_seconds() {
    let (key, stranger) = (key(), key());
    let place = Place::with(&[&key]);
    let verifier = place.verifier();
    let good = token(&key, &claims());
    let first = (0..50).map(|_| {
        let (verifier, good) = (verifier.clone(), good.clone());
        tokio::spawn(async move { verifier.verify(&good, NOW).await.is_ok() })
    });
    for caller in first.collect::<Vec<_>>() {
        assert!(caller.await.unwrap());
    }
    assert_eq!(place.asked(), 1);
    let unknown = token(&stranger, &claims());
    for second in 0..60 {
        for _ in 0..20 {
            let seen = verifier.verify(&unknown, NOW + second).await.err();
            assert_eq!(seen, Some(JwtFault::KidUnknown.into()));
        }
        assert!(verifier.verify(&good, NOW + second).await.is_ok());
    }
    assert_eq!(place.asked(), 2, "one at the thirtieth second");
}

#[tokio::test]
async fn a_new_key_is_found_and_a_revoked_one_ends_with_the_cache() {
    let (old, new) = (key(), key());
    let place = Place::with(&[&old]);
    let verifier = place.verifier();
    let at = |key, now| token(key, &claims_with(&json!({ "iat": now, "exp": now + 3600 })));
    assert!(verifier.verify(&at(&old, NOW), NOW).await.is_ok());
    place.publish(&[&new]);
    // Known keys are not asked for again, so the revoked one is good for as long as the set may be kept.
    assert!(verifier.verify(&at(&old, NOW), NOW + 31).await.is_ok());
    assert_eq!(place.asked(), 1);
    assert!(verifier.verify(&at(&new, NOW + 32), NOW + 32).await.is_ok());
    assert_eq!(place.asked(), 2);
    assert_eq!(verifier.verify(&at(&old, NOW), NOW + 33).await.err(), Some(JwtFault::KidUnknown.into()));
    // Nobody names an unknown key: the set is replaced when its time has come.
    place.publish(&[&old]);
    assert!(verifier.verify(&at(&new, NOW), NOW + 200).await.is_ok());
    assert_eq!(verifier.verify(&at(&new, NOW), NOW + 400).await.err(), Some(JwtFault::KidUnknown.into()));
}

#[tokio::test]
async fn old_keys_are_good_for_a_day_while_their_server_is_away_and_no_longer() {
    let key = key();
    let place = Place::with(&[&key]);
    let verifier = place.verifier();
    let at = |now| token(&key, &claims_with(&json!({ "iat": now, "exp": now + 300 })));
    assert!(verifier.verify(&at(NOW), NOW).await.is_ok());
    for fault in [FetchFault::Unreachable, FetchFault::Status(500)] {
        place.answer(Err(fault));
        assert!(verifier.verify(&at(NOW + 3600), NOW + 3600).await.is_ok());
    }
    let later = NOW + 300 + 24 * 3600;
    let seen = verifier.verify(&at(later), later).await.err().unwrap();
    assert_eq!((seen.status(), seen), (503, VerifyError::Keys(FetchFault::Status(500))));
    // A failure is not tried again at once.
    let asked = place.asked();
    for _ in 0..20 {
        assert!(verifier.verify(&at(later), later + 1).await.is_err());
    }
    assert_eq!(place.asked(), asked);
}

#[tokio::test]
async fn a_server_that_lies_has_no_keys() {
    let key = key();
    let secret = json!({ "keys": [json!(key.public_jwk()), { "kty": "oct", "k": "c2VjcmV0" }] }).to_string();
    let many = vec![json!(key.public_jwk()); 101];
    for (answer, expected) in [
        ("<html>".to_owned(), None),
        (secret, Some(KeyFault::SymmetricJwk)),
        (json!({ "keys": many }).to_string(), Some(KeyFault::SetTooManyKeys)),
        (" ".repeat(256 * 1024 + 1), Some(KeyFault::SetTooLarge)),
    ] {
        let place = Place::with(&[]);
        place.answer(Ok(answer));
        let seen = place.verifier().verify(&token(&key, &claims()), NOW).await.err().unwrap();
        let VerifyError::Keys(FetchFault::Keys(fault)) = seen else { panic!("{seen}") };
        assert!(expected.is_none_or(|expected| expected == fault), "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_waited_for_five_seconds() {
    let key = key();
    let verifier = Verifier::builder(ISSUER).audience(AUDIENCE).fetch_with(std::future::pending).build().unwrap();
    let begun = tokio::time::Instant::now();
    let seen = verifier.verify(&token(&key, &claims()), NOW).await.err();
    assert_eq!(seen, Some(VerifyError::Keys(FetchFault::Timeout)));
    assert_eq!(begun.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn over_http_only_a_plain_answer_of_moderate_size_counts() {
    use axum::Router;
    use axum::response::{IntoResponse, Redirect};
    use axum::routing::get;

    let key = key();
    let set = json!({ "keys": [json!(key.public_jwk())] }).to_string();
    let good = {
        let set = set.clone();
        get(move || async move { ([("cache-control", "max-age=60")], set).into_response() })
    };
    let app = Router::new()
        .route("/good", good)
        .route("/moved", get(|| async { Redirect::temporary("/good") }))
        .route("/large", get(|| async { " ".repeat(256 * 1024 + 1) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let of = |path: &str| {
        let builder = Verifier::builder(ISSUER).audience(AUDIENCE).jwks_uri(format!("http://{address}/{path}"));
        builder.build().unwrap()
    };
    let token = token(&key, &claims());
    assert!(of("good").verify(&token, NOW).await.is_ok());
    for (path, fault) in
        [("moved", FetchFault::Status(307)), ("absent", FetchFault::Status(404)), ("large", FetchFault::TooLarge)]
    {
        assert_eq!(of(path).verify(&token, NOW).await.err(), Some(VerifyError::Keys(fault)), "{path}");
    }
    let begun = Instant::now();
    let away = Verifier::builder(ISSUER).audience(AUDIENCE).jwks_uri("http://127.0.0.1:1/jwks").build().unwrap();
    assert_eq!(away.verify(&token, NOW).await.err(), Some(VerifyError::Keys(FetchFault::Unreachable)));
    assert!(begun.elapsed() < Duration::from_secs(5));
}
