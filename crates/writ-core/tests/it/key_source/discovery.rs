use serde_json::{Value, json};
use writ_core::key_source::{FetchCause, KeySource};
use writ_core::outbound::OutboundFault;
use writ_oauth::jose::JsonFault;

use super::stand_in::{StandIn, ok, raw, status};
use super::{NOW, cause, key_sets, outbound, set};

const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// An issuer whose discovery document is what the function says of its own URL.
async fn issuer(document: impl Fn(&str) -> Value) -> StandIn {
    let server = StandIn::start(|_| vec![]).await;
    let (document, keys) = (document(&server.url("")), set(&["a"]));
    server.answers(move |path| match path {
        WELL_KNOWN => ok(&document),
        "/keys" => ok(&keys),
        _ => status("404 Not Found", ""),
    });
    server
}

fn source(server: &StandIn) -> KeySource {
    KeySource::discover(&server.url(""), None).unwrap()
}

#[tokio::test]
async fn keys_are_found_by_what_the_issuer_says_of_itself() {
    let server = issuer(|url| json!({ "issuer": url, "jwks_uri": format!("{url}/keys"), "x": [[1]] })).await;
    let (sets, source) = (key_sets(), source(&server));
    for _ in 0..10 {
        assert!(sets.keys(&source, Some("a"), NOW).await.unwrap().has("a"));
    }
    assert_eq!(server.requests(), 2);
    assert_eq!(sets.status()[0].url, server.url(WELL_KNOWN));
}

#[tokio::test]
async fn case_31_the_document_must_be_of_the_issuer_byte_for_byte() {
    let forms: [fn(&str) -> Value; 7] = [
        |_| json!("https://other.example"),
        |url| json!(format!("{url}/")),
        |url| json!(url.to_uppercase()),
        |url| json!(url.replace("127.0.0.1", "2130706433")),
        |url| json!([url]),
        |_| json!(""),
        |_| Value::Null,
    ];
    for form in forms {
        let server = issuer(|url| json!({ "issuer": form(url), "jwks_uri": format!("{url}/keys") })).await;
        assert_eq!(cause(key_sets().keys(&source(&server), None, NOW).await), FetchCause::Issuer);
        assert_eq!(server.requests(), 1, "nothing that such a document says is used");
    }
}

#[tokio::test]
async fn case_31_an_issuer_with_a_slash_is_not_the_one_without() {
    let server = issuer(|url| json!({ "issuer": format!("{url}/"), "jwks_uri": format!("{url}/keys") })).await;
    let sets = key_sets();
    let with_slash = KeySource::discover(&server.url("/"), None).unwrap();
    assert!(sets.keys(&with_slash, None, NOW).await.unwrap().has("a"));
    assert_eq!(cause(sets.keys(&source(&server), None, NOW).await), FetchCause::Issuer);
}

#[tokio::test]
async fn case_91_the_jwks_uri_passes_the_same_guard() {
    for (jwks_uri, fault) in [
        ("http://10.0.0.1/keys", OutboundFault::PlainHttp),
        ("https://10.0.0.1/keys", OutboundFault::AddressRefused),
        ("https://169.254.169.254/latest/meta-data", OutboundFault::AddressRefused),
        ("https://[::1]/keys", OutboundFault::AddressRefused),
        ("https://[::ffff:a00:1]/keys", OutboundFault::AddressRefused),
        ("http://8.8.8.8/keys", OutboundFault::PlainHttp),
    ] {
        let server = issuer(|url| json!({ "issuer": url, "jwks_uri": jwks_uri })).await;
        assert_eq!(outbound(key_sets().keys(&source(&server), None, NOW).await), fault, "{jwks_uri}");
    }
    for (jwks_uri, fault) in [
        ("file:///etc/passwd", OutboundFault::Url),
        ("/keys", OutboundFault::Url),
        ("https://user@127.0.0.1/keys", OutboundFault::UserInfo),
    ] {
        let server = issuer(|url| json!({ "issuer": url, "jwks_uri": jwks_uri })).await;
        let answer = key_sets().keys(&source(&server), None, NOW).await;
        assert_eq!(cause(answer), FetchCause::JwksUri(fault), "{jwks_uri}");
    }
}

#[tokio::test]
async fn documents_that_say_nothing_are_refused() {
    let server = issuer(|url| json!({ "issuer": url })).await;
    assert_eq!(cause(key_sets().keys(&source(&server), None, NOW).await), FetchCause::JwksUriMissing);
    for (body, fault) in [
        ("<html>", JsonFault::Syntax),
        ("[]", JsonFault::NotAnObject),
        (r#"{"issuer":"a","issuer":"b"}"#, JsonFault::DuplicateMember),
        (r#"{"a":[[[[[[[[[]]]]]]]]]}"#, JsonFault::TooDeep),
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        let server = StandIn::start(move |_| raw(answer.clone())).await;
        assert_eq!(cause(key_sets().keys(&source(&server), None, NOW).await), FetchCause::Document(fault), "{body}");
    }
}

#[tokio::test]
async fn the_fault_names_the_url_that_it_is_about() {
    let server = issuer(|url| json!({ "issuer": url, "jwks_uri": format!("{url}/gone") })).await;
    let fault = key_sets().keys(&source(&server), None, NOW).await.unwrap_err();
    assert_eq!(fault.url, server.url("/gone"));
    assert_eq!(fault.to_string(), format!("{}: the answer has status 404", server.url("/gone")));
}
