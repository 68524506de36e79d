//! Which certificate proves which client.

use std::net::IpAddr;

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, SanType};
use serde_json::{Value, json};
use writ_oauth::Refusal;

use super::{of, send, thumbprint};
use crate::support::catalogue::{READ, SECRET, client, documents};
use crate::support::client_certificate::{Made, Party, ca_params, params};
use crate::support::door::Door;
use crate::support::jwt::part;
use crate::support::server::{Server, shared};

#[test]
fn case_41_both_methods_at_both_doors_and_their_tokens_are_bound() {
    let party = Party::get();
    for door in Door::BOTH {
        for (client, certificate) in [("cert-named", &party.named), ("cert-own", &party.own)] {
            let token = send(door, client, certificate).token();
            assert_eq!(part(&token, 1)["cnf"], json!({"x5t#S256": thumbprint(certificate)}), "{client}");
        }
    }
}

#[test]
fn case_18_the_method_must_be_registered_and_a_name_alone_proves_nothing() {
    let party = Party::get();
    for door in Door::BOTH {
        send(door, "cert-not-registered", &party.named).is(Refusal::MethodNotRegistered);
        shared().public(&of(door, "cert-named")).is(Refusal::AuthenticationMissing);
        shared().public(&door.ask(&[READ]).certificate(&party.named)).is(Refusal::AuthenticationMissing);
        send(door, "partner", &party.named).is(Refusal::ConnectionCertificateUnknown);
        // Whoever has a certificate does not send a secret.
        let secret = door.ask(&[READ]).basic("cert-not-registered", SECRET).certificate(&party.named);
        shared().public(&secret).is(Refusal::SecretWrong);
    }
}

/// A certificate beside another proof is no second method, and by itself binds nothing.
#[test]
fn case_19_a_certificate_beside_a_secret_is_no_second_method() {
    for door in Door::BOTH {
        let ask = |client: &str| door.ask(&[READ]).basic(client, SECRET).certificate(&Party::get().own);
        let token = shared().public(&ask("partner")).token();
        assert_eq!(part(&token, 1).get("cnf"), None);
        let token = shared().public(&ask("bound")).token();
        assert_eq!(part(&token, 1)["cnf"]["x5t#S256"], thumbprint(&Party::get().own));
        shared().public(&ask("partner").unreadable_certificate()).is(Refusal::ConnectionCertificateMalformed);
    }
}

#[test]
fn case_44_who_has_proven_nothing_learns_nothing() {
    let party = Party::get();
    for door in Door::BOTH {
        let text = |client: &str, certificate: &Made, refusal| {
            let answer = send(door, client, certificate).is(refusal);
            (answer.status, answer.json()["error"].clone(), answer.description())
        };
        let unknown = text("nobody", &party.named, Refusal::ClientUnknown);
        for (client, certificate, refusal) in [
            ("cert-named", &party.own, Refusal::ConnectionCertificateUnknown),
            ("cert-named", &party.impostor, Refusal::ConnectionCertificateUntrusted),
            ("cert-named", &party.expired, Refusal::ConnectionCertificateExpired),
            ("cert-named", &party.purpose, Refusal::ConnectionCertificatePurpose),
            ("cert-named", &party.revoked, Refusal::ConnectionCertificateRevoked),
            ("cert-off", &party.named, Refusal::ConnectionCertificateProviderDisabled),
            ("cert-choosy", &party.named, Refusal::ConnectionCertificateTrustCondition),
            ("partner", &party.named, Refusal::ConnectionCertificateUnknown),
        ] {
            assert_eq!(text(client, certificate, refusal), unknown, "{door:?} {client} {refusal:?}");
        }
    }
}

fn issued(change: impl FnOnce(&mut CertificateParams)) -> Made {
    let mut params = params("caller");
    change(&mut params);
    Party::get().root.issue(params)
}

