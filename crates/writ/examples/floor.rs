//! The floor of the token endpoint: the same listener, the same router, a form that is read and an answer that is
//! always the same. What a real token costs beyond this is the server's own work.

use std::collections::BTreeMap;
use std::path::PathBuf;

use axum::Router;
use axum::body::Bytes;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::routing::post;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use writ::config::{Environment, Sources, load};
use writ::http::serve;

/// As long as a token response with an RS256 token is.
const ANSWER: usize = 900;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (flags, environment) = (BTreeMap::new(), Environment::default());
    let sources = Sources { dir: PathBuf::new(), file: None, flags: &flags, environment: &environment };
    let limits = load(&sources).map_err(|faults| anyhow::anyhow!("{faults}"))?.limits;
    let body = format!("{{\"access_token\":\"{}\"}}", "x".repeat(ANSWER - 19));
    let answer = move |form: Bytes| {
        let body = if form.is_empty() { String::new() } else { body.clone() };
        async move { ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], body) }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let router = Router::new().route("/oauth2/token", post(answer));
    serve(listener, None, router, &limits, CancellationToken::new()).await;
    Ok(())
}
