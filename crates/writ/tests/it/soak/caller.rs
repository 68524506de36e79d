//! One caller: gets tokens and calls the API, rightly and wrongly, and sometimes leaves half-way.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::world::{CHANGING, Kind, LIFETIME, STEADY, TENANTS, World, changing, secret_of, steady};

/// Between two requests.
const PAUSE: Duration = Duration::from_millis(4);

/// A caller in the name of one client of one tenant.
pub(super) struct Caller {
    world: Arc<World>,
    tenant: &'static str,
    client: String,
    token: Option<(String, Instant)>,
    /// One that expires, or has.
    old: Option<(String, Instant)>,
    random: RandomState,
    requests: u64,
}

impl Caller {
    pub(super) fn new(world: Arc<World>, number: usize) -> Self {
        let (tenant, client) = (TENANTS[number % TENANTS.len()], steady(number % STEADY));
        Self { world, tenant, client, token: None, old: None, random: RandomState::new(), requests: 0 }
    }

    pub(super) async fn call(mut self) {
        while !self.world.is_over() {
            self.requests += 1;
            match self.random.hash_one(self.requests) % 20 {
                0..=6 => self.allowed().await,
                7 => drop(self.fresh().await),
                8 => self.ask("a wrong secret", &self.client, "not-the-secret-of-anybody", "read", 401).await,
                9 => self.ask("an unknown client", &self.unknown(), "not-the-secret-of-anybody", "read", 401).await,
                10 => {
                    self.ask("a scope that is not granted", &self.client, &secret_of(&self.client), "write", 400).await;
                }
                11 => self.present("not allowed", "/write/1", <[_]>::to_vec, 403).await,
                12 | 13 => self.present("tampered with", "/read/1", tampered, 401).await,
                14 => self.present("no token", "/read/1", |_| b"not.a.token".to_vec(), 401).await,
                15 => self.expired().await,
                16 | 17 => self.of_a_changing_client().await,
                _ => self.leave_half_way().await,
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// A new token, kept.
    async fn fresh(&mut self) -> Option<String> {
        let request = self.world.ask(self.tenant, &self.client, &secret_of(&self.client), "read");
        let issued = self.world.send((Kind::Token, "issued"), request, &[200]).await?;
        let token = issued["access_token"].as_str()?.to_owned();
        self.old = self.old.take().or(self.token.take());
        self.token = Some((token.clone(), Instant::now()));
        Some(token)
    }

    /// A token that is good for a while.
    async fn token(&mut self) -> Option<String> {
        match &self.token {
            Some((token, since)) if since.elapsed() < LIFETIME / 2 => Some(token.clone()),
            Some(_) | None => self.fresh().await,
        }
    }

    async fn allowed(&mut self) {
        let Some(token) = self.token().await else { return };
        let call = self.world.call(self.tenant, "/read/1?a=b", &token);
        self.world.send((Kind::Call, "allowed"), call, &[200]).await;
    }

    async fn ask(&self, what: &'static str, client: &str, secret: &str, scope: &str, expected: u16) {
        let request = self.world.ask(self.tenant, client, secret, scope);
        self.world.send((Kind::Token, what), request, &[expected]).await;
    }

    /// Another one every time: what is unknown must not be heaped up either.
    fn unknown(&self) -> String {
        format!("unknown-{}", self.random.hash_one(self.requests))
    }

    async fn present(&mut self, what: &'static str, path: &str, change: impl Fn(&[u8]) -> Vec<u8>, expected: u16) {
        let Some(token) = self.token().await else { return };
        let token = String::from_utf8(change(token.as_bytes())).unwrap();
        let call = self.world.call(self.tenant, path, &token);
        self.world.send((Kind::Call, what), call, &[expected]).await;
    }

    async fn expired(&mut self) {
        let Some((token, _)) = self.old.take_if(|(_, since)| since.elapsed() > LIFETIME + Duration::from_secs(1))
        else {
            return;
        };
        let call = self.world.call(self.tenant, "/read/1", &token);
        self.world.send((Kind::Call, "expired"), call, &[401]).await;
    }

    /// Whose permissions and secrets come and go: whatever is answered is an answer.
    async fn of_a_changing_client(&mut self) {
        let client = changing(usize::try_from(self.requests).unwrap() % CHANGING);
        let request = self.world.ask(self.tenant, &client, &secret_of(&client), "read");
        let Some(issued) = self.world.send((Kind::Token, "changing"), request, &[200, 400]).await else { return };
        let Some(token) = issued["access_token"].as_str() else { return };
        let call = self.world.call(self.tenant, "/read/1", token);
        self.world.send((Kind::Call, "changing"), call, &[200, 401, 403]).await;
    }

    /// Goes away inside a request, before the answer, or inside a body.
    async fn leave_half_way(&mut self) {
        let Some(token) = self.token().await else { return };
        let head = format!("host: {}.example\r\nauthorization: Bearer {token}\r\n", self.tenant);
        let (url, sent) = match self.requests % 4 {
            0 => (&self.world.public, "POST /oauth2/token HTTP/1.1\r\nhost: 127".to_owned()),
            1 => (&self.world.gateway, format!("GET /read/1 HTTP/1.1\r\n{head}\r\n")),
            2 => (&self.world.gateway, format!("POST /read/1 HTTP/1.1\r\n{head}content-length: 100000\r\n\r\nsome")),
            _ => (&self.world.gateway, format!("GET /read/1 HTTP/1.1\r\n{}", &head[..head.len() / 2])),
        };
        let address = url.strip_prefix("http://").unwrap();
        match TcpStream::connect(address).await {
            Ok(mut stream) => drop(stream.write_all(sent.as_bytes()).await),
            Err(error) => self.world.fault(format!("no connection: {error}")),
        }
    }
}

/// The same token with another signature.
fn tampered(token: &[u8]) -> Vec<u8> {
    let signature = token.iter().rposition(|byte| *byte == b'.').unwrap() + 1;
    let mut tampered = token.to_vec();
    tampered[signature] = if tampered[signature] == b'A' { b'B' } else { b'A' };
    tampered
}
