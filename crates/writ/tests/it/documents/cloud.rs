//! AWS and Azure: documents of their shapes, with the settings that the guide shows.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::SanType;
use serde_json::{Value, json};
use writ_oauth::Refusal;

use super::{PKCS7, client, credential, request, server};
use crate::support::document::Document;
use crate::support::door::Door;
use crate::support::private_ca::{Made, authority, named, rsa};
use crate::support::server::Server;

const NOW: &str = "270115080000Z";
const OLD: &str = "270115070000Z";

#[track_caller]
fn refuses(server: &Server, of: &str, document: &[u8], refusal: Refusal) {
    for door in Door::BOTH {
        let call = request(door, PKCS7, (of, "vm"), &STANDARD.encode(document));
        super::refused(door, server.public(&call), refusal);
    }
}

#[track_caller]
fn accepts(server: &Server, of: &str, document: &[u8]) {
    for door in Door::BOTH {
        server.public(&request(door, PKCS7, (of, "vm"), &STANDARD.encode(document))).ok();
    }
}

/// As `rsa2048` of the instance metadata service answers: the time is a signed attribute.
#[test]
fn an_instance_of_aws() {
    let (region, other_region) = (Made::signer("aws"), Made::signer("aws"));
    let server = server(&json!([
        { "kind": "provider", "name": "aws", "type": "pkcs7", "signers": [region.pem], "signing_time": "attribute",
          "max_age": "20m", "trust_condition": r#"Equals(pkcs7.payload.jsonData.accountId, "123456789012")"# },
        client("ec2", &json!([credential("vm", "aws",
            r#"Equals(pkcs7.payload.jsonData.instanceId, "i-1234567890abcdef0")"#)])),
    ]));
    let content = |account: &str, instance: &str| {
        format!(
            "{:#}",
            json!({ "accountId": account, "instanceId": instance, "billingProducts": null, "region": "us-west-2" })
        )
    };
    let good = content("123456789012", "i-1234567890abcdef0");
    accepts(&server, "ec2", &Document::streamed(&good, NOW).by(&[&region]));
    refuses(&server, "ec2", &Document::streamed(&good, OLD).by(&[&region]), Refusal::DocumentTooOld);
    refuses(&server, "ec2", &Document::streamed(&good, "270115080101Z").by(&[&region]), Refusal::DocumentFromFuture);
    refuses(&server, "ec2", &Document::bare(&good).by(&[&region]), Refusal::DocumentTimeMissing);
    refuses(&server, "ec2", &Document::streamed(&good, NOW).by(&[&other_region]), Refusal::DocumentSigner);
    let foreign = content("999999999999", "i-1234567890abcdef0");
    refuses(&server, "ec2", &Document::streamed(&foreign, NOW).by(&[&region]), Refusal::FederatedTrustCondition);
    let neighbour = content("123456789012", "i-2");
    refuses(&server, "ec2", &Document::streamed(&neighbour, NOW).by(&[&region]), Refusal::FederatedCondition);
}

/// What the cloud's public certificate authority vouches for.
struct Azure {
    root: Made,
    issuing: Made,
}

impl Azure {
    fn new() -> Self {
        let root = Made::root("Public Root");
        let issuing = root.issue(authority("Public TLS CA 01"));
        Self { root, issuing }
    }

    /// A server's certificate, such as everybody can have.
    fn server(&self, name: &str) -> Made {
        let mut params = named(name);
        params.subject_alt_names = vec![SanType::DnsName(name.try_into().unwrap())];
        self.issuing.issue_for(params, rsa())
    }

    fn documents(&self) -> Value {
        json!([
            { "kind": "provider", "name": "azure", "type": "pkcs7", "anchors": [self.root.pem],
              "intermediates": [self.issuing.pem], "signing_time": "attribute", "max_age": "20m",
              "trust_condition": r#"And(Equals(pkcs7.certificates.0.subject.CN, "metadata.azure.com"), Equals(pkcs7.payload.jsonData.subscriptionId, "8d10da13"))"# },
            client("azure-vm", &json!([credential("vm", "azure", r#"Equals(pkcs7.payload.jsonData.vmId, "4711")"#)])),
        ])
    }
}

/// As the attested document of the instance metadata service: with its signer, whose authority it lacks.
#[test]
fn a_machine_of_azure() {
    let azure = Azure::new();
    let server = server(&azure.documents());
    let signer = azure.server("metadata.azure.com");
    let good = json!({ "vmId": "4711", "subscriptionId": "8d10da13", "nonce": "20270115-080000" }).to_string();
    let by = |signer: &Made, time| Document::with_signer(&good, time, signer).by(&[signer]);
    accepts(&server, "azure-vm", &by(&signer, NOW));
    refuses(&server, "azure-vm", &by(&signer, OLD), Refusal::DocumentTooOld);
    // Whoever has a certificate of the same authority is not the cloud.
    refuses(&server, "azure-vm", &by(&azure.server("evil.example"), NOW), Refusal::FederatedTrustCondition);
    refuses(&server, "azure-vm", &by(&Azure::new().server("metadata.azure.com"), NOW), Refusal::DocumentSigner);
    refuses(&server, "azure-vm", &by(&Made::signer("metadata.azure.com"), NOW), Refusal::DocumentSigner);
    let without = Document::streamed(&good, NOW).by(&[&signer]);
    refuses(&server, "azure-vm", &without, Refusal::DocumentSigner);
    let mut expired = named("metadata.azure.com");
    expired.not_after = rcgen::date_time_ymd(2027, 1, 1);
    let expired = azure.issuing.issue_for(expired, rsa());
    refuses(&server, "azure-vm", &by(&expired, NOW), Refusal::DocumentSigner);
}
