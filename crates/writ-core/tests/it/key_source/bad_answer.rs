use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use writ_core::key_source::FetchCause;
use writ_core::outbound::OutboundFault;
use writ_oauth::jose::{Alg, JsonFault, KeyFault, VerifyingKey};

use super::stand_in::{StandIn, Step, ok, ok_with, raw, status};
use super::{NOW, cause, jwk, key_sets, kids, outbound, set, source};

/// Why there are no keys when this is the answer.
async fn fault_of(answer: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static) -> FetchCause {
    let server = StandIn::start(answer).await;
    cause(key_sets().keys(&source(&server), Some("a"), NOW).await)
}

fn endless(step: &[u8], pause: Duration) -> Vec<Step> {
    [Step::Send(step.to_vec()), Step::Pause(pause)].into_iter().cycle().take(2000).collect()
}

fn is_timeout(fault: &FetchCause) -> bool {
    *fault == FetchCause::Outbound(OutboundFault::Timeout)
}

#[tokio::test]
async fn only_status_200_is_an_answer() {
    for line in ["201 Created", "204 No Content", "304 Not Modified", "401 Unauthorized", "404 Not Found", "500 Oh"] {
        let code = line[..3].parse().unwrap();
        let fault = fault_of(move |_| status(line, "")).await;
        assert_eq!(fault, FetchCause::Outbound(OutboundFault::Status(code)), "{line}");
    }
}

#[tokio::test]
async fn case_91_a_redirect_is_not_followed() {
    for code in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let keys = set(&["a"]);
        let target = StandIn::start(move |_| ok(&keys)).await;
        let elsewhere = format!("location: {}\r\n", target.url("/jwks"));
        let server = StandIn::start(move |path| {
            // The second path would be a redirect to itself, for ever.
            status(code, if path == "/jwks" { &elsewhere } else { "location: /self\r\n" })
        })
        .await;
        let sets = key_sets();
        let number = code[..3].parse().unwrap();
        assert_eq!(outbound(sets.keys(&source(&server), None, NOW).await), OutboundFault::Status(number));
        let to_itself = writ_core::key_source::KeySource::uri("b", &server.url("/self"), None).unwrap();
        assert_eq!(outbound(sets.keys(&to_itself, None, NOW).await), OutboundFault::Status(number));
        assert_eq!((server.requests(), target.requests()), (2, 0));
    }
}

#[tokio::test]
async fn what_is_not_a_key_set_is_refused() {
    let html = "<!doctype html><title>Sign in</title>";
    for (body, fault) in [
        (html, KeyFault::Json(JsonFault::Syntax)),
        ("", KeyFault::Json(JsonFault::Syntax)),
        ("[]", KeyFault::Json(JsonFault::NotAnObject)),
        ("{}", KeyFault::SetWithoutKeys),
        (r#"{"keys":[],"keys":[]}"#, KeyFault::Json(JsonFault::DuplicateMember)),
        (r#"{"keys":[{"kty":"oct","k":"AAAA","kid":"a"}]}"#, KeyFault::SymmetricJwk),
        (r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}]}"#, KeyFault::PrivateMember),
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        assert_eq!(fault_of(move |_| raw(answer.clone())).await, FetchCause::Keys(fault), "{body}");
    }
}

#[tokio::test]
async fn lying_lengths_are_not_believed() {
    let keys = set(&["a"]).to_string();
    let short = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{keys}", keys.len() + 1);
    assert!(matches!(fault_of(move |_| raw(short.clone())).await, FetchCause::Outbound(OutboundFault::Broken(_))));
    let cut = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{keys}", keys.len() - 1);
    assert_eq!(fault_of(move |_| raw(cut.clone())).await, FetchCause::Keys(KeyFault::Json(JsonFault::Syntax)));
    let negative = format!("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{keys}");
    assert!(matches!(fault_of(move |_| raw(negative.clone())).await, FetchCause::Outbound(OutboundFault::Broken(_))));
    // A length that would fill the memory, and little that follows.
    let huge = format!("HTTP/1.1 200 OK\r\ncontent-length: 9000000000000000000\r\n\r\n{keys}");
    assert!(matches!(fault_of(move |_| raw(huge.clone())).await, FetchCause::Outbound(OutboundFault::Broken(_))));
    let nothing = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"key";
    assert!(matches!(fault_of(move |_| raw(nothing)).await, FetchCause::Outbound(OutboundFault::Broken(_))));
    assert!(matches!(fault_of(|_| raw("hello\r\n\r\n")).await, FetchCause::Outbound(OutboundFault::Broken(_))));
    assert!(matches!(fault_of(|_| raw("")).await, FetchCause::Outbound(OutboundFault::Broken(_))));
}

#[tokio::test]
async fn a_large_body_is_read_only_as_far_as_the_cap() {
    let said = "HTTP/1.1 200 OK\r\ncontent-length: 10485760\r\n\r\n";
    let unsaid = "HTTP/1.1 200 OK\r\n\r\n";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na00000\r\n";
    for head in [said, unsaid, chunked] {
        let fault = fault_of(move |_| raw(format!("{head}{}", " ".repeat(10 << 20)))).await;
        assert_eq!(fault, FetchCause::Outbound(OutboundFault::TooLarge), "{head}");
    }
}

