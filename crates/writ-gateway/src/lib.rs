//! The data plane of Writ: it stands in front of APIs, lets through what a token allows, and forwards it.
//!
//! [`Gateway::serve`] is the path of an API call: normal form, route, token, decision, upstream. Whatever is not
//! allowed is a [`Denied`], which the front door words; nothing that was refused reaches an upstream.

mod bearer;
mod body;
mod connect;
mod connection;
mod denied;
mod form;
mod forward;
mod framing;
mod gateway;
mod headers;
mod health;
mod pool;
mod server;
mod upgrade;
mod via;

pub use body::Download;
pub use denied::Denied;
pub use gateway::{Caller, Gateway, route};
