//! nginx before the gateway and behind it.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Scene;
use super::change::{access_token, status};
use crate::support::certificate::Authority;
use crate::support::process::Launch;
use crate::support::reply::Reply;
use crate::support::server::{RUNTIME, Setup};
use crate::support::upstream::{Upstream, nowhere};
use crate::support::wire::{connect, exchange_some};

/// A running nginx with one server.
struct Nginx {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Nginx {
    /// Starts it with what stands inside `server { }`.
    fn start(server: &str) -> Self {
        Self::listening("", server)
    }

    /// The same with further words for `listen`.
    fn listening(how: &str, server: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = nowhere();
        let path = folder.path().display();
        let mut config =
            format!("daemon off; master_process off; pid {path}/pid; error_log {path}/log;\nevents {{ }}\n");
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let temporary = temporary.map(|kind| format!("{kind}_temp_path {path}/{kind}; ")).concat();
        write!(
            config,
            "http {{ access_log off; {temporary}\nmap $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}\n\
             server {{ listen {address} {how};\n{server}\n}} }}\n"
        )
        .unwrap();
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, config).unwrap();
        let child = Self::command().arg("-c").arg(&file).arg("-p").arg(folder.path()).spawn().unwrap_or_else(|error| {
            panic!("nginx: {error}: this test needs `cargo xtask test`, which installs it");
        });
        let mut nginx = Self { child, address, folder };
        nginx.wait();
        nginx
    }

