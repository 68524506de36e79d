//! From a name to the addresses that may be connected to.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::OutboundFault;
use super::address::Guard;

/// Resolves as the system does, and keeps what the guard lets through. The connection is made to these very addresses:
/// a name that means something else a moment later gains nothing.
pub(super) struct GuardedResolver(pub(super) Guard);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name.as_str(), 0)).await;
            let addresses: Vec<SocketAddr> = addresses.map_err(|_| OutboundFault::NameUnknown)?.collect();
            let (reachable, refused): (Vec<_>, Vec<_>) =
                addresses.into_iter().partition(|address| guard.check(address.ip()).is_ok());
            match (reachable.is_empty(), refused.first()) {
                (false, _) => Ok(Box::new(reachable.into_iter()) as Addrs),
                (true, Some(_)) => Err(guard.refusal().into()),
                (true, None) => Err(OutboundFault::NameUnknown.into()),
            }
        })
    }
}
