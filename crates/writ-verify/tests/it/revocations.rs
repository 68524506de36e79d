//! What was taken back, in a verifier that is told of it.

use std::cell::RefCell;
use std::sync::Arc;

use serde_json::{Value, json};
use writ_oauth::jose::{SigningKey, sign_jwt};
use writ_verify::{Callers, Feed, PageFault, RevocationPage, Revocations, Verifier, VerifyError, follow};

use crate::issuer::{AUDIENCE, NOW, Place, claims, claims_with, key, token};

fn page(revocations: &Value, next: &str, more: bool) -> RevocationPage {
    let page = json!({ "revocations": revocations, "next": next, "more": more });
    RevocationPage::parse(page.to_string().as_bytes()).unwrap()
}

fn told(entries: &Value) -> Arc<Revocations> {
    let revocations = Arc::new(Revocations::new());
    revocations.apply(page(entries, "9.1", false), NOW).unwrap();
    revocations
}

async fn outcome(key: &SigningKey, entries: Value) -> Option<VerifyError> {
    let builder = Place::with(&[key]).builder().audience(AUDIENCE).revocations(told(&entries));
    builder.build().unwrap().verify(&token(key, &claims()), NOW).await.err()
}

#[tokio::test]
async fn a_token_is_dead_when_all_that_an_entry_says_is_so_of_it() {
    let key = key();
    let exp = NOW + 600;
    for (entry, dead) in [
        (json!({ "type": "token", "jti": "token-1", "exp": exp }), true),
        (json!({ "type": "token", "jti": "token-2", "exp": exp }), false),
        (json!({ "kid": key.kid(), "exp": exp }), true),
        (json!({ "kid": "other", "exp": exp }), false),
        (json!({ "client_id": "partner", "issued_until": NOW, "exp": exp }), true),
        (json!({ "client_id": "partner", "credential": "sec_1", "issued_until": NOW, "exp": exp }), true),
        (json!({ "client_id": "partner", "issued_until": NOW - 1, "exp": exp }), false),
        (json!({ "client_id": "other", "issued_until": NOW, "exp": exp }), false),
        (json!({ "client_id": "partner", "audience": AUDIENCE, "azp": "o", "issued_until": NOW, "exp": exp }), true),
        (json!({ "client_id": "partner", "audience": "other", "azp": "o", "issued_until": NOW, "exp": exp }), false),
        (json!({ "audience": AUDIENCE, "azp": "o", "issued_until": NOW, "exp": exp }), true),
        (json!({ "audience": "other", "azp": "o", "issued_until": NOW, "exp": exp }), false),
    ] {
        let seen = outcome(&key, json!([entry])).await;
        assert_eq!(seen, dead.then_some(VerifyError::Revoked), "{entry}");
    }
    // A later entry of the same tokens never takes an earlier one back.
    let client = |until| json!({ "client_id": "partner", "issued_until": until, "exp": exp });
    assert_eq!(outcome(&key, json!([client(NOW), client(NOW - 9)])).await, Some(VerifyError::Revoked));
}

#[tokio::test]
async fn where_the_caller_is_the_audience_the_application_names_the_server() {
    let key = key();
    let other = json!({ "aud": "ak", "azp": "dashboard", "sub": null, "client_id": null });
    let token = sign_jwt(&key, "JWT", &claims_with(&other)).unwrap();
    for (azp, dead) in [("dashboard", true), ("orders", false)] {
        let entry =
            json!([{ "client_id": "ak", "audience": "api://d", "azp": azp, "issued_until": NOW, "exp": NOW + 9 }]);
        let builder = Place::with(&[&key]).builder().application("dashboard", Callers::Any).revocations(told(&entry));
        let seen = builder.build().unwrap().verify(&token, NOW).await.err();
        assert_eq!(seen, dead.then_some(VerifyError::Revoked), "{azp}");
    }
}

