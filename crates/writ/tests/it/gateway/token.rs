//! Which tokens are let through, and what is said to the bearers of others.

use serde_json::Value;

use super::{API, API_URL, OTHER, READ, Scene};
use crate::support::call::Call;
use crate::support::catalogue::SECRET;
use crate::support::door::Door;
use crate::support::server::{GATEWAY_ROOT, ROOT, RUNTIME};

const METADATA: &str = r#"resource_metadata="https://dashboard.example/.well-known/oauth-protected-resource/api""#;

/// Ends the test unless the request is answered 401 with this challenge, and nothing reached the upstream.
#[track_caller]
fn unauthorized(scene: &Scene, lines: &str, challenge: &str) {
    let reply = scene.send_raw(&format!("GET /announcements HTTP/1.1\r\n{lines}"));
    assert_eq!(reply.error(401), "invalid_token", "{lines}");
    assert_eq!(reply.header("www-authenticate").unwrap(), format!("Bearer {challenge}, {METADATA}"), "{lines}");
    assert!(reply.header("location").is_none());
    assert!(scene.upstream.seen().is_empty(), "{lines}");
}

#[test]
fn case_102_a_machine_without_a_token_is_told_where_to_get_one_and_not_redirected() {
    let scene = Scene::new();
    for lines in ["", "authorization: Basic cGFydG5lcjp4\r\n", "authorization: Bearer\r\n", "x-token: y\r\n"] {
        unauthorized(&scene, lines, r#"realm="writ""#);
    }
}

#[test]
fn case_99_whatever_is_not_a_token_of_ours_is_401_and_goes_nowhere() {
    let scene = Scene::new();
    let token = scene.token("partner");
    let (body, signature) = token.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", token.split('.').nth(1).unwrap());
    let header_only = token.split('.').next().unwrap().to_owned();
    let foreign = super::token(&super::Scene::new().server, "partner");
    for bad in [
        format!("{body}.{flipped}{}", &signature[1..]),
        format!("{body}."),
        body.to_owned(),
        format!("{token}x"),
        format!("{token} x"),
        unsigned,
        header_only,
        foreign,
        "null".into(),
        "%".into(),
    ] {
        unauthorized(&scene, &format!("authorization: Bearer {bad}\r\n"), r#"realm="writ", error="invalid_token""#);
    }
    scene.get(&token, "/announcements").ok();
    assert_eq!(scene.upstream.seen().len(), 1);
}

/// What was found out about one token is known of no other, however much of it is the same.
#[test]
fn case_26_a_token_that_is_remembered_vouches_for_no_other() {
    let scene = Scene::new();
    let (token, other) = (scene.token("partner"), scene.token("writer"));
    for known in [&token, &other] {
        scene.get(known, "/announcements").ok();
    }
    scene.upstream.forget();
    let mut changed: Vec<_> = (0..token.len())
        .filter(|at| token.as_bytes()[*at] != b'.')
        .map(|at| {
            let letter = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
            format!("{}{letter}{}", &token[..at], &token[at + 1..])
        })
        .collect();
    let ([header, claims, signature], [_, others_claims, others_signature]) = (parts(&token), parts(&other));
    changed.extend([
        format!("{header}.{others_claims}.{signature}"),
        format!("{header}.{claims}.{others_signature}"),
        format!("{token}="),
        format!("{token}.{signature}"),
        format!("{token}{signature}"),
        format!("{token},{other}"),
    ]);
    changed.extend((1..20).chain([signature.len(), token.len() / 2]).map(|cut| token[..token.len() - cut].to_owned()));
    for changed in changed {
        let reply = scene.get(&changed, "/announcements");
        assert_eq!(reply.error(401), "invalid_token", "{changed}");
    }
    assert!(scene.upstream.seen().is_empty());
    scene.get(&token, "/announcements").ok();
}

fn parts(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}

#[test]
fn case_101_the_audience_decides_and_not_the_name_of_the_permission() {
    let scene = Scene::new();
    let token = scene.token("stranger");
    unauthorized(&scene, &format!("authorization: Bearer {token}\r\n"), r#"realm="writ", error="invalid_token""#);
    // Also when the gateway has seen the token, and found it good, for its own audience.
    let mut route = super::route("other", serde_json::json!({"path": "/other"}), READ, &scene.upstream.url());
    route["require"]["audience"] = OTHER.into();
    scene.server.apply("default", &route);
    scene.get(&token, "/other").ok();
    scene.upstream.forget();
    unauthorized(&scene, &format!("authorization: Bearer {token}\r\n"), r#"realm="writ", error="invalid_token""#);
}

#[test]
fn a_token_lives_until_its_expiry_and_not_a_second_longer() {
    let scene = Scene::new();
    let token = scene.token("partner");
    scene.server.advance(3599);
    scene.get(&token, "/announcements").ok();
    scene.upstream.forget();
    scene.server.advance(1);
    unauthorized(&scene, &format!("authorization: Bearer {token}\r\n"), r#"realm="writ", error="invalid_token""#);
}

#[test]
fn a_token_of_the_other_door_is_as_good() {
    let scene = Scene::new();
    let token = scene.server.public(&Door::Idaas.ask_of(API, &[READ]).basic("partner", SECRET)).token();
    scene.get(&token, "/announcements").ok();
    assert_eq!(scene.upstream.only().header("x-writ-issuer"), Some(&*format!("{ROOT}{}", Door::Idaas.path())));
}

#[test]
fn case_101_a_token_without_the_permission_is_403_and_says_what_is_missing() {
    let scene = Scene::new();
    let partner = scene.token("partner");
    let reply = scene.send(&partner, "POST /announcements HTTP/1.1\r\ncontent-length: 0\r\n");
    assert_eq!(reply.error(403), "insufficient_scope");
    let challenge = format!(r#"Bearer realm="writ", error="insufficient_scope", scope="announce:write", {METADATA}"#);
    assert_eq!(reply.header("www-authenticate"), Some(challenge));
    // What the client may do is no more than what it asked for.
    let narrow = scene.server.public(&Door::Oauth.ask_of(API, &[READ]).basic("writer", SECRET)).token();
    let reply = scene.send(&narrow, "POST /announcements HTTP/1.1\r\ncontent-length: 0\r\n");
    assert_eq!(reply.error(403), "insufficient_scope");
    assert!(scene.upstream.seen().is_empty());
    scene.send(&scene.token("writer"), "POST /announcements HTTP/1.1\r\ncontent-length: 0\r\n").ok();
}

#[test]
fn case_104_a_token_stands_in_one_header_and_nowhere_else() {
    let scene = Scene::new();
    let token = scene.token("writer");
    let malformed = |lines: &str| {
        assert_eq!(scene.send(&token, lines).error(400), "invalid_request", "{lines}");
        assert!(scene.upstream.seen().is_empty(), "{lines}");
    };
    malformed(&format!("GET /announcements HTTP/1.1\r\nauthorization: Bearer {token}\r\n"));
    malformed("GET /announcements HTTP/1.1\r\nauthorization: Basic cGFydG5lcjp4\r\n");
    malformed(&format!("GET /announcements?access_token={token} HTTP/1.1\r\n"));
    malformed("GET /announcements?a=b&access%5ftoken= HTTP/1.1\r\n");
    let query = format!("GET /announcements?access_token={token} HTTP/1.1\r\n");
    assert_eq!(scene.send_raw(&query).error(400), "invalid_request");
    for form in ["a=b&access_token=x", "%61ccess_token=x", "ACCESS_TOKEN=x"] {
        let reply = post_form(&scene, &token, form);
        assert_eq!(reply.error(400), "invalid_request", "{form}");
        assert!(scene.upstream.seen().is_empty(), "{form}");
    }
    post_form(&scene, &token, "a=b&my_access_token=x&c=access_token").ok();
    assert_eq!(scene.upstream.only().body, b"a=b&my_access_token=x&c=access_token");
}

#[test]
fn a_form_is_read_up_to_its_limit() {
    let scene = Scene::new();
    let token = scene.token("writer");
    let largest = "x".repeat(1 << 20);
    post_form(&scene, &token, &largest).ok();
    scene.upstream.forget();
    assert_eq!(post_form(&scene, &token, &format!("{largest}x")).error(413), "invalid_request");
    assert!(scene.upstream.seen().is_empty());
}

fn post_form(scene: &Scene, token: &str, form: &str) -> crate::support::reply::Reply {
    let head = format!(
        "POST /announcements HTTP/1.1\r\nhost: writ.example\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\
         content-type: Application/X-WWW-Form-Urlencoded; charset=utf-8\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    crate::support::reply::Reply::parse(&crate::support::wire::exchange_some(scene.wire.gateway, head.as_bytes()))
}

#[test]
fn case_103_the_token_stays_behind_when_the_route_says_so() {
    let scene = Scene::new();
    let token = scene.token("partner");
    scene.get(&token, "/announcements").ok();
    assert_eq!(scene.upstream.only().header("authorization"), Some(&*format!("Bearer {token}")));
    scene.upstream.forget();
    let mut bare = super::route("bare", serde_json::json!({"path": "/bare"}), READ, &scene.upstream.url());
    bare["upstream"]["token"] = "remove".into();
    scene.server.apply("default", &bare);
    scene.get(&token, "/bare").ok();
    let seen = scene.upstream.only();
    assert_eq!(seen.header("authorization"), None);
    assert!(!seen.head.contains(&token));
}

/// The keys are in this process: what can go stale is the configuration, and then the gateway closes.
#[test]
fn case_100_a_configuration_that_is_not_confirmed_for_too_long_lets_nothing_through() {
    let scene = Scene::new();
    let token = scene.token("partner");
    RUNTIME.block_on(scene.server.app.core.close());
    scene.server.advance_unconfirmed(299);
    scene.get(&token, "/announcements").ok();
    scene.upstream.forget();
    scene.server.advance_unconfirmed(2);
    let reply = scene.get(&token, "/announcements");
    assert_eq!(reply.error(503), "temporarily_unavailable");
    assert_eq!(reply.header("retry-after").as_deref(), Some("1"));
    assert!(scene.upstream.seen().is_empty());
}

/// <https://www.rfc-editor.org/rfc/rfc9728#section-3.2>
#[test]
fn case_102_the_metadata_that_a_challenge_points_to_is_served() {
    let scene = Scene::new();
    let get = |call: Call| scene.server.gateway(&call);
    let issuers = ["/oauth2", Door::Idaas.path(), "/oidc"].map(|path| format!("{ROOT}{path}"));
    let expected = |resource: &str| -> Value {
        serde_json::json!({
            "resource": resource,
            "authorization_servers": issuers,
            "scopes_supported": ["announce:read", "announce:write", "user-growth:2019:read", "admin:all"],
            "bearer_methods_supported": ["header"],
        })
    };
    let by_url = Call::get("/.well-known/oauth-protected-resource/api").host("dashboard.example");
    let sorted = |mut value: Value| {
        for list in ["authorization_servers", "scopes_supported"] {
            let mut items: Vec<_> = value[list].as_array().unwrap().iter().map(ToString::to_string).collect();
            items.sort();
            value[list] = items.into();
        }
        value
    };
    assert_eq!(sorted(get(by_url.clone()).ok().json()), sorted(expected(API_URL)));
    let by_audience = Call::get("/.well-known/oauth-protected-resource/api%3A%2F%2Fdashboard.example");
    assert_eq!(sorted(get(by_audience).ok().json()), sorted(expected(API)));
    for nothing in ["", "/", "/nothing", "/api", "x"] {
        let call = Call::get(&format!("/.well-known/oauth-protected-resource{nothing}"));
        assert_eq!(get(call).error(404), "not_found", "{nothing}");
    }
    let post = get(Call::post("/.well-known/oauth-protected-resource/api").host("dashboard.example"));
    assert_eq!((post.error(405).as_str(), post.header("allow")), ("invalid_request", Some("GET, HEAD")));
    // One without a URL is found at the gateway's own address.
    let mut route = super::route("other", serde_json::json!({"path": "/other"}), READ, &scene.upstream.url());
    route["require"]["audience"] = OTHER.into();
    scene.server.apply("default", &route);
    let challenge = scene.send_raw("GET /other HTTP/1.1\r\n").header("www-authenticate").unwrap();
    assert!(
        challenge.ends_with(&format!(
            r#"resource_metadata="{GATEWAY_ROOT}/.well-known/oauth-protected-resource/urn%3Aother""#
        )),
        "{challenge}"
    );
}
