//! CMS (PKCS #7) SignedData: signed documents in, proven content out.
//!
//! Clouds sign what they say of an instance as such a message. [`verify`] is one call for all of it:
//! the form, the signed attributes, every signer's signature, and why each signer is trusted; only it
//! can make a [`SignedContent`]. Bytes and `now` in, values out; nothing is fetched.
//!
//! The way of a document: text to bytes (`input.rs`), BER to DER (`ber.rs`), the structure
//! (`signed_data.rs`), then per signer the algorithms (`algorithm.rs`), the signed attributes
//! (`attributes.rs`), the mathematics (`signature.rs`) and the certificate (`trust.rs`).

mod algorithm;
mod attributes;
mod ber;
mod facts;
mod fault;
mod input;
mod signature;
mod signed_data;
mod trust;
mod verify;

pub use fault::CmsFault;
pub use input::MAX_DOCUMENT_BYTES;
pub use signed_data::{MAX_CERTIFICATES, MAX_SIGNERS};
pub use trust::Trust;
pub use verify::{SignedContent, verify};
