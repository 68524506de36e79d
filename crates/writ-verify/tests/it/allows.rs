//! What a token allows is what the permission matcher of Writ says.

use proptest::prelude::*;
use serde_json::json;
use writ_oauth::jose::SigningKey;
use writ_oauth::permission::resource::Asked;
use writ_verify::{Model, VerifiedToken};

use crate::issuer::{AUDIENCE, NOW, Place, claims_with, key, token};

/// Items that often fit one another, and some that are none.
fn item() -> impl Strategy<Value = String> {
    let segment = || prop::sample::select(vec!["*", "a", "b", "book", "", "b*"]);
    prop::collection::vec(segment(), 1..5).prop_map(|segments| segments.join(":"))
}

async fn of(key: &SigningKey, place: &Place, model: Model, scope: &str) -> VerifiedToken {
    let verifier = place.builder().audience(AUDIENCE).model(model).build().unwrap();
    verifier.verify(&token(key, &claims_with(&json!({ "scope": scope }))), NOW).await.unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_token_allows_what_one_of_its_items_contains(items in prop::collection::vec(item(), 0..4), asked in item()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let key = key();
        let place = Place::with(&[&key]);
        let scope = items.join(" ");
        let contains = |item: &String| {
            Asked::parse(item).zip(Asked::parse(&asked)).is_some_and(|(item, asked)| item.contains(asked))
        };
        let resource = runtime.block_on(of(&key, &place, Model::Resource, &scope));
        prop_assert_eq!(resource.allows(&asked), items.iter().any(contains));
        let named = runtime.block_on(of(&key, &place, Model::Named, &scope));
        prop_assert_eq!(named.allows(&asked), !asked.is_empty() && items.contains(&asked));
    }
}
