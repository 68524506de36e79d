//! The path of an API call.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use writ_core::route::{Matched, NoRoute, NormalPath};
use writ_core::tenant::Tenant;
use writ_core::{Core, Enforced, Requirement};
use writ_oauth::{Refusal, Refused};

use crate::bearer;
use crate::denied::Denied;
use crate::forward::Forwarder;

/// Who is calling, as far as the connection tells.
pub struct Caller {
    /// The tenant whose routes are asked for.
    pub tenant: Arc<Tenant>,
    /// The host that the request names, with its port.
    pub host: String,
    /// The caller's address.
    pub origin: IpAddr,
}

/// The gateway, with its connections to upstreams.
pub struct Gateway<B> {
    forwarder: Forwarder<B>,
}

impl<B> Default for Gateway<B>
where
    B: Body<Data = Bytes> + Default + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn default() -> Self {
        Self { forwarder: Forwarder::new() }
    }
}

impl<B> Gateway<B>
where
    B: Body<Data = Bytes> + Default + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// Serves one request: route, token, decision, upstream.
    pub async fn serve(&self, core: &Core, caller: &Caller, request: Request<B>) -> Result<Response<Incoming>, Denied> {
        let path = NormalPath::parse(request.uri().path())
            .map_err(|fault| Refused::about(Refusal::PathAmbiguous, &fault.to_string()))?;
        let matched = route(caller, &path, request.method().as_str())?;
        let token = bearer::token(request.headers(), request.uri().query())
            .map_err(|refusal| Denied::from(refusal).at(&matched.audience))?;
        let enforced = enforce(core, caller, &matched, token).await?;
        let answer = self.forwarder.forward(&matched.route.upstream, &path, (caller, &enforced), request).await;
        answer.map_err(|refusal| Denied::from(Refused::from(refusal).of_client(enforced.client_id())))
    }

    /// Forgets what is known of servers that no route has any more.
    pub fn forget_unused(&self, core: &Core) {
        self.forwarder.forget_unused(&core.snapshot());
    }
}

fn route(caller: &Caller, path: &NormalPath, method: &str) -> Result<Matched, Denied> {
    caller.tenant.routes.find(&caller.host, path, method).map_err(|none| match none {
        NoRoute::Unknown => Refusal::RouteUnknown.into(),
        NoRoute::Ambiguous => Refusal::PathAmbiguous.into(),
        NoRoute::Method(allow) => Denied { allow, ..Denied::from(Refusal::MethodNotAllowed) },
    })
}

async fn enforce(core: &Core, caller: &Caller, matched: &Matched, token: &str) -> Result<Enforced, Denied> {
    let requirement = Requirement { audience: &matched.audience, permission: &matched.permission };
    core.enforce(&caller.tenant, token, requirement)
        .await
        .map_err(|refused| Denied::from(refused).at(&matched.audience))
}
