//! The same over HTTP(S), bounded in time and size.

use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use writ_oauth::jose::MAX_SET_BYTES;
use writ_oauth::key_cache;

use super::{Answer, FetchFault, FetchKeys};
use crate::BuildError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// From the first look at the name to the last byte.
const TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) struct OverHttp {
    client: Client,
    url: Url,
}

impl OverHttp {
    pub(crate) fn new(url: &str) -> Result<Self, BuildError> {
        let url = Url::parse(url).ok().filter(is_safe).ok_or(BuildError::JwksUri)?;
        let client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            // Keys come from where the configuration says, and from nowhere that its server says.
            .redirect(Policy::none())
            .user_agent(concat!("writ-verify/", env!("CARGO_PKG_VERSION")));
        let client = client.build().map_err(|error| BuildError::Client(error.to_string()))?;
        Ok(Self { client, url })
    }

    async fn get(&self) -> Result<Answer, FetchFault> {
        let request = self.client.get(self.url.clone()).header(ACCEPT, "application/jwk-set+json, application/json");
        let mut response = request.send().await.map_err(|error| fault(&error))?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(FetchFault::Status(status));
        }
        let max_age = max_age(response.headers());
        Ok(Answer { body: body(&mut response).await?, max_age })
    }
}

impl FetchKeys for OverHttp {
    fn fetch(&self) -> Pin<Box<dyn Future<Output = Result<Answer, FetchFault>> + Send + '_>> {
        Box::pin(self.get())
    }
}

/// Whoever can change the keys on their way makes tokens.
fn is_safe(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_here = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    let is_sealed = url.scheme() == "https" && !host.is_empty() || url.scheme() == "http" && is_here;
    is_sealed && url.username().is_empty() && url.password().is_none()
}

async fn body(response: &mut Response) -> Result<Vec<u8>, FetchFault> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| fault(&error))? {
        if body.len() + chunk.len() > MAX_SET_BYTES {
            return Err(FetchFault::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn max_age(headers: &HeaderMap) -> Option<u64> {
    let texts = |name| headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    key_cache::max_age(texts("cache-control"), texts("age").next())
}

fn fault(error: &reqwest::Error) -> FetchFault {
    if error.is_timeout() { FetchFault::Timeout } else { FetchFault::Unreachable }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_over_tls_or_from_this_machine() {
        let safe = |url: &str| Url::parse(url).is_ok_and(|url| is_safe(&url));
        for url in
            ["https://writ.example/jwks", "http://127.0.0.1:8080/jwks", "http://[::1]/jwks", "http://localhost/j"]
        {
            assert!(safe(url), "{url}");
        }
        for url in [
            "http://writ.example/jwks",
            "file:///jwks",
            "https://u:p@writ.example",
            "http://127.0.0.1.example/",
            "jwks",
        ] {
            assert!(!safe(url), "{url}");
        }
    }
}
