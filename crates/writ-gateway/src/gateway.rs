//! The path of an API call.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{Method, Request, Response};
use http_body::Body;
use tokio_util::sync::CancellationToken;
use writ_core::route::{Matched, NoRoute, NormalPath, Upstream};
use writ_core::tenant::Tenant;
use writ_core::{BearerToken, Core, Enforced, Requirement, let_others_catch_up};
use writ_oauth::x509::CallerCertificate;
use writ_oauth::{Refusal, Refused};

use crate::body::Download;
use crate::denied::Denied;
use crate::forward::Forwarder;
use crate::{bearer, form, framing};

/// Who is calling, as far as the connection tells.
pub struct Caller {
    /// The tenant whose routes are asked for.
    pub tenant: Arc<Tenant>,
    /// The host that the request names, with its port.
    pub host: String,
    /// The caller's address.
    pub origin: IpAddr,
    /// `https` or `http`: how the caller speaks to the gateway, or to the trusted proxy before it.
    pub scheme: &'static str,
    /// The certificate of the caller's connection, if it has one.
    pub certificate: Option<Arc<CallerCertificate>>,
}

/// The gateway, with its connections to upstreams.
pub struct Gateway<B: Body<Data = Bytes> + Unpin + 'static> {
    forwarder: Forwarder<B>,
}

impl<B> Default for Gateway<B>
where
    B: Body<Data = Bytes> + From<Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn default() -> Self {
        Self { forwarder: Forwarder::new() }
    }
}

impl<B> Gateway<B>
where
    B: Body<Data = Bytes> + From<Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// Serves one request: route, token, decision, upstream.
    pub async fn serve(
        &self,
        core: &Core,
        caller: &Caller,
        request: Request<B>,
    ) -> Result<Response<Download<B>>, Denied> {
        framing::check_request(request.headers())?;
        self.forwarder.pseudonym.check(request.headers())?;
        let (path, matched) = route(&caller.tenant, &caller.host, request.uri().path(), request.method())?;
        let token = bearer::token(request.headers(), request.uri().query())
            .map_err(|refusal| Denied::from(refusal).at(&matched.audience))?;
        let enforced = enforce(core, caller, &matched, token).await?;
        let_others_catch_up().await;
        let upstream = &matched.route.upstream;
        let of_client = |refusal| Denied::from(Refused::from(refusal).of_client(enforced.client_id()));
        let request = without_token(request, upstream.timeout).await.map_err(of_client)?;
        self.forward(upstream, &path, (caller, &enforced), request).await.map_err(of_client)
    }

    /// Forwards a request whose token met the requirement of its route.
    pub async fn forward(
        &self,
        upstream: &Upstream,
        path: &NormalPath,
        by: (&Caller, &Enforced),
        request: Request<B>,
    ) -> Result<Response<Download<B>>, Refusal> {
        self.forwarder.forward(upstream, path, by, request).await
    }

    /// Keeps an eye on the servers behind the routes until told to stop.
    pub async fn watch_upstreams(&self, core: &Core, stop: CancellationToken) {
        self.forwarder.watch(core, stop).await;
    }
}

/// The request, once it is known that no token stands in its body.
async fn without_token<B>(request: Request<B>, patience: Duration) -> Result<Request<B>, Refusal>
where
    B: Body<Data = Bytes> + From<Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if !form::is_form(request.headers()) {
        return Ok(request);
    }
    let (mut parts, body) = request.into_parts();
    let bytes = form::read(body, patience).await?;
    parts.headers.insert(CONTENT_LENGTH, bytes.len().into());
    Ok(Request::from_parts(parts, bytes.into()))
}

/// The route of a request, and the normal form of its path.
pub fn route(tenant: &Tenant, host: &str, path: &str, method: &Method) -> Result<(NormalPath, Matched), Denied> {
    let path = NormalPath::parse(path).map_err(|fault| Refused::about(Refusal::PathAmbiguous, &fault.to_string()))?;
    // > A client MUST NOT generate fields in a TRACE request containing sensitive data
    // https://www.rfc-editor.org/rfc/rfc9110#section-9.3.8
    // What the gateway adds would come back to the caller; and a tunnel is no request that could be decided on.
    if matches!(*method, Method::TRACE | Method::CONNECT) {
        return Err(Refusal::MethodNotAllowed.into());
    }
    let method = method.as_str();
    let matched = tenant.routes.find(host, &path, method).map_err(|none| match none {
        NoRoute::Unknown => Denied::from(Refusal::RouteUnknown),
        NoRoute::Ambiguous => Refusal::PathAmbiguous.into(),
        NoRoute::Method(allow) => Denied { allow, ..Denied::from(Refusal::MethodNotAllowed) },
    })?;
    Ok((path, matched))
}

async fn enforce(core: &Core, caller: &Caller, matched: &Matched, token: &str) -> Result<Enforced, Denied> {
    let Matched { audience, permission, .. } = matched;
    let requirement = Requirement { audience, permission, origin: caller.origin };
    let bearer = BearerToken { token, certificate: caller.certificate.as_deref() };
    core.enforce(&caller.tenant, bearer, requirement)
        .await
        .map_err(|refused| Denied::from(refused).at(&matched.audience))
}
