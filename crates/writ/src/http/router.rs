//! Every route on one screen.

use std::any::Any;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use tower_http::catch_panic::CatchPanicLayer;

use super::app::App;
use super::dialect;
use super::{admin as api, door, gateway as data_plane, metadata, reply, request_id, token};

/// The front doors of every tenant: chosen by Host, or by the prefix `/t/{tenant}`.
pub fn public(app: Arc<App>) -> Router {
    let mut router = Router::new();
    for dialect in dialect::ALL {
        let issuer = dialect.core.path;
        let at = |routes: MethodRouter<Arc<App>>| routes.fallback(door::wrong_method).layer(Extension(dialect));
        for tenant in ["", "/t/{tenant}"] {
            router = router
                .route(&format!("{tenant}{issuer}/token"), at(post(token::issue)))
                .route(&format!("{tenant}{issuer}/jwks"), at(get(metadata::jwks)))
                .route(&format!("{tenant}{issuer}/.well-known/openid-configuration"), at(get(metadata::metadata)))
                .route(&format!("{tenant}{issuer}/.well-known/oauth-authorization-server"), at(get(metadata::metadata)))
                .route(&format!("/.well-known/openid-configuration{tenant}{issuer}"), at(get(metadata::metadata)))
                .route(
                    &format!("/.well-known/oauth-authorization-server{tenant}{issuer}"),
                    at(get(metadata::metadata)),
                );
        }
    }
    finish(router, app)
}

/// The admin API, health and readiness.
pub fn admin(app: Arc<App>) -> Router {
    const TENANT: &str = "/v1/tenants/{tenant}";
    const SECRETS: &str = "/v1/tenants/{tenant}/clients/{client_id}/secrets";
    const KEYS: &str = "/v1/tenants/{tenant}/issuers/{issuer}/keys";
    let secret = get(api::secrets::show).patch(api::secrets::change).delete(api::secrets::revoke);
    let router = Router::new()
        .route("/healthz", get(api::health::alive))
        .route("/readyz", get(api::health::ready))
        .route("/v1/token", post(token::issue_to_operator))
        .route(api::METADATA, get(api::metadata))
        .route(&format!("{TENANT}/apply"), post(api::apply::apply))
        .route(&format!("{TENANT}/revocations"), post(api::revocations::revoke))
        .route(&format!("{TENANT}/{{kind}}"), get(api::documents::list))
        .route(&format!("{TENANT}/{{kind}}/{{name}}"), get(api::documents::get).delete(api::documents::delete))
        .route(SECRETS, get(api::secrets::list).post(api::secrets::issue))
        .route(&format!("{SECRETS}/{{secret}}"), secret)
        .route(KEYS, get(api::keys::list))
        .route(&format!("{KEYS}/rotate"), post(api::keys::rotate))
        .route(&format!("{KEYS}/{{kid}}/revoke"), post(api::keys::revoke))
        .method_not_allowed_fallback(door::wrong_method)
        .layer(from_fn_with_state(Arc::clone(&app), api::frame));
    finish(router, app)
}

/// The gateway: every request is a route's, or nobody's.
pub fn gateway(app: Arc<App>) -> Router {
    answered(Router::new().fallback(data_plane::serve)).with_state(app)
}

fn finish(router: Router<Arc<App>>, app: Arc<App>) -> Router {
    answered(router.fallback(door::unknown_path)).with_state(app)
}

/// What holds for every request: it has an id, is logged, and is answered in JSON, even if a handler panics. No panic
/// is reachable on purpose; should there be one, its caller still gets an answer, and the log the request's id.
fn answered<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router
        .layer(CatchPanicLayer::custom(|_: Box<dyn Any + Send>| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
        .layer(from_fn(reply::json_for_bare_errors))
        .layer(from_fn(request_id::layer))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
    use http_body_util::BodyExt;
    use serde_json::{Value, json};
    use tower::ServiceExt;

    use super::*;

    async fn panics() {
        panic!("a panic with a secret in its message");
    }

    #[tokio::test]
    async fn case_75_a_panic_is_answered_in_json_and_says_nothing_of_its_message() {
        let router = answered(Router::new().route("/panics", get(panics)));
        let response = router.oneshot(Request::get("/panics").body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        assert_eq!(parts.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(parts.headers.get(CONTENT_TYPE).unwrap(), "application/json");
        assert_eq!(parts.headers.get(CACHE_CONTROL).unwrap(), "no-store");
        assert!(!parts.headers.contains_key("www-authenticate"));
        let body: Value = serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap();
        let id = parts.headers.get("x-request-id").unwrap().to_str().unwrap();
        let description = "The server failed; the request id finds the reason in its log.";
        let expected = json!({"error": "server_error", "error_description": description, "request_id": id});
        assert_eq!(body, expected);
    }
}
