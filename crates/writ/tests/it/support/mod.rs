//! What several tests stand on.

pub(crate) mod client_script;
pub(crate) mod command;
pub(crate) mod database;
pub(crate) mod process;
pub(crate) mod reference;
