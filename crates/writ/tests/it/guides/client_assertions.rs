//! `client-assertions.md`

use super::page::Page;
use super::{Reader, answered, claims};

#[test]
fn clients_that_sign() {
    let (mut page, mut reader) = (Page::of("client-assertions"), Reader::new());
    reader.sh(&page.next("sh")).ok();
    reader.save("partner-b.yaml", page.next("yaml"));
    reader.sh(&page.next("sh")).ok();
    claims(reader.sh(&page.next("sh")));
    by_hand(&reader, &page.next("sh"));
    // Nothing is fetched before it is needed.
    reader.apply(&page.next("yaml"));
    with_a_secret(&mut reader, &mut page);
    page.ends();
}

/// The assertion is good once: sent again, it is refused in the words of the page.
fn by_hand(reader: &Reader, commands: &str) {
    answered(reader.sh(commands));
    let (_, curl) = commands.split_once("\ncurl ").unwrap();
    let twice = format!("{commands}echo\ncurl -s {curl}");
    let ran = reader.sh(&twice).ok();
    let refused = ran.stdout.lines().last().unwrap();
    assert!(refused.contains("The client assertion has been used before."), "{ran}");
}

fn with_a_secret(reader: &mut Reader, page: &mut Page) {
    reader.exports("PARTNER_C_SECRET", "a secret of more than thirty-two bytes");
    let client = page.next("yaml");
    let authorizations = "authorizations: [{ audience: \"https://orders.example\", permissions: [\"order:read\"] }]";
    reader.apply(&format!("kind: application\nid: partner-c\nclients:\n{client}    {authorizations}\n"));
    claims(reader.sh(&page.next("sh")));
}
