//! The front doors: what is HTTP, and only that.

mod admin;
mod answered;
mod app;
mod body;
mod caller_certificate;
mod cors;
mod dialect;
mod door;
mod errors_page;
mod gateway;
mod introspection;
mod listener;
mod metadata;
mod prompt;
mod refusal_memory;
mod reply;
mod request_id;
mod revocation;
mod router;
mod tls;
mod token;
mod token_request;
mod validation;

pub use app::App;
pub(crate) use dialect::ASSERTION_WORDS;
pub use dialect::CORE as DIALECTS;
pub use errors_page::markdown as errors_markdown;
pub use listener::{Answering, OverTls, Peer, serve};
pub use request_id::Logged;
pub use router::{admin, gateway, public};
pub use tls::{PeerCertificate, Tls};
