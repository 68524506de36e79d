//! Tests of the whole program.

mod clients;
mod demo;
mod process;
mod support;
