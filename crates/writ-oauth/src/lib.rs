//! The pure part.

pub mod jose;
