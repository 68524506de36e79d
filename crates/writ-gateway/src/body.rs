//! Bodies on their way through: they stream, they may not stand still for ever, and their trailers claim nothing.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};
use writ_oauth::Refusal;

use crate::headers;
use crate::pool::Underway;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// How the body of a request is coming along.
pub(crate) struct Progress {
    started: Instant,
    /// Milliseconds after the start at which something was last sent.
    last: AtomicU64,
    /// Whether the caller has yet to send what comes next.
    awaits_caller: AtomicBool,
    /// Whether the caller broke off.
    broken: AtomicBool,
    /// Whether nothing is left to be sent.
    sent: AtomicBool,
}

impl Progress {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            started: Instant::now(),
            last: AtomicU64::new(0),
            awaits_caller: AtomicBool::new(false),
            broken: AtomicBool::new(false),
            sent: AtomicBool::new(false),
        })
    }

    /// Whether the caller broke off inside its body.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    /// Whether nothing is left to be sent.
    pub(crate) fn is_sent(&self) -> bool {
        self.sent.load(Ordering::Relaxed)
    }

    fn moved(&self) {
        let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(elapsed, Ordering::Relaxed);
        self.awaits_caller.store(false, Ordering::Relaxed);
    }

    /// Waits until nothing has moved for so long, and says who was to blame.
    pub(crate) async fn stalled(&self, patience: Duration) -> Refusal {
        loop {
            let last = self.last.load(Ordering::Relaxed);
            sleep_until(self.started + Duration::from_millis(last) + patience).await;
            if self.last.load(Ordering::Relaxed) == last {
                let callers_turn = self.awaits_caller.load(Ordering::Relaxed);
                return if callers_turn { Refusal::BodyTooSlow } else { Refusal::UpstreamTooSlow };
            }
        }
    }
}

/// The body of a request.
pub(crate) struct Upload<B> {
    body: B,
    progress: Arc<Progress>,
}

impl<B> Upload<B> {
    pub(crate) fn new(body: B) -> Self {
        Self { body, progress: Progress::new() }
    }

    /// Gives the next server as much time as the one before.
    pub(crate) fn begin_again(&self) {
        self.progress.moved();
    }

    /// How it is coming along.
    pub(crate) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Upload<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match &polled {
            Poll::Pending => self.progress.awaits_caller.store(true, Ordering::Relaxed),
            Poll::Ready(Some(Err(_))) => self.progress.broken.store(true, Ordering::Relaxed),
            Poll::Ready(Some(Ok(_)) | None) => self.progress.moved(),
        }
        polled.map_ok(without_claims)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Whoever sends it lets go of it when nothing is left of it.
impl<B> Drop for Upload<B> {
    fn drop(&mut self) {
        self.progress.sent.store(true, Ordering::Relaxed);
    }
}

/// The body of an answer.
pub struct Download<B: Body<Data = Bytes> + Unpin + 'static> {
    inner: Incoming,
    /// What brings it; `None`: all of it is here.
    underway: Option<Underway<B>>,
    patience: Duration,
    /// Runs while the upstream is waited for.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Whether something came since it was last waited for.
    moved: bool,
    /// Why it breaks off, once what came before has been sent on.
    broken: Option<Error>,
    /// When the token expires, for an answer without an end in sight.
    expires: Option<Pin<Box<Sleep>>>,
    /// Whether nothing is said of its length, though there is no body.
    untold: bool,
}

/// Why the body of an answer was broken off.
#[derive(Clone, Copy, Debug, thiserror::Error)]
enum Broken {
    #[error("the upstream did not go on with its answer")]
    Stalled,
    #[error("the token expired")]
    TokenExpired,
}

impl<B> Download<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Error>,
{
    pub(crate) fn new(inner: Incoming, underway: Underway<B>, patience: Duration, expires_in: Duration) -> Self {
        let endless = inner.size_hint().exact().is_none();
        // A token lives for thirty days at most, so the sum does not overflow.
        let expires = endless.then(|| Box::pin(sleep_until(Instant::now() + expires_in)));
        let underway = Some(underway).filter(|underway| !underway.is_through());
        Self { inner, underway, patience, stalled: None, moved: true, broken: None, expires, untold: false }
    }

    /// What comes next of the answer.
    fn poll_inner(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if let Some(underway) = &mut self.underway {
            // It is the connection that brings it: nothing else needs to wake this task.
            let quietly = &mut Context::from_waker(Waker::noop());
            let mut polled = Pin::new(&mut self.inner).poll_frame(quietly);
            if polled.is_pending() {
                underway.drive(cx);
                polled = Pin::new(&mut self.inner).poll_frame(quietly);
            }
            self.underway.take_if(|underway| underway.is_through());
            if polled.is_ready() || self.underway.is_some() {
                return polled;
            }
        }
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    /// The time until which something more must come. A short answer is there at once, and needs none.
    fn stalled(&mut self) -> Pin<&mut Sleep> {
        let until = Instant::now() + self.patience;
        let moved = std::mem::take(&mut self.moved);
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if moved {
            stalled.as_mut().reset(until);
        }
        stalled.as_mut()
    }

    /// Leaves out the length of an answer that has no body: to HEAD, a length of nothing would say that a GET has an
    /// empty body.
    #[must_use]
    pub(crate) fn of_untold_length(mut self, untold: bool) -> Self {
        self.untold = untold;
        self
    }
}

impl<B> Body for Download<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Error>,
{
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Some(expires) = &mut self.expires
            && expires.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Some(Err(Broken::TokenExpired.into())));
        }
        if let Some(broken) = self.broken.take() {
            return Poll::Ready(Some(Err(broken)));
        }
        match self.poll_inner(cx) {
            // An error ends the connection, with all that waits to be sent. A pause before it lets that go out.
            Poll::Ready(Some(Err(error))) if std::mem::take(&mut self.moved) => {
                self.broken = Some(error.into());
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Poll::Ready(frame) => {
                self.moved = true;
                Poll::Ready(frame.map(|frame| frame.map(without_claims).map_err(Into::into)))
            }
            Poll::Pending => {
                let broken = |()| Some(Err(Broken::Stalled.into()));
                self.stalled().poll(cx).map(broken)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        !self.untold && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.untold { SizeHint::default() } else { self.inner.size_hint() }
    }
}

/// A frame; trailers are headers that come late, and the same is taken out of them.
fn without_claims(frame: Frame<Bytes>) -> Frame<Bytes> {
    match frame.into_trailers() {
        Ok(mut trailers) => {
            headers::remove_from_trailers(&mut trailers);
            Frame::trailers(trailers)
        }
        Err(frame) => frame,
    }
}
