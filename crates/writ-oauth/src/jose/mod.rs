//! JOSE.
mod alg;
pub use alg::Alg;
