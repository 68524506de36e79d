//! `signed-documents.md`: the metadata services stand on this machine, and their documents are signed here.

use std::io::Write as _;
use std::process::Command;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::page::Page;
use super::{Reader, claims};
use crate::support::command::run;
use crate::support::document::Document;
use crate::support::private_ca::{Made, authority, named, rsa};
use crate::support::upstream::Upstream;

/// A metadata service: hands out its session token, and makes a document of a request line.
fn service(document: impl Fn(&str) -> String + Send + Sync + 'static) -> Upstream {
    Upstream::answering(move |seen, stream| {
        let line = seen.line();
        let body = if line.starts_with("PUT ") {
            assert!(line.ends_with("/latest/api/token"), "{line}");
            "the session".to_owned()
        } else {
            let asked = ["x-aliyun-ecs-metadata-token", "x-aws-ec2-metadata-token"].map(|name| seen.header(name));
            assert!(asked.contains(&Some("the session")) || seen.header("metadata") == Some("true"), "{}", seen.head);
            document(line)
        };
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).unwrap();
    })
}

/// The time of a signed attribute: now.
fn signing_time() -> &'static str {
    let mut date = Command::new("date");
    date.args(["-u", "+%y%m%d%H%M%SZ"]);
    run(date).ok().stdout.trim().to_owned().leak()
}

/// A client with a condition for the provider's machines.
fn client(id: &str, provider: &str, condition: &str) -> String {
    let condition = condition.trim();
    format!(
        "kind: application\nid: {id}\nclients:\n  - auth_methods: [federated]\n    credentials:\n      - kind: \
         federated\n        name: machines\n        provider: {provider}\n        {condition}\n    authorizations:\n      \
         - {{ audience: \"https://orders.example\", permissions: [\"order:read\"] }}\n",
    )
}

/// The command of the page, for another client.
fn token_of(client: &str, command: &str) -> String {
    let (_, writ) = command.split_once("writ token").unwrap();
    format!("writ token{}", writ.replace("--client-id billing", &format!("--client-id {client}")))
}

#[test]
fn machines_that_their_cloud_vouches_for() {
    let (mut page, mut reader) = (Page::of("signed-documents"), Reader::new());
    let issuer = reader.server.issuer("oauth").to_owned();
    reader.reads("https://writ.example/oauth2", &issuer);
    let command = alibaba(&mut reader, &mut page);
    aws(&mut reader, &mut page, &command);
    azure(&mut reader, &mut page, &command);
    page.ends();
}

fn alibaba(reader: &mut Reader, page: &mut Page) -> String {
    let signer = Made::signer("Unknown");
    reader.save("aliyun-ecs.pem", &signer.pem);
    reader.apply(&page.next("yaml"));
    let cloud = service(move |line| {
        let url = url::Url::parse("http://cloud").unwrap().join(line.strip_prefix("GET ").unwrap()).unwrap();
        assert_eq!(url.path(), "/latest/dynamic/instance-identity/pkcs7");
        let (_, audience) = url.query_pairs().find(|(name, _)| name == "audience").unwrap();
        let content = json!({ "instance-id": "i-8vb9b97xf7msxi4k6tgx", "audience": audience });
        STANDARD.encode(Document::bare(&content.to_string()).by(&[&signer]))
    });
    reader.reads("http://100.100.100.200", &cloud.url());
    let command = page.next("sh");
    claims(reader.sh(&command));
    command
}

fn aws(reader: &mut Reader, page: &mut Page, command: &str) {
    let region = Made::signer("aws");
    reader.save("aws-us-west-2-rsa2048.pem", &region.pem);
    reader.apply(&page.next("yaml"));
    reader.apply(&client("ec2", "aws-us-west-2", &page.next("yaml")));
    let cloud = service(move |line| {
        assert!(line.ends_with("/latest/dynamic/instance-identity/rsa2048"), "{line}");
        let content = json!({ "accountId": "123456789012", "instanceId": "i-1234567890abcdef0" });
        STANDARD.encode(Document::streamed(&content.to_string(), signing_time()).by(&[&region]))
    });
    reader.reads("http://169.254.169.254/latest", &format!("{}/latest", cloud.url()));
    reader.sh(&page.next("sh")).ok();
    claims(reader.sh(&token_of("ec2", command)));
}

fn azure(reader: &mut Reader, page: &mut Page, command: &str) {
    let root = Made::root("Global Root");
    let authorities = [3, 4].map(|number| root.issue(authority(&format!("Issuing CA {number:02}"))));
    for (number, between) in [3, 4].iter().zip(&authorities) {
        reader.save(&format!("microsoft-azure-rsa-tls-issuing-ca-{number:02}.pem"), &between.pem);
    }
    reader.save("digicert-global-root-g2.pem", &root.pem);
    reader.apply(&page.next("yaml"));
    reader.apply(&client("vm", "azure", &page.next("yaml")));
    let signer = Arc::new(authorities[1].issue_for(named("metadata.azure.com"), rsa()));
    let cloud = service(move |line| {
        assert!(line.contains("/metadata/attested/document?api-version="), "{line}");
        let content = json!({
            "subscriptionId": "8d10da13-8125-4ba9-a717-bf7490507b3d", "vmId": "d3e0e374-fda6-4649-bbc9-7f20dc379f34",
        });
        let document = Document::with_signer(&content.to_string(), signing_time(), &signer).by(&[&signer]);
        let answer: Value = json!({ "encoding": "pkcs7", "signature": STANDARD.encode(document) });
        answer.to_string()
    });
    reader.reads("http://169.254.169.254/metadata", &format!("{}/metadata", cloud.url()));
    reader.sh(&page.next("sh")).ok();
    claims(reader.sh(&token_of("vm", command)));
}
