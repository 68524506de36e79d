//! Scopes that nobody should send: none of them widens anything, and none is a defect.

use writ_oauth::Refusal;

use super::{ask, granted, server};

#[test]
fn case_59_items_that_cannot_be_read_are_left_out_and_never_widened() {
    let server = server();
    let long = format!("announce:{}", "r".repeat(129));
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
        &long,
    ];
    for client in ["contractor-a", "everything"] {
        for item in items {
            assert_eq!(
                granted(&server.public(&ask(client, item))),
                (String::new(), item.to_owned()),
                "{client}: {item:?}"
            );
        }
        let all = items.join(" ");
        assert_eq!(granted(&server.public(&ask(client, &all))), (String::new(), all));
    }
    // An id may have much in it, and is compared as it is.
    let odd = "announce:7%2A:read announce:a/b?c=d&e:read";
    assert_eq!(granted(&server.public(&ask("everything", odd))).0, odd);
    assert_eq!(granted(&server.public(&ask("contractor-a", "announce:read:all"))).0, "");
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
