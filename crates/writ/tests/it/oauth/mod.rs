//! `R/oauth2`: the door that speaks the RFCs.

pub(crate) mod metadata;
pub(crate) use metadata::PLACES;
mod resource;
mod token;
