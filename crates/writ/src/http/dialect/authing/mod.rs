//! The `authing` dialect: the machine-to-machine token endpoint of Authing.

mod door;
mod refusals;

pub(super) use door::DOOR;
