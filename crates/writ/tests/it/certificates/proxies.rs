//! HAProxy and nginx before both listeners, as the guide has them: they shake hands and tell the certificate.

use std::ffi::OsStr;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustls::version::TLS13;
use serde_json::Value;

use super::{clients, thumbprint};
use crate::gateway::READ;
use crate::support::certificate::Authority;
use crate::support::client_certificate::{Made, Party};
use crate::support::jwt::part;
use crate::support::process::Launch;
use crate::support::reply::Reply;
use crate::support::tls::Caller;
use crate::support::upstream::{Upstream, nowhere};

/// A running proxy.
struct Proxy(Child);

/// Where it listens, and where it leads.
type Way = (SocketAddr, SocketAddr);

impl Proxy {
    fn haproxy(folder: &Path, authority: &Authority, ways: &[Way]) -> Self {
        let server = authority.sign("proxy");
        let both = [server.chain, server.key].map(|path| std::fs::read_to_string(path).unwrap()).concat();
        let (pem, ca, file) = (folder.join("proxy.pem"), folder.join("clients.pem"), folder.join("haproxy.cfg"));
        std::fs::write(&pem, both).unwrap();
        std::fs::write(&ca, &Party::get().root.pem).unwrap();
        let mut config =
            "defaults\n  mode http\n  timeout connect 5s\n  timeout client 10s\n  timeout server 10s\n".to_owned();
        for (number, (from, to)) in ways.iter().enumerate() {
            let verify = "verify optional ca-ignore-err all crt-ignore-err all";
            write!(
                config,
                "frontend f{number}\n  bind {from} ssl crt {} ca-file {} {verify}\n\
                 \x20 http-request del-header Client-Cert -m beg\n\
                 \x20 http-request set-header Client-Cert :%[ssl_c_der,base64]: if {{ ssl_c_used }}\n\
                 \x20 http-request set-header X-Forwarded-Proto https\n\
                 \x20 default_backend b{number}\nbackend b{number}\n  server s {to}\n",
                pem.display(),
                ca.display()
            )
            .unwrap();
        }
        std::fs::write(&file, config).unwrap();
        Self::start("haproxy", &[OsStr::new("-db"), OsStr::new("-f"), file.as_os_str()], ways)
    }

    fn nginx(folder: &Path, authority: &Authority, ways: &[Way]) -> Self {
        let (server, path, file) = (authority.sign("proxy"), folder.display(), folder.join("nginx.conf"));
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let temporary = temporary.map(|kind| format!("{kind}_temp_path {path}/{kind}; ")).concat();
        let (lines, all): (String, String) =
            (1..=48).map(|n| (format!(r"(?:(?<cert{n}>[A-Za-z0-9+/=]+)\n)?"), format!("$cert{n}"))).unzip();
        let mut config = format!(
            "daemon off; master_process off; pid {path}/pid; error_log {path}/log;\nevents {{ }}\n\
             http {{ access_log off; {temporary}\nmap $ssl_client_raw_cert $client_cert {{\n\
             \"~^-----BEGIN CERTIFICATE-----\\n{lines}-----END CERTIFICATE-----\\n?$\" \":{all}:\";\n}}\n"
        );
        for (from, to) in ways {
            write!(
                config,
                "server {{ listen {from} ssl; ssl_certificate {}; ssl_certificate_key {};\n\
                 ssl_protocols TLSv1.2 TLSv1.3; ssl_verify_client optional_no_ca;\nlocation / {{ proxy_pass http://{to};\n\
                 proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto $scheme;\n\
                 proxy_set_header Client-Cert $client_cert; proxy_set_header Client-Cert-Chain \"\"; }} }}\n",
                server.chain.display(),
                server.key.display()
            )
            .unwrap();
        }
        std::fs::write(&file, config + "}\n").unwrap();
        Self::start("nginx", &[OsStr::new("-p"), folder.as_os_str(), OsStr::new("-c"), file.as_os_str()], ways)
    }