#[tokio::test]
async fn compressed_bodies_are_not_unpacked() {
    let answer = ok_with("content-encoding: gzip\r\n", &set(&["a"]));
    let server = StandIn::start(move |_| answer.clone()).await;
    // What claims to be compressed is taken as it is, so that no small body can become a large one.
    assert!(key_sets().keys(&source(&server), None, NOW).await.unwrap().has("a"));
}

#[tokio::test]
async fn slow_answers_end_in_time() {
    let body = "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n";
    let trickling_body = move || [raw(body), endless(b" ", Duration::from_millis(100))].concat();
    let begun = Instant::now();
    let faults = tokio::join!(
        fault_of(|_| vec![Step::Pause(Duration::from_mins(1))]),
        fault_of(|_| [raw("HTTP/1.1 200 OK\r\nx: "), endless(b"x", Duration::from_millis(100))].concat()),
        fault_of(move |_| trickling_body()),
        // Enough at once to be worth a try, and then nothing.
        fault_of(move |_| vec![Step::Send(body.into()), Step::Pause(Duration::from_mins(1))]),
    );
    assert!(
        is_timeout(&faults.0) && is_timeout(&faults.1) && is_timeout(&faults.2) && is_timeout(&faults.3),
        "{faults:?}"
    );
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn case_92_nobody_waits_longer_than_a_fetch() {
    let server = StandIn::start(|_| vec![Step::Pause(Duration::from_mins(1))]).await;
    let (sets, source) = (key_sets(), source(&server));
    let begun = Instant::now();
    let (first, second) = tokio::join!(sets.keys(&source, None, NOW), sets.keys(&source, None, NOW));
    assert_eq!((outbound(first), outbound(second)), (OutboundFault::Timeout, OutboundFault::Timeout));
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    // And it is remembered.
    let begun = Instant::now();
    assert_eq!(outbound(sets.keys(&source, None, NOW + 5).await), OutboundFault::Timeout);
    assert!(begun.elapsed() < Duration::from_secs(3));
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn case_81_a_set_of_ten_thousand_keys_is_refused() {
    // Short ones, so that they pass the cap on the size.
    let keys: Vec<Value> = (0..10_000).map(|number| json!({ "kid": number.to_string() })).collect();
    let many = json!({ "keys": keys });
    assert_eq!(fault_of(move |_| ok(&many)).await, FetchCause::Keys(KeyFault::SetTooManyKeys));
    let whole = json!({ "keys": vec![jwk("a").1; 10_000] });
    assert_eq!(fault_of(move |_| ok(&whole)).await, FetchCause::Outbound(OutboundFault::TooLarge));
}

fn rsa(bits: usize, kid: &str, more: &[(&str, &str)]) -> Value {
    let mut jwk =
        json!({ "kty": "RSA", "kid": kid, "e": "AQAB", "n": BASE64_URL_SAFE_NO_PAD.encode(vec![0xff; bits / 8]) });
    for (name, value) in more {
        jwk[*name] = json!(value);
    }
    jwk
}

#[tokio::test]
async fn case_81_keys_of_unreasonable_sizes_are_passed_over() {
    let keys = json!({ "keys": [rsa(16_384, "huge", &[]), rsa(1024, "small", &[]), jwk("a").1] });
    let server = StandIn::start(move |_| ok(&keys)).await;
    let sets = key_sets();
    assert_eq!(kids(&sets.keys(&source(&server), None, NOW).await.unwrap()), ["a"]);
    let status = &sets.status()[0];
    assert_eq!((status.keys, status.skipped), (1, 2));
}

#[tokio::test]
async fn keys_are_made_ready_for_what_they_are_good_for() {
    let keys = json!({ "keys": [
        rsa(2048, "free", &[]),
        rsa(2048, "bound", &[("alg", "PS256")]),
        rsa(2048, "encryption", &[("use", "enc")]),
        rsa(2048, "unknown", &[("alg", "RSA-OAEP")]),
    ]});
    let server = StandIn::start(move |_| ok(&keys)).await;
    let keys = key_sets().keys(&source(&server), None, NOW).await.unwrap();
    let good_for =
        |kid| keys.keys().iter().filter(|key| key.kid() == Some(kid)).map(VerifyingKey::alg).collect::<Vec<_>>();
    assert_eq!(good_for("free"), [Alg::RS256, Alg::RS384, Alg::RS512, Alg::PS256, Alg::PS384, Alg::PS512]);
    assert_eq!(good_for("bound"), [Alg::PS256]);
    assert_eq!(keys.keys().len(), 7);
    assert_eq!((keys.usable(), keys.skipped()), (2, 2));
}

#[tokio::test]
async fn several_keys_of_one_kid_are_all_kept() {
    let keys = set(&["a", "a", "b"]);
    let server = StandIn::start(move |_| ok(&keys)).await;
    assert_eq!(kids(&key_sets().keys(&source(&server), Some("a"), NOW).await.unwrap()), ["a", "a", "b"]);
}