#[tokio::test]
async fn nothing_is_allowed_while_it_is_not_known_what_was_taken_back() {
    let key = key();
    let revocations = Arc::new(Revocations::new());
    let builder = Place::with(&[&key]).builder().audience(AUDIENCE);
    let verifier: Verifier = builder.revocations(Arc::clone(&revocations)).build().unwrap();
    let token = token(&key, &claims_with(&json!({ "exp": NOW + 4000 })));
    let at = async |now: i64| verifier.verify(&token, now).await.err();
    assert_eq!(at(NOW).await, Some(VerifyError::RevocationsStale));
    assert_eq!(VerifyError::RevocationsStale.status(), 503);
    revocations.apply(page(&json!([]), "5.1", true), NOW).unwrap();
    assert_eq!(at(NOW).await, Some(VerifyError::RevocationsStale), "there is more");
    revocations.apply(page(&json!([]), "7.2", false), NOW).unwrap();
    assert_eq!(revocations.cursor(), "7.2");
    assert_eq!((at(NOW).await, at(NOW + 300).await), (None, None));
    assert_eq!(at(NOW + 301).await, Some(VerifyError::RevocationsStale));
    revocations.start_over();
    assert_eq!((revocations.cursor().as_str(), at(NOW).await), ("0", Some(VerifyError::RevocationsStale)));
}

#[test]
fn what_concerns_no_living_token_is_forgotten() {
    let revocations = told(&json!([
        { "jti": "a", "exp": NOW + 10 },
        { "kid": "k", "exp": NOW + 20 },
        { "client_id": "c", "issued_until": NOW, "exp": NOW + 30 },
    ]));
    let known = |now| {
        revocations.apply(page(&json!([]), "9.1", false), now).unwrap();
        revocations.len()
    };
    // Five minutes longer: clocks may differ by that.
    assert_eq!([309, 310, 320, 330].map(|later| known(NOW + later)), [3, 2, 1, 0]);
    assert!(revocations.is_empty());
}

#[test]
fn what_cannot_be_read_is_no_page() {
    let parse = |body: &str| RevocationPage::parse(body.as_bytes()).err();
    assert_eq!(parse("[]"), Some(PageFault::Form));
    assert_eq!(parse(r#"{"revocations":[],"next":"1"}"#), Some(PageFault::Form));
    assert_eq!(parse(r#"{"revocations":[{"jti":"a"}],"next":"1","more":false}"#), Some(PageFault::Form));
    let unknown = r#"{"revocations":[{"region":"eu","exp":1}],"next":"1","more":false}"#;
    assert_eq!(parse(unknown), Some(PageFault::UnknownKind));
    assert_eq!(parse(&" ".repeat(5 << 20)), Some(PageFault::TooLarge));
}

#[tokio::test(start_paused = true)]
async fn a_follower_asks_for_what_comes_next_and_begins_again_when_told() {
    let entry = |jti: &str| json!([{ "jti": jti, "exp": NOW + 10 }]);
    let answers = RefCell::new(vec![
        Ok(Feed::Page(page(&entry("c"), "3.1", false))),
        Ok(Feed::StartOver),
        Err(()),
        Ok(Feed::Page(page(&entry("b"), "2.1", false))),
        Ok(Feed::Page(page(&entry("a"), "1.1", true))),
    ]);
    let asked = RefCell::new(Vec::new());
    let revocations = Revocations::new();
    let following = follow(
        &revocations,
        |cursor| {
            asked.borrow_mut().push(cursor);
            let next = answers.borrow_mut().pop();
            async move {
                match next {
                    Some(answer) => answer,
                    None => std::future::pending().await,
                }
            }
        },
        || NOW,
    );
    assert!(tokio::time::timeout(std::time::Duration::from_mins(1), following).await.is_err());
    assert_eq!(*asked.borrow(), ["0", "1.1", "2.1", "2.1", "0", "3.1"]);
    assert_eq!(revocations.len(), 3);
}
