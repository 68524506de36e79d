//! From a client's certificate to a root of its provider: what breaks the way.

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyUsagePurpose,
    NameConstraints, SanType, date_time_ymd,
};
use serde_json::{Value, json};
use writ_oauth::Refusal;

use super::{X509_JWT, client, credential, request};
use crate::support::answer::Answer;
use crate::support::assertion::Assertion;
use crate::support::catalogue::{DASHBOARD, READ};
use crate::support::door::Door;
use crate::support::private_ca::{Made, authority, client_of, named};
use crate::support::server::Server;

const NAME: &str = "billing";

/// A server that trusts a root, with these settings of the provider.
fn trusting(root: &Made, settings: &Value) -> Server {
    let mut provider = json!({ "kind": "provider", "name": "corp", "type": "private_ca", "anchors": [root.pem] });
    provider.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let is_it = format!(r#"Equals(cert.subject.CN, "{NAME}")"#);
    super::server(&json!([provider, client("machine", &json!([credential("pca", "corp", &is_it)]))]))
}

fn present(server: &Server, door: Door, leaf: &Made, chain: &[&Made]) -> Answer {
    // A `jti` for each certificate and door.
    let base64 = leaf.base64();
    let id = format!("{}-{}", &base64[base64.len() - 80..], door.name());
    let call = request(door, X509_JWT, ("machine", "pca"), &leaf.sign(&Assertion::of(door, "machine").id(&id)));
    let call = call.and("client_x509", &leaf.pem);
    let chain: String = chain.iter().map(|made| made.pem.as_str()).collect();
    server.public(&if chain.is_empty() { call } else { call.and("client_x509_chain", &chain) })
}

#[track_caller]
fn refuses(server: &Server, leaf: &Made, chain: &[&Made], refusal: Refusal) {
    for door in Door::BOTH {
        super::refused(door, present(server, door, leaf, chain), refusal);
    }
}

#[track_caller]
fn accepts(server: &Server, leaf: &Made, chain: &[&Made]) {
    for door in Door::BOTH {
        let answer = present(server, door, leaf, chain);
        assert_eq!(answer.status, 200, "{door:?}: {:?} {}", answer.refusal, answer.text);
    }
}

fn with(change: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let mut params = client_of(NAME);
    change(&mut params);
    params
}

#[test]
fn case_37_a_root_of_the_provider_vouches() {
    let root = Made::root("Root");
    let server = trusting(&root, &json!({}));
    let between = root.issue(authority("Between"));
    accepts(&server, &root.issue(client_of(NAME)), &[]);
    accepts(&server, &root.issue(client_of(NAME)), &[&root]);
    let leaf = between.issue(client_of(NAME));
    accepts(&server, &leaf, &[&between]);
    refuses(&server, &leaf, &[], Refusal::CertificateUntrusted);
    refuses(&server, &leaf, &[&root], Refusal::CertificateUntrusted);
    // A root of the same name, and one that comes along.
    for other in [Made::root("Root"), Made::root("Other")] {
        refuses(&server, &other.issue(client_of(NAME)), &[], Refusal::CertificateUntrusted);
        refuses(&server, &other.issue(client_of(NAME)), &[&other], Refusal::CertificateUntrusted);
    }
    // An authority of the same name with another key.
    let sibling = Made::root("Root").issue(authority("Between"));
    refuses(&server, &sibling.issue(client_of(NAME)), &[&between], Refusal::CertificateUntrusted);
    let alone = Made::self_signed(client_of(NAME), rcgen::KeyPair::generate().unwrap());
    refuses(&server, &alone, &[], Refusal::CertificateUnfit);
}

#[test]
fn case_37_every_certificate_is_valid_now() {
    let root = Made::root("Root");
    let server = trusting(&root, &json!({}));
    refuses(
        &server,
        &root.issue(with(|it| it.not_after = date_time_ymd(2027, 1, 15))),
        &[],
        Refusal::CertificateExpired,
    );
    refuses(
        &server,
        &root.issue(with(|it| it.not_before = date_time_ymd(2027, 1, 16))),
        &[],
        Refusal::CertificateNotYetValid,
    );
    for change in [(|it| it.not_after = date_time_ymd(2027, 1, 15)) as fn(&mut CertificateParams), |it| {
        it.not_before = date_time_ymd(2027, 1, 16);
    }] {
        let mut params = authority("Between");
        change(&mut params);
        let between = root.issue(params);
        refuses(&server, &between.issue(client_of(NAME)), &[&between], Refusal::CertificateUntrusted);
    }
}

#[test]
fn case_37_what_is_no_clients_certificate_is_refused() {
    let root = Made::root("Root");
    let server = trusting(&root, &json!({}));
    refuses(&server, &root.issue(authority(NAME)), &[], Refusal::CertificateUnfit);
    let encrypts = with(|it| it.key_usages = vec![KeyUsagePurpose::KeyEncipherment]);
    refuses(&server, &root.issue(encrypts), &[], Refusal::CertificateUnfit);
    // What a client has issued to itself.
    let client = root.issue(client_of("intermediary"));
    refuses(&server, &client.issue(client_of(NAME)), &[&client], Refusal::CertificateUntrusted);
}

#[test]
fn case_37_path_length_and_name_constraints_are_heeded() {
    let root = Made::root("Root");
    let server = trusting(&root, &json!({}));
    let mut short = authority("Short");
    short.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let short = root.issue(short);
    accepts(&server, &short.issue(client_of(NAME)), &[&short]);
    let longer = short.issue(authority("Longer"));
    refuses(&server, &longer.issue(client_of(NAME)), &[&short, &longer], Refusal::CertificateUntrusted);
    let mut fenced = authority("Fenced");
    let permitted_subtrees = vec![GeneralSubtree::DnsName("corp.example".into())];
    fenced.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: vec![] });
    let fenced = root.issue(fenced);
    let at =
        |host: &str| fenced.issue(with(|it| it.subject_alt_names = vec![SanType::DnsName(host.try_into().unwrap())]));
    accepts(&server, &at("a.corp.example"), &[&fenced]);
    refuses(&server, &at("a.evil.example"), &[&fenced], Refusal::CertificateUntrusted);
}

