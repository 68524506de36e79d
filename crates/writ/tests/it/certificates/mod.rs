//! Client certificates (RFC 8705): who proves itself by one, what is bound to it, and who may tell of one. One request
//! for each refusal stands in `refusals`; here is where the lines between right and wrong run.

mod admin;
mod binding;
mod clients;
mod header;
mod method;
mod proxies;
mod resumption;
mod self_signed;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::support::answer::Answer;
use crate::support::call::Call;
use crate::support::catalogue::READ;
use crate::support::client_certificate::Made;
use crate::support::door::Door;
use crate::support::server::shared;

/// A request of a client that names itself and nothing else.
fn of(door: Door, client: &str) -> Call {
    door.ask(&[READ]).and("client_id", client)
}

/// Sends it to the shared server on a connection with a certificate.
fn send(door: Door, client: &str, certificate: &Made) -> Answer {
    shared().public(&of(door, client).certificate(certificate))
}

/// What `x5t#S256` says of a certificate.
pub(crate) fn thumbprint(made: &Made) -> String {
    let digest = writ_oauth::x509::Certificate::from_der(&made.der).unwrap().sha256();
    URL_SAFE_NO_PAD.encode(digest)
}
