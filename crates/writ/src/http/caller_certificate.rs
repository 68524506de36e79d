//! The certificate of a caller: of its own connection, or as a trusted proxy tells it (RFC 9440).

use std::sync::Arc;

use axum::http::{Extensions, HeaderMap, HeaderName};
use writ_core::network;
use writ_oauth::Refusal;
use writ_oauth::x509::CallerCertificate;

use super::app::App;
use super::listener::Peer;
use super::tls::PeerCertificate;
use crate::config::ClientCertHeader;

/// <https://www.rfc-editor.org/rfc/rfc9440#section-2.2>
const CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");
/// <https://www.rfc-editor.org/rfc/rfc9440#section-2.3>
const CLIENT_CERT_CHAIN: HeaderName = HeaderName::from_static("client-cert-chain");

/// The caller's certificate, if it has one.
///
/// The connection of a trusted proxy is the proxy's own, and so is a certificate of it: of the caller behind it there is
/// what the proxy says, and only where the configuration has it say something. What anybody else says is not heard.
pub(super) fn of_request(
    app: &App,
    extensions: &Extensions,
    headers: &HeaderMap,
) -> Result<Option<Arc<CallerCertificate>>, Refusal> {
    let peer = extensions.get::<Peer>().map(|Peer(address)| address.ip());
    if peer.is_some_and(|peer| network::contains(&app.trusted_proxies, peer)) {
        return match app.client_cert_header {
            ClientCertHeader::Off => Ok(None),
            ClientCertHeader::Rfc9440 => told(headers),
        };
    }
    let presented = extensions.get::<PeerCertificate>().map(|PeerCertificate(certificate)| certificate.clone());
    presented.transpose().map_err(|fault| malformed(&fault))
}

/// What a trusted proxy tells.
fn told(headers: &HeaderMap) -> Result<Option<Arc<CallerCertificate>>, Refusal> {
    let mut lines = headers.get_all(CLIENT_CERT).iter();
    let certificate = match (lines.next(), lines.next()) {
        (None, _) if headers.contains_key(CLIENT_CERT_CHAIN) => {
            return Err(malformed(&"a chain without a certificate"));
        }
        (None, _) => return Ok(None),
        // One of them may be the caller's own words.
        (Some(_), Some(_)) => return Err(malformed(&"several certificates")),
        (Some(only), None) => only.to_str().map_err(|_| malformed(&"not ASCII"))?,
    };
    // Over a connection without TLS the proxy was shown no certificate: these are the caller's words.
    if headers.get_all("x-forwarded-proto").iter().any(|scheme| scheme != "https") {
        return Err(malformed(&"a certificate without TLS"));
    }
    let chain: Result<Vec<_>, _> = headers.get_all(CLIENT_CERT_CHAIN).iter().map(|line| line.to_str()).collect();
    let chain = chain.map_err(|_| malformed(&"not ASCII"))?.join(",");
    let certificate = CallerCertificate::from_headers(certificate, (!chain.is_empty()).then_some(&*chain));
    certificate.map(|certificate| Some(Arc::new(certificate))).map_err(|fault| malformed(&fault))
}

fn malformed(reason: &dyn std::fmt::Display) -> Refusal {
    tracing::info!(%reason, "a client certificate cannot be used");
    Refusal::ConnectionCertificateMalformed
}
