//! `private-ca.md`

use super::page::Page;
use super::{Reader, claims};

#[test]
fn clients_with_a_certificate_of_an_authority_of_ones_own() {
    let (mut page, reader) = (Page::of("private-ca"), Reader::new());
    reader.sh(&page.next("sh")).ok();
    let documents = page.next("yaml");
    reader.save("billing.yaml", &documents);
    reader.sh(&page.next("sh")).ok();
    let token = page.next("sh");
    claims(reader.sh(&token));

    reader.sh(&page.next("sh")).ok();
    let (provider, _) = documents.split_once("---\n").unwrap();
    reader.apply(&format!("{provider}{}", page.next("yaml")));
    reader.sh(&token).failed(1).tells(&["invalid_client"]);
    assert!(reader.server.log().contains("CertificateRevoked"), "{}", reader.server.log());
    page.ends();
}
