//! The `idaas` dialect: the machine-to-machine token endpoint of Alibaba Cloud IDaaS (EIAM).

mod assertions;
mod door;
mod refusals;

pub(super) use door::DOOR;
