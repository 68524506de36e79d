//! The unused connections to one server.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::Body;

use crate::connection::Connection;

/// How long an unused connection is kept: less than the usual five seconds of servers that close theirs.
const IDLE: Duration = Duration::from_secs(4);
/// How many unused connections are kept to each server.
const IDLE_CONNECTIONS: usize = 256;

/// Connections that wait for a request, the one that was used last at the end.
pub(crate) struct Pool<B: Body<Data = Bytes> + Unpin + 'static>(Mutex<Vec<(Connection<B>, Instant)>>);

impl<B: Body<Data = Bytes> + Unpin + 'static> Default for Pool<B> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<B: Body<Data = Bytes> + Unpin + 'static> Pool<B> {
    /// The connection that was used last, unless that is too long ago. Its server may have closed it all the same.
    pub(crate) fn take(&self) -> Option<Connection<B>> {
        let (connection, since) = self.idle().pop()?;
        if since.elapsed() < IDLE {
            return Some(connection);
        }
        // Those before it have waited longer still.
        self.forget_idle(Instant::now());
        None
    }

    pub(crate) fn give(&self, connection: Connection<B>) {
        let mut idle = self.idle();
        if idle.len() < IDLE_CONNECTIONS {
            idle.push((connection, Instant::now()));
        }
    }

    /// Closes what has not been used for long.
    pub(crate) fn forget_idle(&self, now: Instant) {
        let mut idle = self.idle();
        let old = idle.partition_point(|(_, since)| now.duration_since(*since) >= IDLE);
        let closed: Vec<_> = idle.drain(..old).collect();
        // Closing takes its time, and others wait.
        drop(idle);
        drop(closed);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(Connection<B>, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection on which something of a request or its answer is still under way. It goes back to its pool when that is
/// through, and is closed when this is dropped before.
pub(crate) struct Underway<B: Body<Data = Bytes> + Unpin + 'static> {
    connection: Option<Connection<B>>,
    pool: Arc<Pool<B>>,
}

impl<B> Underway<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    pub(crate) fn new(connection: Option<Connection<B>>, pool: &Arc<Pool<B>>) -> Self {
        let mut underway = Self { connection, pool: Arc::clone(pool) };
        underway.settle();
        underway
    }

    /// Whether all is through.
    pub(crate) fn is_through(&self) -> bool {
        self.connection.is_none()
    }

    /// Lets the connection do what can be done now.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) {
        if let Some(connection) = &mut self.connection {
            connection.drive(cx);
            self.settle();
        }
    }

    fn settle(&mut self) {
        match self.connection.take_if(|connection| connection.is_free() || connection.has_ended()) {
            Some(connection) if connection.is_free() => self.pool.give(connection),
            Some(_) | None => {}
        }
    }

    /// Leaves it to a task of its own.
    pub(crate) fn by_itself(mut self) {
        tokio::spawn(poll_fn(move |cx| {
            self.drive(cx);
            if self.is_through() { Poll::Ready(()) } else { Poll::Pending }
        }));
    }
}
