//! A client's certificate as a TLS-terminating proxy tells it (RFC 9440).
//!
//! Whoever calls this knows that the header is from a proxy that is trusted to set it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::certificate::Certificate;
use super::fault::ReadFault;
use super::read::{MAX_TEXT_BYTES, push};

/// Reads the value of `Client-Cert`.
///
/// > Client-Cert is a Byte Sequence with the value of the header encoded as described in Section
/// > 2.1.
///
/// Parameters are refused: none is defined, so that one would be somebody's mistake.
///
/// <https://www.rfc-editor.org/rfc/rfc9440#section-2.2>
pub fn from_client_cert_header(value: &str) -> Result<Certificate, ReadFault> {
    if value.len() > MAX_TEXT_BYTES {
        return Err(ReadFault::TooLarge);
    }
    let der = byte_sequence(value.trim_matches(' '))?;
    Ok(Certificate::from_der(&der)?)
}

/// Reads the value of `Client-Cert-Chain`, the values of several such fields joined by commas.
///
/// > Each item in the List MUST be a Byte Sequence encoded as described in Section 2.1. The order
/// > is the same as the ordering in TLS
///
/// The certificate of `Client-Cert` is not among them.
///
/// <https://www.rfc-editor.org/rfc/rfc9440#section-2.3>
pub fn from_client_cert_chain_header(value: &str) -> Result<Vec<Certificate>, ReadFault> {
    if value.len() > MAX_TEXT_BYTES {
        return Err(ReadFault::TooLarge);
    }
    let mut certificates = Vec::new();
    for member in value.trim_matches(' ').split(',') {
        // Optional whitespace is spaces and tabs (RFC 8941 section 4.2.1).
        push(&mut certificates, &byte_sequence(member.trim_matches([' ', '\t']))?)?;
    }
    Ok(certificates)
}

/// > A Byte Sequence is delimited with colons and encoded using base64
///
/// Padding is asked for, and zero bits behind the last octet: one certificate has one text.
///
/// <https://www.rfc-editor.org/rfc/rfc8941#section-3.3.5>
fn byte_sequence(item: &str) -> Result<Vec<u8>, ReadFault> {
    let base64 = item.strip_prefix(':').and_then(|rest| rest.strip_suffix(':')).ok_or(ReadFault::Header)?;
    STANDARD.decode(base64).map_err(|_| ReadFault::Header)
}