    /// Debian keeps it where only administrators look.
    #[expect(clippy::disallowed_methods, reason = "the search path")]
    fn command() -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("nginx");
        command.env("PATH", format!("{path}:/usr/sbin")).stdin(Stdio::null());
        command
    }

    fn wait(&mut self) {
        let started = Instant::now();
        while std::net::TcpStream::connect(self.address).is_err() {
            let ended = self.child.try_wait().unwrap();
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(ended.is_none() && started.elapsed() < Duration::from_secs(10), "nginx does not start: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// As the guide has it.
fn before(gateway: SocketAddr) -> Nginx {
    Nginx::start(&format!(
        "location / {{ proxy_pass http://{gateway}; proxy_http_version 1.1; proxy_set_header Host $http_host;\n\
         proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;\n\
         proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;\n\
         proxy_buffering off; proxy_request_buffering off; client_max_body_size 0; }}"
    ))
}

/// What of an answer does not depend on the way it came.
fn essence(reply: &Reply) -> (u16, Option<String>, Option<String>, String) {
    let mut body = reply.rest.clone();
    if let Some(id) = reply.header("x-request-id") {
        body = body.replace(&id, "<id>");
    }
    (reply.status, reply.header("www-authenticate"), reply.header("allow"), body)
}

#[test]
fn through_nginx_the_answers_are_the_same() {
    let trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    let scene = Scene::with(Setup { trusted_proxies, ..Setup::default() }, Upstream::plain());
    let nginx = before(scene.wire.gateway);
    let token = scene.token("partner");
    let bearer = format!("authorization: Bearer {token}\r\n");
    let twice = format!("{bearer}authorization: Bearer x\r\n");
    for (line, headers) in [
        ("GET /announcements", &*bearer),
        ("GET /announcements?a=b%20c", &bearer),
        ("GET /announcements", ""),
        ("GET /announcements", "authorization: Bearer x\r\n"),
        ("POST /announcements", &bearer),
        ("DELETE /announcements", &bearer),
        ("GET /any/admin", &bearer),
        ("GET /ANY/admin", &bearer),
        ("GET //any", &bearer),
        ("GET /any/./x", &bearer),
        ("GET /any%2fadmin", &bearer),
        ("GET /any/..;/admin", &bearer),
        ("GET /any/x;y", &bearer),
        ("GET /any?access_token=x", &bearer),
        ("GET /any", &twice),
        ("GET /nowhere", &bearer),
        ("GET /any/%61", &bearer),
    ] {
        let request = format!("{line} HTTP/1.1\r\nhost: writ.example\r\nconnection: close\r\n{headers}\r\n");
        let [direct, through] = [scene.wire.gateway, nginx.address]
            .map(|address| Reply::parse(&exchange_some(address, request.as_bytes())));
        if line == "GET /any" && through.status == 400 && through.header("x-request-id").is_none() {
            // nginx refuses some of it by itself.
            continue;
        }
        assert_eq!(essence(&through), essence(&direct), "{line} {headers}");
    }
    let lines: Vec<_> = scene.upstream.seen().iter().map(|seen| seen.line().to_owned()).collect();
    let allowed = ["GET /announcements", "GET /announcements?a=b%20c", "GET /any/a"];
    assert_eq!(lines, allowed.map(|line| [line, line]).concat());
}

/// Sends a request from another address of this machine.
fn from(source: &str, address: SocketAddr, request: &str) -> Reply {
    RUNTIME.block_on(async {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(format!("{source}:0").parse().unwrap()).unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        Reply::parse(&text)
    })
}

#[test]
fn case_96_through_a_trusted_nginx_the_upstream_learns_the_callers_address() {
    for (trusted, address) in [(true, "127.0.0.2"), (false, "127.0.0.1")] {
        let trusted_proxies = trusted.then(|| "127.0.0.1/32".parse().unwrap()).into_iter().collect();
        let scene = Scene::with(Setup { trusted_proxies, ..Setup::default() }, Upstream::plain());
        let nginx = before(scene.wire.gateway);
        let request = format!(
            "GET /any HTTP/1.1\r\nhost: writ.example\r\nx-forwarded-for: 10.9.9.9\r\nx-writ-client: root\r\n\
             x_writ_client: root\r\nconnection: close\r\nauthorization: {}\r\n\r\n",
            scene.bearer("partner")
        );
        from("127.0.0.2", nginx.address, &request).ok();
        let seen = scene.upstream.only();
        assert_eq!(seen.header("x-forwarded-for"), Some(address), "{}", seen.head);
        assert_eq!((seen.header("x-writ-client"), seen.header("x_writ_client")), (Some("partner"), None));
    }
}

#[test]
fn a_websocket_goes_through_nginx_too() {
    let scene = Scene::before(Upstream::answering(|_, stream| {
        let head = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n";
        stream.write_all(head).unwrap();
        let mut reader = stream.try_clone().unwrap();
        drop(std::io::copy(&mut reader, stream));
    }));
    let nginx = before(scene.wire.gateway);
    let mut stream = connect(nginx.address);
    let head = format!(
        "GET /any HTTP/1.1\r\nhost: writ.example\r\nconnection: upgrade\r\nupgrade: websocket\r\nauthorization: {}\r\n\r\n",
        scene.bearer("partner")
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    stream.write_all(b"ping").unwrap();
    let mut echo = [0; 4];
    stream.read_exact(&mut echo).unwrap();
    assert_eq!(&echo, b"ping");
}

#[test]
fn nginx_behind_the_gateway_sees_what_any_upstream_sees() {
    let nginx = Nginx::start(
        "client_max_body_size 0; merge_slashes off; keepalive_timeout 60s;\n\
         location = /status { return 204; }\n\
         location = /any/missing { return 404 'not here'; }\n\
         location / { default_type text/plain;\n\
         return 200 '$request_method $request_uri $http_x_writ_client $http_x_forwarded_for $http_connection'; }",
    );
    let scene = Scene::new();
    scene.server.apply("default", &super::documents(&format!("http://{}", nginx.address)));
    let token = scene.token("partner");
    for _ in 0..3 {
        assert_eq!(scene.get(&token, "/any/x?y").ok().rest, "GET /any/x?y partner 127.0.0.1 ");
        // What it answers is its own: an error page stays one.
        let missing = scene.get(&token, "/any/missing");
        assert_eq!((missing.status, &*missing.rest), (404, "not here"));
        assert_eq!(scene.get(&token, "/any/%2e%2e/status").error(400), "invalid_request");
    }
    // A chunked body, and more of it than fits into one buffer.
    let writer = scene.token("writer");
    let body = "x".repeat(1 << 20);
    let request = format!(
        "PUT /announcements HTTP/1.1\r\nhost: writ.example\r\nauthorization: Bearer {writer}\r\nconnection: close\r\n\
         transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    let reply = Reply::parse(&exchange_some(scene.wire.gateway, request.as_bytes()));
    assert!(reply.ok().rest.starts_with("PUT /announcements writer"));
}

#[test]
fn an_upstream_behind_https_must_show_a_certificate_of_a_trusted_authority() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let leaf = authority.sign("leaf");
    let files = format!("ssl_certificate {}; ssl_certificate_key {};", leaf.chain.display(), leaf.key.display());
    let nginx = Nginx::listening("ssl", &format!("{files} location / {{ return 200 $scheme; }}"));
    for (trusted, expected) in [(&authority, 200), (&Authority::new(), 502)] {
        let launch = Launch::serve(folder.path()).env("SSL_CERT_FILE", trusted.file().to_str().unwrap());
        let server = launch.start();
        server.apply(&super::documents(&format!("https://{}", nginx.address)).to_string(), &[]).ok();
        assert_eq!(status(server.said("gateway"), &access_token(&server)), expected);
        server.stop();
    }
}
