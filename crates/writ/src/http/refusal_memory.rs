//! Keeping what was refused, for the administrators who are asked about it by its request id.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::Method;
use axum::response::Response;
use writ_core::refused_requests::{RefusedRequest, RefusedRequests};

use super::door::AtDoor;
use super::request_id::{Logged, RequestId};
use crate::config::Listener;

/// What a listener refused is kept here.
#[derive(Clone)]
pub(crate) struct Memory {
    kept: Arc<RefusedRequests>,
    listener: Listener,
}

/// Where a refused request came to.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The tenant.
    pub(crate) tenant: String,
    /// The dialect of the door, if it came to one.
    pub(crate) door: Option<&'static str>,
    /// The caller's address, as far as it can be trusted.
    pub(crate) origin: IpAddr,
}

impl From<&AtDoor> for Place {
    fn from(AtDoor { dialect, door }: &AtDoor) -> Self {
        Self { tenant: door.tenant.name.clone(), door: Some(dialect.core.key), origin: door.origin }
    }
}

/// Says of a refusal where it was made.
pub(crate) fn placed(mut response: Response, place: impl Into<Place>) -> Response {
    if let Some(logged) = response.extensions_mut().get_mut::<Logged>() {
        logged.at(place.into());
    }
    response
}

impl Memory {
    pub(crate) fn new(kept: Arc<RefusedRequests>, listener: Listener) -> Self {
        Self { kept, listener }
    }

    /// Keeps a response that is a refusal. A success costs nothing here.
    pub(crate) fn keep(
        &self,
        response: &Response,
        id: &RequestId,
        (method, path): (&Method, &str),
        peer: Option<IpAddr>,
    ) {
        let logged = response.extensions().get::<Logged>();
        let Some((refused, place)) = logged.and_then(Logged::refused) else { return };
        self.kept.remember(RefusedRequest {
            request_id: id.as_str().to_owned(),
            tenant: place.map(|place| place.tenant.clone()),
            listener: self.listener.name(),
            door: place.and_then(|place| place.door),
            method: method.to_string(),
            path: path.to_owned(),
            origin: place.map(|place| place.origin).or(peer),
            status: response.status().as_u16(),
            refused: refused.clone(),
        });
    }
}
