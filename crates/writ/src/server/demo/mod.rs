//! `writ demo`: sample data through the same API as everyone's, a sample API behind the gateway, and the commands to
//! try on them.

mod page;
mod upstream;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use reqwest::Method;
use serde_json::Value;

use super::folder::Addresses;
use crate::cli::Invocation;
use crate::cli::client::AdminClient;
use crate::cli::document::Batch;
use crate::cli::failure::Failure;
use crate::config::Environment;

const DOCUMENTS: &str = include_str!("documents.yaml");
const CLIENT: &str = "demo-partner";
const SECRET: &str = "demo";

/// The variable by which the documents name the sample API.
const UPSTREAM: &str = "DEMO_UPSTREAM";

/// Applies the sample data, unless the folder holds somebody's real configuration, and words the commands.
pub(super) async fn prepare(dir: &Path, addresses: &Addresses) -> anyhow::Result<String> {
    let upstream = upstream::start().await?;
    let invocation = Invocation::on_this_machine(dir);
    let admin = AdminClient::connect(&invocation).await.map_err(|failure| failed(&failure))?;
    refuse_real_data(&admin).await?;
    admin
        .call(Method::POST, &["apply"], &[], Some(&documents(&upstream)?))
        .await
        .map_err(|failure| failed(&failure.into()))?;
    let secret = admin.get(&["clients", CLIENT, "secrets", SECRET]).await.map_err(|failure| failed(&failure.into()))?;
    let secret = secret.get("secret").and_then(Value::as_str).context("the demo's secret cannot be shown")?;
    Ok(page::page(dir, addresses, secret))
}

fn failed(failure: &Failure) -> anyhow::Error {
    anyhow::anyhow!("the sample data could not be applied: {}", failure.text())
}

/// The sample documents, read as `writ apply -f -` reads them.
fn documents(upstream: &str) -> anyhow::Result<Value> {
    let environment = Environment::from([(UPSTREAM, upstream)]);
    let batch = Batch::load(&[PathBuf::from("-")], &environment, &mut DOCUMENTS.as_bytes());
    let faults = |faults: Vec<crate::cli::document::Fault>| faults.iter().map(ToString::to_string).collect::<String>();
    batch.map(|batch| batch.to_json()).map_err(|found| anyhow::anyhow!("{}", faults(found)))
}

/// Sample clients have no place beside real ones.
async fn refuse_real_data(admin: &AdminClient) -> anyhow::Result<()> {
    let applications = admin.get(&["application"]).await.map_err(|failure| failed(&failure.into()))?;
    let ids = applications.as_array().into_iter().flatten().filter_map(|document| document.get("id")?.as_str());
    let mut real = ids.filter(|id| !id.starts_with("demo") && *id != writ_core::admin::CLIENT);
    match real.next() {
        None => Ok(()),
        Some(id) => bail!("this folder holds a real configuration (the application `{id}`); use another --dir"),
    }
}