/// A server with a client whose certificate has one name.
fn named(name: &str, value: &str) -> Server {
    let server = Server::new();
    server.apply("default", &documents());
    let mut credential = json!({"kind": "certificate", "provider": "machines"});
    credential[name] = value.into();
    let settings = json!({"auth_methods": ["tls_client_auth"], "credentials": [credential]});
    server.apply("default", &client("caller", settings));
    server
}

#[test]
fn case_41_names_are_parsed_and_compared_whole() {
    let dns = |name: &str| SanType::DnsName(name.try_into().unwrap());
    let uri = |name: &str| SanType::URI(name.try_into().unwrap());
    let email = |name: &str| SanType::Rfc822Name(name.try_into().unwrap());
    let ip = |address: &str| SanType::IpAddress(address.parse::<IpAddr>().unwrap());
    let cases: [(&str, &str, SanType, Vec<SanType>); 4] = [
        ("san_dns", "a.example", dns("A.example"), vec![dns("a.example.evil"), dns("b.a.example"), dns("*.example")]),
        ("san_uri", "spiffe://corp/a", uri("spiffe://corp/a"), vec![uri("spiffe://corp/a/b"), uri("spiffe://corp/A")]),
        (
            "san_email",
            "a@corp.example",
            email("a@corp.example"),
            vec![email("A@corp.example"), email("ba@corp.example")],
        ),
        ("san_ip", "2001:db8::1", ip("2001:0db8:0:0::1"), vec![ip("2001:db8::10"), ip("0.0.0.1")]),
    ];
    for (kind, expected, good, bad) in cases {
        let server = named(kind, expected);
        let ask = |san: SanType| {
            let certificate = issued(|params| params.subject_alt_names = vec![dns("first.example"), san]);
            server.public(&of(Door::Oauth, "caller").certificate(&certificate))
        };
        ask(good).ok();
        for bad in bad {
            ask(bad).is(Refusal::ConnectionCertificateUnknown);
        }
        // The name elsewhere in the certificate is none.
        let elsewhere = issued(|params| params.distinguished_name.push(DnType::OrganizationalUnitName, expected));
        server.public(&of(Door::Oauth, "caller").certificate(&elsewhere)).is(Refusal::ConnectionCertificateUnknown);
    }
}

#[test]
fn case_41_the_whole_subject_counts_and_not_its_text() {
    let server = named("subject_dn", "OU=a+CN=caller,O=Corp");
    let ask = |names: &[(DnType, &str)]| {
        let certificate = issued(|params| {
            params.distinguished_name = rcgen::DistinguishedName::new();
            for (kind, value) in names {
                params.distinguished_name.push(kind.clone(), *value);
            }
        });
        server.public(&of(Door::Oauth, "caller").certificate(&certificate))
    };
    // One relative name with two attributes is not two relative names.
    ask(&[(DnType::OrganizationName, "Corp"), (DnType::CommonName, "caller"), (DnType::OrganizationalUnitName, "a")])
        .is(Refusal::ConnectionCertificateUnknown);
    server.apply(
        "default",
        &json!([client(
            "caller",
            json!({"auth_methods": ["tls_client_auth"], "credentials": [
        {"kind": "certificate", "provider": "machines", "subject_dn": "CN=caller,O=Corp"}]})
        )]),
    );
    ask(&[(DnType::OrganizationName, "Corp"), (DnType::CommonName, "caller")]).ok();
    for names in [
        &[(DnType::CommonName, "caller"), (DnType::OrganizationName, "Corp")][..],
        &[(DnType::OrganizationName, "Corp"), (DnType::CommonName, "caller,O=Corp")],
        &[(DnType::CommonName, "caller,O=Corp")],
        &[(DnType::OrganizationName, "Corp"), (DnType::CommonName, "caller2")],
        &[(DnType::CountryName, "DE"), (DnType::OrganizationName, "Corp"), (DnType::CommonName, "caller")],
    ] {
        ask(names).is(Refusal::ConnectionCertificateUnknown);
    }
}

