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
        (Refusal::CertificateMalformed, door.ask(&[READ]).and("client_id", "cert-named").unreadable_certificate()),
        (Refusal::CertificateUnknown, ask("cert-named", &party.own)),
        (Refusal::CertificateProviderDisabled, ask("cert-off", &party.named)),
        (Refusal::CertificateUntrusted, ask("cert-named", &party.impostor)),
        (Refusal::CertificateExpired, ask("cert-named", &party.expired)),
        (Refusal::CertificatePurpose, ask("cert-named", &party.purpose)),
        (Refusal::CertificateRevoked, ask("cert-named", &party.revoked)),
        (Refusal::CertificateTrustCondition, ask("cert-choosy", &party.named)),
        (Refusal::CertificateMissing, door.ask(&[READ]).basic("bound", SECRET)),
    ]
}
