//! The sample API behind the gateway: it answers with what the gateway lets it see.

use anyhow::Context;
use axum::http::{HeaderMap, Uri};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The headers by which the gateway says who is calling.
const SEEN: [&str; 4] = ["x-writ-client", "x-writ-subject", "x-writ-scope", "x-writ-issuer"];

/// Starts it on a free port, for as long as the server runs; answers its URL.
pub(super) async fn start() -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("the sample API has no port to listen on")?;
    let url = format!("http://{}", listener.local_addr()?);
    let router = Router::new().fallback(answer);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::warn!(%error, "the sample API ended");
        }
    });
    Ok(url)
}

async fn answer(uri: Uri, headers: HeaderMap) -> Json<Value> {
    let seen =
        |name: &&'static str| headers.get(*name).and_then(|value| value.to_str().ok()).map(|value| (*name, value));
    let seen: std::collections::BTreeMap<_, _> = SEEN.iter().filter_map(seen).collect();
    Json(json!({ "path": uri.path(), "the upstream sees": seen }))
}
