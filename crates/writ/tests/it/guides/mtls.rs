//! `mtls.md`

use std::path::Path;
use std::process::Command;

use super::page::Page;
use super::{Reader, answered};
use crate::support::certificate::Authority;
use crate::support::command::run;
use crate::support::jwt::part;
use crate::support::process::Launch;
use crate::support::upstream::nowhere;

/// The server's certificate, and the root by which callers know it.
fn with_files_of_the_server(folder: &Path) {
    let authority = Authority::new();
    let server = authority.sign("server");
    for (from, to) in [(server.chain, "server.pem"), (server.key, "server.key"), (authority.file(), "server-ca.pem")] {
        std::fs::copy(from, folder.join(to)).unwrap();
    }
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    std::fs::write(folder.join("proxy.pem"), read("server.pem") + &read("server.key")).unwrap();
}

/// Starts the server by the page's command.
fn started(command: &str) -> Reader {
    let folder = tempfile::tempdir().unwrap();
    with_files_of_the_server(folder.path());
    let words: Vec<_> = command.split_whitespace().collect();
    let ["writ", "serve", "--dir", dir, arguments @ ..] = &words[..] else { panic!("{command}") };
    let server = Launch::serve(Path::new(dir)).arguments(arguments).within(folder.path()).start();
    let mut reader = Reader::at(folder, server);
    reader.exports("SSL_CERT_FILE", "server-ca.pem");
    reader
}

#[test]
fn clients_with_certificates() {
    let mut page = Page::of("mtls");
    let [certificates, documents, self_signed, serve] = ["sh", "yaml", "yaml", "sh"].map(|kind| page.next(kind));
    let reader = started(&serve);
    reader.sh(&certificates).ok();
    reader.save("billing.yaml", &documents);
    let token = page.next("sh");
    assert!(reader.sh(&token).ok().stdout.contains("x5t#S256"));
    let curl = page.next("sh");
    is_bound(&reader, &curl, &page.next("json"));

    let (before, after) = documents.split_once("    - auth_methods").unwrap();
    let (_, authorizations) = after.split_once("      authorizations").unwrap();
    reader.save("billing.yaml", format!("{before}{self_signed}      authorizations{authorizations}"));
    reader.sh("writ apply -f billing.yaml").ok();
    is_bound(&reader, &curl, "x5t#S256");
    bound_too(&reader, &page.next("yaml"));
    behind_a_proxy(&reader, &mut page);
    page.ends();
}

/// The token is bound to the certificate, in the form that the page shows.
#[track_caller]
fn is_bound(reader: &Reader, curl: &str, shown: &str) {
    let answer = answered(reader.sh(&curl.replace("curl ", "curl -s ")));
    let confirmation = &part(answer["access_token"].as_str().unwrap(), 1)["cnf"];
    let thumbprint = confirmation["x5t#S256"].as_str().unwrap_or_else(|| panic!("{confirmation:#}"));
    assert_eq!(thumbprint.len(), 43);
    assert!(shown.contains("x5t#S256"), "{shown}");
}

fn bound_too(reader: &Reader, line: &str) {
    reader.apply(&format!(
        "kind: application\nid: bound\nclients:\n    - credentials: [{{ kind: secret, name: first, value: 'a secret \
         of some length, as it is' }}]\n{line}      authorizations: [{{ audience: \"https://orders.example\", \
         permissions: [\"order:read\"] }}]\n",
    ));
    let ask = |more: &str| {
        reader.sh(&format!(
            "curl -s {more} --cacert server-ca.pem -u 'bound:a secret of some length, as it is' \
             -d grant_type=client_credentials -d scope=order:read https://127.0.0.1:8080/oauth2/token",
        ))
    };
    answered(ask("--cert billing.pem --key billing.key"));
    assert_eq!(ask("").ok().json()["error"], "invalid_request");
    assert!(reader.server.log().contains("ConnectionCertificateMissing"), "{}", reader.server.log());
}

/// What the proxies do with these lines is shown by `certificates::proxies`; here they read them.
fn behind_a_proxy(reader: &Reader, page: &mut Page) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("writ.toml"), page.next("toml")).unwrap();
    Launch::serve(folder.path()).start().stop();

    let times = "timeout connect 5s\n  timeout client 10s\n  timeout server 10s\n";
    let address = nowhere();
    let frontend = page.next("").replace("bind :443", &format!("bind {address}"));
    let around = format!("defaults\n  mode http\n  {times}{frontend}backend writ\n  server s 127.0.0.1:1\n");
    reader.save("haproxy.cfg", around);
    reader.sh("haproxy -c -f haproxy.cfg").ok();

    reader.sh(&page.next("sh")).ok();
    assert!(reader.saved("client-cert-map.conf").contains("(?<cert48>"));
    let server = page.next("nginx").replace("listen 443", &format!("listen {address}"));
    let (path, own) = (reader.folder.path().display(), "ssl_certificate proxy.pem; ssl_certificate_key proxy.pem;");
    let settings = format!("pid {path}/nginx.pid; error_log {path}/nginx.log; events {{}}\nhttp {{\n");
    reader.save("nginx.conf", format!("{settings}access_log off; {own}\n{server}}}\n"));
    let mut nginx = Command::new("nginx");
    nginx.arg("-t").arg("-c").arg(reader.folder.path().join("nginx.conf"));
    run(nginx).ok();
}
