//! Connections that were upgraded to another protocol (WebSocket, most of the time): both ends joined, and cut when
//! the token that opened them expires.

use std::time::Duration;

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;

/// Copies both ways until one end closes, or the token expires.
pub(crate) async fn join(caller: OnUpgrade, server: OnUpgrade, expires_in: Duration) {
    let (caller, server) = match tokio::try_join!(caller, server) {
        Ok(both) => both,
        Err(error) => {
            tracing::debug!(%error, "an upgrade did not come about");
            return;
        }
    };
    let (mut caller, mut server) = (TokioIo::new(caller), TokioIo::new(server));
    let copying = tokio::io::copy_bidirectional(&mut caller, &mut server);
    match tokio::time::timeout(expires_in, copying).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::debug!(%error, "an upgraded connection broke"),
        Err(_) => tracing::debug!("an upgraded connection was closed because its token expired"),
    }
}
