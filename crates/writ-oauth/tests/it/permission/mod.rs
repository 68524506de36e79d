//! Permission decisions.

mod resource;
mod resource_properties;
