//! Every route on one screen.

use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use tower::service_fn;

use super::app::App;
use super::dialect::{self, Dialect, Endpoint};
use super::listener::Answering;
use super::refusal_memory::Memory;
use super::{
    admin as api, answered, cors, door, gateway as data_plane, introspection, metadata, revocation, token, validation,
};
use crate::config::Listener;

/// The front doors of every tenant: chosen by Host, or by the prefix `/t/{tenant}`.
pub fn public(app: Arc<App>) -> impl Answering {
    let mut router = Router::new();
    for dialect in dialect::ALL {
        let at = |endpoint: Endpoint| served(endpoint, dialect).layer(Extension(dialect));
        let issuer = dialect.core.path;
        for tenant in ["", "/t/{tenant}"] {
            for (path, endpoint) in dialect.endpoints {
                router = router.route(&format!("{tenant}{path}"), at(*endpoint));
            }
            for document in ["openid-configuration", "oauth-authorization-server"] {
                router = router.route(&format!("/.well-known/{document}{tenant}{issuer}"), at(Endpoint::Metadata));
            }
        }
    }
    finish(router, app, Listener::Public)
}

fn served(endpoint: Endpoint, dialect: &Dialect) -> MethodRouter<Arc<App>> {
    let routes = match endpoint {
        Endpoint::Token => post(token::issue),
        Endpoint::Introspection => post(introspection::introspect),
        Endpoint::Revocation => post(revocation::revoke),
        Endpoint::Jwks => get(metadata::jwks),
        Endpoint::ApplicationJwks => get(metadata::jwks_of_application),
        Endpoint::Metadata => get(metadata::metadata),
        Endpoint::Validation => get(validation::validate),
    };
    let routes = routes.fallback(door::wrong_method);
    if dialect.from_browsers && endpoint == Endpoint::Token { routes.layer(from_fn(cors::layer)) } else { routes }
}

/// The admin API, health and readiness.
pub fn admin(app: Arc<App>) -> impl Answering {
    const TENANT: &str = "/v1/tenants/{tenant}";
    const CLIENT: &str = "/v1/tenants/{tenant}/clients/{client_id}";
    const SECRETS: &str = "/v1/tenants/{tenant}/clients/{client_id}/secrets";
    const KEYS: &str = "/v1/tenants/{tenant}/issuers/{issuer}/keys";
    let secret = get(api::secrets::show).patch(api::secrets::change).delete(api::secrets::revoke);
    let clients = get(api::clients::list).post(api::clients::create);
    let client = get(api::clients::get).patch(api::clients::change).delete(api::clients::delete);
    let router = Router::new()
        .route("/healthz", get(api::health::alive))
        .route("/readyz", get(api::health::ready))
        .route("/v1/token", post(token::issue_to_operator))
        .route(api::METADATA, get(api::metadata))
        .route(&format!("{TENANT}/apply"), post(api::apply::apply))
        .route(&format!("{TENANT}/revocations"), get(api::feed::follow).post(api::revocations::revoke))
        .route(&format!("{TENANT}/introspect"), post(api::introspection::introspect))
        .route(&format!("{TENANT}/explain"), post(api::explain::explain))
        .route(&format!("{TENANT}/refusals"), get(api::refusals::latest))
        .route(&format!("{TENANT}/refusals/{{request_id}}"), get(api::refusals::one))
        .route(&format!("{TENANT}/{{kind}}"), get(api::documents::list))
        .route(&format!("{TENANT}/{{kind}}/{{name}}"), get(api::documents::get).delete(api::documents::delete))
        .route(&format!("{TENANT}/applications/{{application}}/clients"), clients)
        .route(CLIENT, client)
        .route(&format!("{CLIENT}/refresh-secret"), post(api::clients::refresh_secret))
        .route(SECRETS, get(api::secrets::list).post(api::secrets::issue))
        .route(&format!("{SECRETS}/{{secret}}"), secret)
        .route(&format!("{CLIENT}/credentials/test"), post(api::credentials::test))
        .route(KEYS, get(api::keys::list))
        .route(&format!("{KEYS}/rotate"), post(api::keys::rotate))
        .route(&format!("{KEYS}/{{kid}}/revoke"), post(api::keys::revoke))
        .method_not_allowed_fallback(door::wrong_method)
        .layer(from_fn_with_state(Arc::clone(&app), api::frame));
    finish(router, app, Listener::Admin)
}

/// The gateway: every request is a route's, or nobody's. There is nothing to choose between, and a router in front of the
/// one handler would cost every call several microseconds.
pub fn gateway(app: Arc<App>) -> impl Answering {
    let memory = Memory::new(Arc::clone(app.core.refused_requests()), Listener::Gateway);
    service_fn(move |request: Request| {
        let (app, memory) = (Arc::clone(&app), memory.clone());
        async move { Ok(answered::around(&memory, request, |request, id| data_plane::serve(app, id, request)).await) }
    })
}

fn finish(router: Router<Arc<App>>, app: Arc<App>, listener: Listener) -> impl Answering {
    let memory = Memory::new(Arc::clone(app.core.refused_requests()), listener);
    answered::service(router.fallback(door::unknown_path).with_state(app), memory)
}
