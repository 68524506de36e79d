//! Requests that this server makes by itself: bounded in time and size, and only to where an operator allows them.
//!
//! The URLs come from documents of tenants and from other people's servers, so each is a way to make this server ask
//! a neighbour on its own network. What is checked is therefore the address that is connected to, at the moment of
//! connecting, and never only the name.

mod address;
mod fault;
mod resolver;
mod roots;

use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use moka::sync::Cache;
use reqwest::header::{ACCEPT, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, retry};
use url::{Host, Url};
use writ_oauth::key_cache;

use self::address::Guard;
pub use self::fault::OutboundFault;
use self::resolver::GuardedResolver;
pub use self::roots::Roots;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// From the first look at the name to the last byte.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The largest answer, in bytes.
pub const MAX_ANSWER: usize = 256 * 1024;
/// The longest URL that is asked, in bytes.
const MAX_URL: usize = 2048;
/// Clients hold the roots that they trust. The system's are read again now and then, since they change on disk.
const CLIENTS: u64 = 100;
const CLIENT_LIFE: Duration = Duration::from_hours(1);

/// Where this server may connect to, beside the public internet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboundPolicy {
    /// Addresses that are allowed although they are not globally routable. To these, and only these, plain http is
    /// allowed too.
    pub allowed: Vec<IpNet>,
}

/// Makes the requests. Cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    allowed: Arc<[IpNet]>,
    /// By what is trusted beside the system's roots; `None`: nothing.
    clients: Cache<ClientKey, Client>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum ClientKey {
    Http,
    Https(Option<Roots>),
}

/// What a server answered, with status 200.
pub struct Fetched {
    /// The whole body.
    pub body: Vec<u8>,
    /// For how long the server lets it be kept, in seconds, where it says so.
    pub max_age: Option<u64>,
}

impl Outbound {
    /// With a policy for good.
    pub fn new(policy: OutboundPolicy) -> Self {
        let clients = Cache::builder().max_capacity(CLIENTS).time_to_live(CLIENT_LIFE).build();
        Self { allowed: policy.allowed.into(), clients }
    }

    /// Fetches a document. Takes five seconds at most.
    ///
    /// `roots` are trusted beside those of the system.
    pub async fn get(&self, url: &Url, roots: Option<&Roots>) -> Result<Fetched, OutboundFault> {
        check(url)?;
        let guard = self.guard(url);
        // The client asks its resolver for names only.
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            Some(Host::Domain(_)) | None => None,
        };
        if let Some(address) = literal {
            guard.check(address)?;
        }
        let client = self.client(guard, roots).await?;
        read(&client, url).await
    }

    fn guard(&self, url: &Url) -> Guard {
        let allowed = Arc::clone(&self.allowed);
        if url.scheme() == "https" { Guard::Https(allowed) } else { Guard::Http(allowed) }
    }

    async fn client(&self, guard: Guard, roots: Option<&Roots>) -> Result<Client, OutboundFault> {
        let key = match guard {
            Guard::Http(_) => ClientKey::Http,
            Guard::Https(_) => ClientKey::Https(roots.cloned()),
        };
        if let Some(client) = self.clients.get(&key) {
            return Ok(client);
        }
        let made = key.clone();
        // The system's roots are read from disk.
        let client = tokio::task::spawn_blocking(move || make(&made, guard)).await;
        let client = client.map_err(|_| OutboundFault::Client("the client was not made".into()))??;
        self.clients.insert(key, client.clone());
        Ok(client)
    }
}

/// Reads a URL that may be asked, as far as the text can tell.
pub fn parse_url(text: &str) -> Result<Url, OutboundFault> {
    let url = Url::parse(text).map_err(|_| OutboundFault::Url)?;
    check(&url)?;
    Ok(url)
}

fn check(url: &Url) -> Result<(), OutboundFault> {
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(OutboundFault::Url);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(OutboundFault::UserInfo);
    }
    if url.as_str().len() > MAX_URL { Err(OutboundFault::UrlTooLong) } else { Ok(()) }
}

fn make(key: &ClientKey, guard: Guard) -> Result<Client, OutboundFault> {
    let builder = Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        // A redirect leads where nobody has looked.
        .redirect(Policy::none())
        .retry(retry::never())
        .referer(false)
        // A proxy would resolve the name itself.
        .no_proxy()
        .dns_resolver(GuardedResolver(guard))
        .pool_max_idle_per_host(0)
        .user_agent(concat!("writ/", env!("CARGO_PKG_VERSION")));
    let builder = match key {
        // Without TLS no roots are needed; looking for the system's would fail where there are none.
        ClientKey::Http => builder.tls_certs_only([]),
        ClientKey::Https(None) => builder,
        ClientKey::Https(Some(roots)) => builder.tls_certs_merge(roots.certificates()?),
    };
    let made = builder.https_only(matches!(key, ClientKey::Https(_)));
    ClientBuilder::build(made).map_err(|error| OutboundFault::Client(fault::innermost_text(&error)))
}

async fn read(client: &Client, url: &Url) -> Result<Fetched, OutboundFault> {
    let request = client.get(url.clone()).header(ACCEPT, "application/json, application/jwk-set+json, */*;q=0.5");
    let mut response = request.send().await.map_err(|error| OutboundFault::of(&error))?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(OutboundFault::Status(status));
    }
    let max_age = max_age(response.headers());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| OutboundFault::of(&error))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(OutboundFault::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Fetched { body, max_age })
}

fn max_age(headers: &HeaderMap) -> Option<u64> {
    let texts = |name| headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    key_cache::max_age(texts("cache-control"), texts("age").next())
}
