//! A connection whose caller must begin in time.
//!
//! hyper counts the time for a request's headers from the moment it knows which version of HTTP they are in. Who sends
//! nothing, or only the first letters, would keep a connection for ever; this is the time limit for those.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// So many bytes tell the version: the length of the HTTP/2 preface, and less than any HTTP/1.1 request has.
///
/// <https://www.rfc-editor.org/rfc/rfc9113#section-3.4>
const TELLING: usize = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".len();

/// Up to so many bytes, to join pieces costs less than to send them side by side.
const SHORT: usize = 4096;

/// A stream whose first bytes must be there before a deadline.
pub(super) struct Prompt<S> {
    stream: S,
    heard: usize,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<S> Prompt<S> {
    /// The time runs from now.
    pub(super) fn new(stream: S, limit: Duration) -> Self {
        Self { stream, heard: 0, deadline: Some(Box::pin(sleep(limit))) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Prompt<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.heard = self.heard.saturating_add(buffer.filled().len() - before);
        if self.heard >= TELLING {
            self.deadline = None;
        }
        match &mut self.deadline {
            Some(deadline) if read.is_pending() => {
                deadline.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
            }
            Some(_) | None => read,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Prompt<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut filled = slices.iter().filter(|slice| !slice.is_empty());
        let bytes: usize = slices.iter().map(|slice| slice.len()).sum();
        match (filled.next(), filled.next()) {
            // The system call for several does more than the one for one.
            (Some(only), None) => Pin::new(&mut self.stream).poll_write(cx, only),
            (Some(_), Some(_)) if bytes <= SHORT => {
                let mut joined = Vec::with_capacity(bytes);
                for slice in slices {
                    joined.extend_from_slice(slice);
                }
                Pin::new(&mut self.stream).poll_write(cx, &joined)
            }
            (_, _) => Pin::new(&mut self.stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
