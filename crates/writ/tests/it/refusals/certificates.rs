//! One request for each rule of client certificates.

use writ_oauth::Refusal;

use super::cases::Broken;
use crate::support::catalogue::{READ, SECRET};
use crate::support::client_certificate::{Made, Party};
use crate::support::door::Door;

pub(super) fn broken(door: Door) -> Broken {
    let party = Party::get();
    let ask = |client: &str, certificate: &Made| door.ask(&[READ]).and("client_id", client).certificate(certificate);
    vec![
        (
            Refusal::ConnectionCertificateMalformed,
            door.ask(&[READ]).and("client_id", "cert-named").unreadable_certificate(),
        ),
        (Refusal::ConnectionCertificateUnknown, ask("cert-named", &party.own)),
        (Refusal::ConnectionCertificateProviderDisabled, ask("cert-off", &party.named)),
        (Refusal::ConnectionCertificateUntrusted, ask("cert-named", &party.impostor)),
        (Refusal::ConnectionCertificateExpired, ask("cert-named", &party.expired)),
        (Refusal::ConnectionCertificatePurpose, ask("cert-named", &party.purpose)),
        (Refusal::ConnectionCertificateRevoked, ask("cert-named", &party.revoked)),
        (Refusal::ConnectionCertificateTrustCondition, ask("cert-choosy", &party.named)),
        (Refusal::ConnectionCertificateMissing, door.ask(&[READ]).basic("bound", SECRET)),
    ]
}