    /// Debian keeps them where only administrators look.
    #[expect(clippy::disallowed_methods, reason = "the search path")]
    fn start(program: &str, arguments: &[&OsStr], ways: &[Way]) -> Self {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(program);
        command.env("PATH", format!("{path}:/usr/sbin")).args(arguments).stdin(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| {
            panic!("{program}: {error}: this test needs `cargo xtask test`, which installs it");
        });
        let mut proxy = Self(child);
        for (address, _) in ways {
            proxy.wait(*address);
        }
        proxy
    }

    fn wait(&mut self, address: SocketAddr) {
        let started = Instant::now();
        while std::net::TcpStream::connect(address).is_err() {
            let ended = self.0.try_wait().unwrap();
            assert!(ended.is_none() && started.elapsed() < Duration::from_secs(10), "the proxy does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn address(url: &str) -> SocketAddr {
    url.strip_prefix("http://").unwrap().parse().unwrap()
}

#[test]
fn case_40_42_haproxy_tells_the_certificate_and_nobody_else_does() {
    tells_the_certificate(Proxy::haproxy);
}

#[test]
fn case_40_42_nginx_tells_the_certificate_and_nobody_else_does() {
    tells_the_certificate(Proxy::nginx);
}

fn tells_the_certificate(start: fn(&Path, &Authority, &[Way]) -> Proxy) {
    let (authority, folder, upstream) = (Authority::new(), tempfile::tempdir().unwrap(), Upstream::plain());
    let server = Launch::serve(&folder.path().join("writ"))
        .env("WRIT_TRUSTED_PROXIES", "127.0.0.1")
        .env("WRIT_CLIENT_CERT_HEADER", "rfc9440")
        .start();
    server.apply(&clients::documents(&upstream).to_string(), &[]).ok();
    let (public, gateway) = (nowhere(), nowhere());
    let ways = [(public, address(server.said("public"))), (gateway, address(server.said("gateway")))];
    let _proxy = start(folder.path(), &authority, &ways);
    let host = address(server.said("public"));
    let send = |to: SocketAddr, own: Option<&Made>, request: &str| {
        let own = own.map(|own| own.written(folder.path(), "own"));
        let mut caller = Caller::connect(to, &authority.client_with(&TLS13, &[], own.as_ref())).unwrap();
        Reply::parse(&caller.exchange(request.replace('\n', "\r\n").as_bytes()))
    };
    let party = Party::get();
    let ask = |own: Option<&Made>, client: &str, header: &str| {
        let body = format!("grant_type=client_credentials&client_id={client}&scope={READ}");
        let head = format!("POST /oauth2/token HTTP/1.1\nhost: {host}\n{header}content-length: {}\n", body.len());
        send(public, own, &format!("{head}content-type: application/x-www-form-urlencoded\n\n{body}"))
    };
    let call = |own: Option<&Made>, token: &str, header: &str| {
        send(gateway, own, &format!("GET /any HTTP/1.1\nhost: {host}\n{header}authorization: Bearer {token}\n\n"))
            .status
    };
    for (client, own, other) in [("cert-named", &party.named, &party.own), ("cert-own", &party.own, &party.named)] {
        let issued: Value = ask(Some(own), client, "").ok().json();
        let token = issued["access_token"].as_str().unwrap();
        assert_eq!(part(token, 1)["cnf"]["x5t#S256"], thumbprint(own));
        // What a caller writes itself goes no further than the proxy.
        let forged = format!("Client-Cert: {}\nclient-cert-chain: {}\n", own.header(), own.header());
        assert_eq!(ask(None, client, &forged).error(401), "invalid_client");
        assert_eq!(ask(Some(other), client, &forged).error(401), "invalid_client");
        assert_eq!([call(Some(own), token, ""), call(Some(own), token, &forged)], [200, 200]);
        let refused = [call(None, token, ""), call(None, token, &forged), call(Some(other), token, &forged)];
        assert_eq!(refused, [401, 401, 401]);
    }
    assert!(upstream.seen().iter().all(|seen| !seen.head.to_ascii_lowercase().contains("client-cert")));
    server.stop();
}
