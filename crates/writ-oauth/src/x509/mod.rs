//! X.509 certificates: read, verified up to an anchor, matched, and told as facts.
//!
//! Bytes and `now` in, values out. Nothing is fetched, and nothing that a certificate names is
//! followed. A [`Certificate`] has been read and proven nothing.

mod certificate;
mod fault;

pub use certificate::{Certificate, MAX_CERTIFICATE_BYTES};
pub use fault::CertificateFault;
