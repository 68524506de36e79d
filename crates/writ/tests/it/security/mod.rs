//! Attacks on the server as a whole. Many cases stand beside what they attack, with their number in the test's name.

mod grants;
mod keys;
mod secrecy;
mod strangers;
mod tokens;
