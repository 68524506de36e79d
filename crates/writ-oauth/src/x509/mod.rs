//! X.509 certificates: read, verified up to an anchor, matched, and told as facts.
//!
//! Bytes and `now` in, values out. Nothing is fetched, and nothing that a certificate names is
//! followed. A [`Certificate`] has been read and proven nothing.

mod alt_names;
mod anchors;
mod attribute_type;
mod caller;
mod certificate;
mod chain;
mod chain_fault;
mod client_cert_header;
mod extensions;
mod facts;
mod fault;
mod name;
mod name_text;
mod parts;
mod purpose;
mod read;
mod subject_match;

pub use alt_names::AltNames;
pub use anchors::{Anchors, MAX_ANCHORS, MAX_CRL_BYTES, MAX_CRLS};
pub use caller::CallerCertificate;
pub use certificate::{Certificate, MAX_CERTIFICATE_BYTES};
pub use chain::{ChainPolicy, MAX_INTERMEDIATES, VerifiedChain, verify_chain};
pub use chain_fault::ChainFault;
pub use client_cert_header::{from_client_cert_chain_header, from_client_cert_header};
pub use fault::{AnchorFault, CertificateFault, NameFault, ReadFault, SubjectFault};
pub use name::DistinguishedName;
pub use purpose::Purpose;
pub use read::{MAX_CERTIFICATES, MAX_TEXT_BYTES, read_certificates};
pub use subject_match::SubjectMatch;