#[test]
fn case_37_a_chain_leads_to_the_registered_authority_or_nowhere() {
    let party = Party::get();
    let between = party.root.issue(ca_params("Between"));
    let leaf = between.issue(params("cert-named"));
    let no_purpose = {
        let mut params = params("cert-named");
        params.extended_key_usages.clear();
        party.root.issue(params)
    };
    let any_purpose = {
        let mut params = params("cert-named");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any];
        party.root.issue(params)
    };
    let by_a_leaf = party.named.issue(params("cert-named"));
    let authority = party.root.issue(ca_params("cert-named"));
    let self_signed = Made::self_signed(params("cert-named"));
    for door in Door::BOTH {
        let ask = |chain: &[&Made]| shared().public(&of(door, "cert-named").chain(chain));
        ask(&[&leaf, &between]).ok();
        ask(&[&leaf, &party.own, &party.root, &between]).ok();
        ask(&[&leaf]).is(Refusal::ConnectionCertificateUntrusted);
        ask(&[&by_a_leaf, &party.named]).is(Refusal::ConnectionCertificateUntrusted);
        ask(&[&authority]).is(Refusal::ConnectionCertificateUntrusted);
        ask(&[&self_signed, &party.root]).is(Refusal::ConnectionCertificateUntrusted);
        ask(&[&party.impostor, &party.root, &party.named]).is(Refusal::ConnectionCertificateUntrusted);
        ask(&[&no_purpose]).is(Refusal::ConnectionCertificatePurpose);
        ask(&[&any_purpose]).is(Refusal::ConnectionCertificatePurpose);
        let long: Vec<_> = std::iter::once(&leaf).chain(std::iter::repeat_n(&between, 20)).collect();
        ask(&long).is(Refusal::ConnectionCertificateMalformed);
    }
}

#[test]
fn case_39_lists_that_are_required_and_say_nothing_refuse() {
    let server = named("subject_dn", "CN=cert-named");
    let party = Party::get();
    let provider = |more: Value| {
        let mut provider =
            json!({"kind": "provider", "name": "machines", "type": "private_ca", "anchors": [party.root.pem]});
        provider.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        server.apply("default", &provider);
    };
    let ask = |certificate: &Made| server.public(&of(Door::Oauth, "caller").certificate(certificate));
    ask(&party.revoked).is(Refusal::ConnectionCertificateRevoked);
    provider(json!({"crls": [party.crl], "crl_required": true}));
    ask(&party.named).ok();
    ask(&party.revoked).is(Refusal::ConnectionCertificateRevoked);
    provider(json!({"crls": [Made::root("Other").crl(1)], "crl_required": true}));
    ask(&party.named).is(Refusal::ConnectionCertificateRevoked);
    provider(json!({}));
    ask(&party.revoked).ok();
    // What the provider's own words ask for takes the place of the authentication of clients.
    provider(json!({"eku": "1.3.6.1.5.5.7.3.1"}));
    ask(&party.purpose).ok();
    ask(&party.named).is(Refusal::ConnectionCertificatePurpose);
}

/// What a provider takes back reaches the tokens that were issued on its word.
#[test]
fn case_41_a_disabled_credential_and_an_expired_one() {
    let server = named("subject_dn", "CN=cert-named");
    let ask = || server.public(&of(Door::Idaas, "caller").certificate(&Party::get().named));
    ask().ok();
    for (name, value, refusal) in [
        ("status", "disabled", Refusal::CredentialDisabled),
        ("expires", "2027-01-01T00:00:00Z", Refusal::CredentialExpired),
        ("not_before", "2027-02-01T00:00:00Z", Refusal::CredentialNotYetValid),
    ] {
        let mut credential = json!({"kind": "certificate", "provider": "machines", "subject_dn": "CN=cert-named"});
        credential[name] = value.into();
        let settings = json!({"auth_methods": ["tls_client_auth"], "credentials": [credential]});
        server.apply("default", &client("caller", settings));
        let told = ask().is(refusal).description();
        assert!(told.starts_with("Invalid client_certificate, reasons(s): ["), "{told}");
    }
}
