//! What is fuzzed: each target takes any bytes and panics when a promise is broken.
//!
//! The fuzzer runs one of them with bytes that it makes up; a test of `writ-oauth` runs them all with every file of the
//! corpus. A promise is more than not to panic: what is accepted reads back as itself, agrees with a plainer reading,
//! and was signed by somebody.

#![expect(clippy::expect_used, clippy::panic, reason = "a promise that is broken is a finding")]

mod basic_header;
mod certificate_chain;
mod client_assertion;
mod cms;
mod compact_jws;
mod expression;
mod fixture;
mod form;
mod jwk_set;
mod presented;
mod resource_scope;

/// A name, which is also that of the folder in the corpus, and what takes the bytes.
type Target = (&'static str, fn(&[u8]));

/// Every target there is.
pub(crate) const TARGETS: [Target; 9] = [
    ("basic_header", basic_header::check),
    ("certificate_chain", certificate_chain::check),
    ("client_assertion", client_assertion::check),
    ("cms", cms::check),
    ("compact_jws", compact_jws::check),
    ("expression", expression::check),
    ("form", form::check),
    ("jwk_set", jwk_set::check),
    ("resource_scope", resource_scope::check),
];
