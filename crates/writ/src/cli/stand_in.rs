//! A small server that answers as the real one promises to, for the tests of what speaks to it.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use url::Url;
use writ_oauth::jose::{self, Alg, Jwk, JwkSet, SigningKey};

/// A running server. It accepts the client `ops:1` with the secret `s3 cret`.
pub(super) struct StandIn {
    address: SocketAddr,
    state: Arc<Inner>,
}

struct Inner {
    seen: Mutex<Vec<String>>,
    issuer: Mutex<String>,
    base: String,
    key: SigningKey,
}

impl StandIn {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Inner {
            seen: Mutex::default(),
            issuer: Mutex::new(format!("http://{address}/oauth2")),
            base: format!("http://{address}"),
            key: SigningKey::generate(Alg::ES256).unwrap().0,
        });
        let service = TowerToHyperService::new(router(Arc::clone(&state)));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let service = service.clone();
                tokio::spawn(async move {
                    auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await
                });
            }
        });
        Self { address, state }
    }

    pub(super) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}/{path}", self.address)).unwrap()
    }

    /// The requests so far: method, target and body.
    pub(super) fn seen(&self) -> Vec<String> {
        self.state.seen.lock().unwrap().clone()
    }

    /// Makes the metadata claim to be of another issuer.
    pub(super) fn claim_issuer(&self, issuer: &str) {
        issuer.clone_into(&mut self.state.issuer.lock().unwrap());
    }

    pub(super) fn kid(&self) -> String {
        self.state.key.kid().to_owned()
    }

    /// A token of an issuer that ends in so many seconds, signed with the server's key.
    pub(super) fn token(&self, issuer: &str, lifetime: i64) -> String {
        self.state.token(issuer, lifetime)
    }
}

impl Inner {
    fn token(&self, issuer: &str, lifetime: i64) -> String {
        let now = writ_core::clock::Clock::system().now();
        let claims = json!({"iss": issuer, "aud": "urn:writ:admin", "sub": "ops:1", "iat": now.min(now + lifetime), "exp": now + lifetime});
        jose::sign_jwt(&self.key, "at+jwt", &claims).unwrap()
    }
}

type Shared = State<Arc<Inner>>;

fn router(state: Arc<Inner>) -> Router {
    Router::new()
        .route("/.well-known/oauth-protected-resource", get(resource))
        .route("/.well-known/oauth-authorization-server/oauth2", get(metadata))
        .route("/oauth2/token", post(token))
        .route("/oauth2/jwks", get(jwks))
        .route("/v1/tenants/{tenant}/apply", post(apply))
        .route("/v1/tenants/{tenant}/{kind}/{name}", get(document))
        .layer(middleware::from_fn_with_state(Arc::clone(&state), record))
        .with_state(state)
}

async fn record(State(inner): Shared, request: Request<Body>, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = http_body_util::BodyExt::collect(body).await.unwrap().to_bytes();
    let line = format!("{} {} {}", parts.method, parts.uri, String::from_utf8_lossy(&body));
    inner.seen.lock().unwrap().push(line.trim_end().to_owned());
    let bearer =
        parts.headers.get(header::AUTHORIZATION).is_some_and(|value| value.as_bytes().starts_with(b"Bearer ey"));
    if parts.uri.path().starts_with("/v1/") && !bearer {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_token", "r0");
    }
    next.run(Request::from_parts(parts, body.into())).await
}

fn refuse(status: StatusCode, error: &str, request: &str) -> Response {
    (status, Json(json!({"error": error, "error_description": "who are you", "request_id": request}))).into_response()
}

async fn resource(State(inner): Shared) -> Json<Value> {
    Json(json!({"resource": "urn:writ:admin", "authorization_servers": [format!("{}/oauth2", inner.base)]}))
}

async fn metadata(State(inner): Shared) -> Json<Value> {
    let (issuer, base) = (inner.issuer.lock().unwrap().clone(), &inner.base);
    Json(
        json!({"issuer": issuer, "token_endpoint": format!("{base}/oauth2/token"), "jwks_uri": format!("{base}/oauth2/jwks")}),
    )
}

async fn jwks(State(inner): Shared) -> Json<JwkSet> {
    let jwk: Jwk = inner.key.public_jwk().clone();
    Json([jwk].into_iter().collect())
}

async fn token(State(inner): Shared, request: Request<Body>) -> Response {
    // `ops%3A1:s3+cret` in base64: both parts are form-encoded first.
    let expected = "Basic b3BzJTNBMTpzMytjcmV0";
    if request.headers().get(header::AUTHORIZATION).is_none_or(|value| value != expected) {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client", "r1");
    }
    let token = inner.token(&inner.issuer.lock().unwrap(), 600);
    Json(json!({"access_token": token, "token_type": "Bearer", "expires_in": 600})).into_response()
}

async fn apply() -> Json<Value> {
    Json(json!({"changes": [], "unchanged": 1}))
}

async fn document(Path((_, kind, name)): Path<(String, String, String)>) -> Response {
    match name.as_str() {
        "none" => refuse(StatusCode::NOT_FOUND, "not_found", "r2"),
        "moved" => (StatusCode::FOUND, [(header::LOCATION, "/v1/tenants/acme/issuer/x")]).into_response(),
        _ => Json(json!({"kind": kind, "id": name})).into_response(),
    }
}
