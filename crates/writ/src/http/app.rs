//! What every handler has at hand.

use axum::body::Body;
use ipnet::IpNet;
use writ_core::Core;
use writ_gateway::Gateway;

use crate::config::{ClientCertHeader, Limits};

/// The state of the front doors.
pub struct App {
    /// The use cases.
    pub core: Core,
    /// What a request may cost.
    pub limits: Limits,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether they tell the certificates of their callers.
    pub client_cert_header: ClientCertHeader,
    /// The root of the admin API, for its own metadata.
    pub admin_url: String,
    /// What stands in front of APIs.
    pub gateway: Gateway<Body>,
    /// The gateway's own address, for metadata of resources that have no URL.
    pub gateway_url: String,
}
