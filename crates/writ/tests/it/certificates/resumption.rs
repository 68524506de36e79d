//! A session that goes on is still the caller's who began it.

use rustls::version::{TLS12, TLS13};
use tokio_util::sync::CancellationToken;

use super::of;
use crate::support::catalogue::documents;
use crate::support::certificate::Authority;
use crate::support::client_certificate::Party;
use crate::support::door::Door;
use crate::support::reply::Reply;
use crate::support::server::Server;
use crate::support::tls::Caller;
use crate::support::wire::{on_a_socket, tls_of};

/// Whoever resumes a session has its secrets, which only who showed the certificate got.
#[test]
fn a_resumed_session_has_the_certificate_that_it_began_with_and_no_other() {
    let (authority, server, folder) = (Authority::new(), Server::new(), tempfile::tempdir().unwrap());
    server.apply("default", &documents());
    let stop = CancellationToken::new();
    let tls = Some(tls_of(&authority.sign("leaf")));
    let address = on_a_socket(server.public_router(), tls, &server.app.limits, &stop);
    let own = Party::get().named.written(folder.path(), "named");
    let ask = of(Door::Oauth, "cert-named").bytes();
    for version in [&TLS12, &TLS13] {
        let with = authority.client_with(version, &[], Some(&own));
        for resumed in [false, true, true] {
            let mut caller = Caller::connect(address, &with).unwrap();
            assert_eq!(caller.resumed(), resumed, "{version:?}");
            assert_eq!(Reply::parse(&caller.exchange(&ask)).status, 200, "{version:?}");
        }
        let without = authority.client(version, &[]);
        for resumed in [false, true] {
            let mut caller = Caller::connect(address, &without).unwrap();
            assert_eq!(caller.resumed(), resumed, "{version:?}");
            assert_eq!(Reply::parse(&caller.exchange(&ask)).error(401), "invalid_client");
        }
    }
    stop.cancel();
}