/// By default a certificate without purposes will do, and one that has some must be for clients.
#[test]
fn case_37_purposes_are_asked_for_as_the_provider_says() {
    let root = Made::root("Root");
    let for_servers = || root.issue(with(|it| it.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]));
    let for_all = || root.issue(with(|it| it.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any]));
    let for_nothing = || root.issue(named(NAME));
    let own = || {
        root.issue(with(|it| {
            it.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(vec![1, 3, 6, 1, 4, 1, 55555, 1])];
        }))
    };
    let server = trusting(&root, &json!({}));
    accepts(&server, &root.issue(client_of(NAME)), &[]);
    accepts(&server, &for_nothing(), &[]);
    for leaf in [for_servers(), for_all(), own()] {
        refuses(&server, &leaf, &[], Refusal::CertificateUnfit);
    }
    let server = trusting(&root, &json!({ "eku": "client_auth" }));
    accepts(&server, &root.issue(client_of(NAME)), &[]);
    for leaf in [for_nothing(), for_servers(), for_all(), own()] {
        refuses(&server, &leaf, &[], Refusal::CertificateUnfit);
    }
    let server = trusting(&root, &json!({ "eku": "1.3.6.1.4.1.55555.1" }));
    accepts(&server, &own(), &[]);
    for leaf in [root.issue(client_of(NAME)), for_nothing(), for_servers()] {
        refuses(&server, &leaf, &[], Refusal::CertificateUnfit);
    }
}

/// > (Vault CVE-2025-11621: a cached mapping of one account was good for another.)
#[test]
fn case_38_the_same_certificate_is_nobody_in_another_tenant() {
    let (root, other) = (Made::root("Root"), Made::root("Root"));
    let server = trusting(&root, &json!({}));
    server.make_tenant("acme");
    let mut documents = crate::support::catalogue::documents();
    documents.as_array_mut().unwrap().retain(|it| it["id"] == "dashboard" || it["id"] == "people");
    server.apply("acme", &documents);
    let is_it = format!(r#"Equals(cert.subject.CN, "{NAME}")"#);
    let provider = json!({ "kind": "provider", "name": "corp", "type": "private_ca", "anchors": [other.pem] });
    server.apply("acme", &json!([provider, client("machine", &json!([credential("pca", "corp", &is_it)]))]));
    let send = |prefix: &str, leaf: &Made, id: &str| {
        let audience = format!("{}{prefix}/oauth2", crate::support::server::ROOT);
        let jwt = leaf.sign(&Assertion::of(Door::Oauth, "machine").claim("aud", audience).id(id));
        let call = Door::Oauth.grant_at(prefix).and("scope", READ).and("resource", DASHBOARD);
        let call = call.federated("machine", X509_JWT, &jwt).named("pca");
        server.public(&call.and("client_x509", &leaf.pem))
    };
    let (ours, theirs) = (root.issue(client_of(NAME)), other.issue(client_of(NAME)));
    for id in ["first", "second"] {
        send("", &ours, id).ok();
        send("/t/acme", &theirs, id).ok();
        send("/t/acme", &ours, id).is(Refusal::CertificateUntrusted);
        send("", &theirs, id).is(Refusal::CertificateUntrusted);
    }
}

#[test]
fn case_39_what_was_revoked_is_refused_and_without_a_list_the_policy_decides() {
    let root = Made::root("Root");
    let between = root.issue(authority("Between"));
    let (good, bad, deeper) =
        (root.issue(client_of(NAME)), root.issue(client_of(NAME)), between.issue(client_of(NAME)));
    let with = |crls: Value, required: bool| trusting(&root, &json!({ "crls": crls, "crl_required": required }));
    let server = with(json!([root.crl(&[&bad], 12)]), false);
    refuses(&server, &bad, &[], Refusal::CertificateRevoked);
    accepts(&server, &good, &[]);
    accepts(&server, &deeper, &[&between]);
    let server = with(json!([root.crl(&[&between], 12)]), false);
    refuses(&server, &deeper, &[&between], Refusal::CertificateRevoked);
    // No list speaks for what another authority has signed.
    let server = with(json!([root.crl(&[&bad], 12)]), true);
    accepts(&server, &good, &[]);
    refuses(&server, &bad, &[], Refusal::CertificateRevoked);
    refuses(&server, &deeper, &[&between], Refusal::CertificateStatusUnknown);
    let server = with(json!([root.crl(&[], 12), between.crl(&[], 12)]), true);
    accepts(&server, &deeper, &[&between]);
    // A list that is overdue is obeyed, and where lists are required it is none.
    let overdue = json!([root.crl(&[&bad], 1)]);
    let server = with(overdue.clone(), false);
    refuses(&server, &bad, &[], Refusal::CertificateRevoked);
    accepts(&server, &good, &[]);
    let server = with(overdue, true);
    refuses(&server, &good, &[], Refusal::CertificateStatusUnknown);
    // A list that somebody else signed speaks for nothing.
    let server = with(json!([Made::root("Root").crl(&[], 12)]), true);
    refuses(&server, &good, &[], Refusal::CertificateStatusUnknown);
}
