//! The floor of the gateway: the same listener, the same routes, the same forwarding, and a decision that was made once
//! and for all. What a real call costs beyond this is finding, verifying and deciding on its token.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tower::service_fn;
use writ::http::{Answering, DIALECTS};
use writ_core::clock::Clock;
use writ_core::keyring::MasterKey;
use writ_core::route::NormalPath;
use writ_core::store::Database;
use writ_core::tenant::OPERATOR;
use writ_core::{Core, Enforced, Requirement, Settings};
use writ_gateway::{Caller, Gateway};

use crate::work::Work;

const PATH: &str = "/bench/7";

struct Floor {
    gateway: Gateway<Body>,
    caller: Caller,
    enforced: Enforced,
    work: Work,
}

/// The gateway on a server's folder, which that server has left; every request counts as having brought this token. With the
/// work that is done for each request, if any.
pub(crate) async fn floor(folder: &Path, (root, token): (&str, &str), work: Work) -> anyhow::Result<impl Answering> {
    let settings = Settings {
        database: Database::Sqlite(folder.join("writ.db")),
        master_key: MasterKey::from_text(&std::fs::read_to_string(folder.join("master.key"))?)?,
        root: root.to_owned(),
        dialects: &DIALECTS,
        token_bytes: 8192,
        outbound: writ_core::outbound::OutboundPolicy::default(),
        clock: Clock::system(),
    };
    let core = Core::open(settings).await?;
    let tenant = Arc::clone(core.snapshot().tenant(OPERATOR).context("no tenant")?);
    let origin = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let caller = Caller { tenant, host: "127.0.0.1".into(), origin, scheme: "http", certificate: None };
    let path = NormalPath::parse(PATH)?;
    let found = caller.tenant.routes.find(&caller.host, &path, Method::GET.as_str());
    let matched = found.ok().context("the folder has no route for the benchmark")?;
    let requirement = Requirement { audience: &matched.audience, permission: &matched.permission, origin };
    let enforced = core.enforce(&caller.tenant, token, requirement).await;
    let enforced = enforced.map_err(|refused| anyhow::anyhow!("{:?}", refused.refusal))?;
    let floor = Arc::new(Floor { gateway: Gateway::default(), caller, enforced, work });
    Ok(service_fn(move |request| {
        let floor = Arc::clone(&floor);
        async move { Ok(forward(&floor, request).await) }
    }))
}

async fn forward(floor: &Floor, request: Request) -> Response {
    let Floor { gateway, caller, enforced, work } = floor;
    if !work.is_done() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let Ok(path) = NormalPath::parse(request.uri().path()) else { return StatusCode::BAD_REQUEST.into_response() };
    let Ok(matched) = caller.tenant.routes.find(&caller.host, &path, request.method().as_str()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match gateway.forward(&matched.route.upstream, &path, (caller, enforced), request).await {
        Ok(response) => response.map(Body::new),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}
