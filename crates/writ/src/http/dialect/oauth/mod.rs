//! The `oauth` dialect: the RFCs.

mod door;
mod refusals;

pub(super) use door::DOOR;
