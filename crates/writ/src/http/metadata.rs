//! What an issuer publishes: its metadata and its keys.

use axum::extract::RawPathParams;
use axum::http::StatusCode;
use axum::response::Response;
use writ_core::grant::Grant;
use writ_oauth::Refusal;
use writ_oauth::metadata::Metadata;

use super::door::AtDoor;
use super::reply;

/// How long keys and metadata may be cached, in seconds.
const CACHE_SECONDS: u32 = 300;

/// RFC 8414 metadata and OpenID Connect discovery: one document, at both well-known places and in both forms.
pub(crate) async fn metadata(at: AtDoor, id: reply::Id) -> Response {
    let issuer = &at.door.issuer;
    let metadata = Metadata::new(&issuer.url, at.dialect.places, &Grant::ALL.map(Grant::name), issuer.alg.name());
    match serde_json::to_string(&metadata) {
        Ok(body) => reply::public_json(body, CACHE_SECONDS),
        Err(_) => at.refused(&Refusal::Internal.into(), &id),
    }
}

/// The JWK set of an issuer.
pub(crate) async fn jwks(at: AtDoor) -> Response {
    let response = reply::public_json(at.door.issuer.jwks.clone(), CACHE_SECONDS);
    debug_assert_eq!(response.status(), StatusCode::OK);
    response
}

/// The same for one application, where it is one that is called: all of a tenant's applications have the keys of the
/// issuer.
pub(crate) async fn jwks_of_application(at: AtDoor, params: RawPathParams, id: reply::Id) -> Response {
    let application = params.iter().find(|(name, _)| *name == "application").map(|(_, value)| value);
    if application.is_some_and(|application| at.door.tenant.server_of(application).is_some()) {
        return jwks(at).await;
    }
    at.refused(&Refusal::PathUnknown.into(), &id)
}
