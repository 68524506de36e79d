//! Servers on which nothing works any more.

use std::sync::LazyLock;

use super::assertions;
use crate::support::catalogue::documents;
use crate::support::door::Door;
use crate::support::server::{RUNTIME, Server, Setup, shared};

/// The server that a case is shown on.
#[derive(Clone, Copy)]
pub(crate) enum On {
    /// The shared one.
    Shared,
    /// One whose database is away.
    WithoutDatabase,
    /// One on which [`assertions::good`] was used at every door.
    Spent,
    /// One whose configuration was last confirmed too long ago.
    Stale,
}

impl On {
    pub(crate) fn get(self) -> &'static Server {
        match self {
            Self::Shared => shared(),
            Self::WithoutDatabase => &WITHOUT_DATABASE,
            Self::Spent => &SPENT,
            Self::Stale => &STALE,
        }
    }
}

static WITHOUT_DATABASE: LazyLock<Server> = LazyLock::new(|| {
    let server = Server::open(Setup { follows: false, ..Setup::default() });
    RUNTIME.block_on(server.app.core.close());
    server
});

static SPENT: LazyLock<Server> = LazyLock::new(|| {
    let server = Server::new();
    server.apply("default", &documents());
    for door in Door::ALL {
        server.public(&assertions::good(door)).ok();
    }
    server
});

static STALE: LazyLock<Server> = LazyLock::new(|| {
    let server = Server::new();
    server.apply("default", &documents());
    RUNTIME.block_on(server.app.core.close());
    server.advance_unconfirmed(301);
    server
});
