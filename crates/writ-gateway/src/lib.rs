//! The data plane of Writ: it stands in front of APIs, lets through what a token allows, and forwards it.
//!
//! [`Gateway::serve`] is the path of an API call: normal form, route, token, decision, upstream. Whatever is not
//! allowed is a [`Denied`], which the front door words; nothing that was refused reaches an upstream.

mod bearer;
mod denied;
mod forward;
mod gateway;
mod headers;
mod server;
mod upgrade;

pub use denied::Denied;
pub use gateway::{Caller, Gateway};
