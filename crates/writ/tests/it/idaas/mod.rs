//! `R/api/v2/iauths_system/oauth2`: the door that speaks as the vendor's does.

mod metadata;
mod token;
