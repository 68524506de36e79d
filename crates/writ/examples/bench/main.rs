//! What `cargo xtask bench` measures beside the server itself: crypto rates, floors on the same stack, and something
//! to forward to. Each prints where it listens, or its figures.

mod assertions;
mod cpu;
mod crypto;
mod decisions;
mod gateway;
mod pem;
mod token;
mod upstream;
mod work;

use std::collections::BTreeMap;
use std::path::PathBuf;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use writ::config::{Environment, Sources, load};
use writ::http::{Answering, serve};

use self::work::Work;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["crypto"] => crypto::rates(),
        ["decisions"] => decisions::rates(),
        ["assertions", alg, client_id, audience, count] => assertions::print(alg, client_id, audience, count.parse()?),
        ["token-floor", work @ ..] => listen(token::floor(Work::of(work)?)).await,
        ["gateway-floor", folder, root, token, work @ ..] => {
            listen(gateway::floor(folder.as_ref(), (root, token), Work::of(work)?).await?).await
        }
        ["pem", url] => pem::print(url).await,
        ["upstream"] => upstream::serve().await,
        _ => anyhow::bail!(
            "one of: crypto, decisions, assertions ALG CLIENT AUDIENCE COUNT, token-floor [WORK].., gateway-floor FOLDER ROOT TOKEN [WORK].., pem URL, upstream"
        ),
    }
}

/// Serves as the server does, within its limits.
async fn listen(service: impl Answering) -> anyhow::Result<()> {
    let (flags, environment) = (BTreeMap::new(), Environment::default());
    let sources = Sources { dir: PathBuf::new(), file: None, flags: &flags, environment: &environment };
    let limits = load(&sources).map_err(|faults| anyhow::anyhow!("{faults}"))?.limits;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    serve(listener, None, service, &limits, CancellationToken::new()).await;
    Ok(())
}
