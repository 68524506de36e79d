//! Scopes that nobody should send: none of them widens anything, and none is a defect.

use serde_json::json;
use writ_oauth::{Class, Refusal, scope};

use super::{AUDIENCE, SECRET, account, ask, granted, screen, server};
use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::server::Server;

/// Items that name nothing, whoever asks.
fn items() -> Vec<String> {
    let long = [format!("announce:{}", "r".repeat(129)), format!("announce:{}:read", "7".repeat(10_000))];
    let items = [
        ":",
        "::",
        ":::",
        "announce:",
        ":read",
        "announce::read",
        "announce:7:read:x",
        "announce:7:8:read",
        "*:*:*:*",
        "ann*",
        "announce:**",
        "announce:7*:read",
        "announce:*7:read",
        "**",
        // FULLWIDTH COLON, ASTERISK OPERATOR, CYRILLIC A, a combining accent, NO-BREAK SPACE, RIGHT-TO-LEFT OVERRIDE.
        "announce\u{ff1a}read",
        "announce:\u{2217}",
        "\u{430}nnounce:read",
        "announce:re\u{301}ad",
        "announce:read\u{a0}",
        "\u{202e}announce:read",
        "ANNOUNCE:read",
        "announce:Read",
        "announce:\"read\"",
        "announce\\:read",
        "openid",
        "profile",
        "read:announce",
    ];
    items.into_iter().map(str::to_owned).chain(long).collect()
}

#[test]
fn case_59_items_that_cannot_be_read_are_left_out_and_never_widened() {
    let server = server();
    for client in ["contractor-a", "everything"] {
        for item in items() {
            assert_eq!(
                granted(&server.public(&ask(client, &item))),
                (String::new(), item.clone()),
                "{client}: {item:?}"
            );
        }
        let all = items().join(" ");
        assert_eq!(granted(&server.public(&ask(client, &all))), (String::new(), all));
    }
    // An id may have much in it, and is compared as it is.
    let odd = "announce:7%2A:read announce:a/b?c=d&e:read";
    assert_eq!(granted(&server.public(&ask("everything", odd))).0, odd);
    assert_eq!(granted(&server.public(&ask("contractor-a", "announce:read:all"))).0, "");
}

/// A server on which one client may have everything and gets less than it asks for, or nothing.
fn with_everything(unmet: &str) -> Server {
    let server = Server::new();
    let mut application = screen();
    let mut everything = account("everything", json!([{"resource": "*:*", "actions": ["*"]}]));
    everything["unmet_scopes"] = unmet.into();
    application["clients"] = json!([everything]);
    server.apply("default", &json!([application]));
    server
}

fn ask_oauth(server: &Server, scope: &str) -> Answer {
    let form = [("grant_type", "client_credentials"), ("resource", AUDIENCE), ("scope", scope)];
    server.public(&Call::post("/oauth2/token").basic("everything", SECRET).form(&form))
}

#[track_caller]
fn assert_refused(answer: &Answer, item: &str) {
    assert_eq!(answer.refusal.map(Refusal::class), Some(Class::BadScope), "{item:?}: {}", answer.text);
    assert_eq!(answer.error(400), "invalid_scope", "{item:?}");
}

#[test]
fn case_59_a_client_that_wants_all_or_nothing_is_refused_for_each_of_them() {
    let server = with_everything("refuse");
    for item in items() {
        for scope in [item.clone(), format!("announce:read {item}"), format!("{item} announce:read")] {
            assert_refused(&server.public(&ask("everything", &scope)), &item);
            assert_refused(&ask_oauth(&server, &scope), &item);
        }
    }
    assert_eq!(granted(&server.public(&ask("everything", "announce:read *"))).0, "announce:read *");
    assert_eq!(ask_oauth(&server, "announce:read *").ok().json()["scope"], "announce:read *");
}

#[test]
fn case_59_at_the_oauth_door_they_are_left_out_or_no_scope_at_all() {
    let server = with_everything("reduce");
    for item in items() {
        assert_refused(&ask_oauth(&server, &item), &item);
        let answer = ask_oauth(&server, &format!("announce:read {item}"));
        if scope::is_token(&item) {
            let body = answer.ok().json();
            let (granted, rejected) = (body["scope"].as_str(), body["rejected_scope"].as_str());
            assert_eq!((granted, rejected), (Some("announce:read"), Some(&*item)));
        } else {
            answer.is(Refusal::ScopeMalformed);
        }
    }
    for server in [server, with_everything("refuse")] {
        for scope in ["announce:read\trevenue:read", "announce:read\nrevenue:read", "announce:read\u{0}", "a\u{85}b"] {
            assert_refused(&ask_oauth(&server, scope), scope);
        }
        for n in [101, 10_000] {
            let many: Vec<_> = (0..n).map(|n| format!("a{n}")).collect();
            ask_oauth(&server, &many.join(" ")).is(Refusal::TooManyScopes);
            server.public(&ask("everything", &many.join(" "))).is(Refusal::TooManyScopes);
        }
    }
}

#[test]
fn duplicates_count_once_and_the_order_stays() {
    let server = server();
    let scope = "revenue announce:7:read announce:read revenue announce:7:read announce:*:read";
    let expected = ("announce:7:read announce:read announce:*:read".to_owned(), "revenue".to_owned());
    assert_eq!(granted(&server.public(&ask("contractor-a", scope))), expected);
    let many = vec!["announce:read"; 4000].join(" ");
    assert_eq!(granted(&server.public(&ask("contractor-a", &many))).0, "announce:read");
}

#[test]
fn what_could_be_read_in_two_ways_and_what_is_too_much_is_refused() {
    let server = server();
    for scope in ["announce:read\trevenue:read", "announce:read\nrevenue:read", "announce:read\u{0}", "a\u{85}b"] {
        let refused = server.public(&ask("contractor-a", scope)).is(Refusal::ScopeMalformed);
        assert_eq!(refused.error(400), "invalid_scope", "{scope:?}");
    }
    let many = |n: usize| (0..n).map(|n| format!("a{n}")).collect::<Vec<_>>().join(" ");
    assert_eq!(granted(&server.public(&ask("contractor-a", &many(100)))).1, many(100));
    for n in [101, 10_000] {
        let refused = server.public(&ask("contractor-a", &many(n))).is(Refusal::TooManyScopes);
        assert_eq!(refused.error(400), "invalid_scope");
    }
    let huge: Vec<_> = (0..99).map(|n| format!("announce:{n}{}:read", "7".repeat(120))).collect();
    let refused = server.public(&ask("contractor-a", &huge.join(" "))).is(Refusal::TokenTooLarge);
    assert_eq!(refused.error(400), "invalid_scope");
}
