//! Bodies on their way through: they stream, they may not stand still for ever, and their trailers claim nothing.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep_until};
use writ_oauth::Refusal;

use crate::headers;

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
}

impl Progress {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            started: Instant::now(),
            last: AtomicU64::new(0),
            awaits_caller: AtomicBool::new(false),
            broken: AtomicBool::new(false),
        })
    }

    /// Whether the caller broke off inside its body.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
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

/// A body that waits to be sent. As long as nothing of it was read, it can be sent to another server.
pub(crate) struct Waiting<B> {
    body: Arc<Mutex<Option<B>>>,
    size: SizeHint,
    is_empty: bool,
}

impl<B: Body> Waiting<B> {
    pub(crate) fn new(body: B) -> Self {
        let (size, is_empty) = (body.size_hint(), body.is_end_stream());
        Self { body: Arc::new(Mutex::new(Some(body))), size, is_empty }
    }
}

impl<B> Waiting<B> {
    /// Whether nothing of it was read.
    pub(crate) fn is_untouched(&self) -> bool {
        self.body.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

/// The body of a request.
pub(crate) struct Upload<B> {
    waiting: Arc<Mutex<Option<B>>>,
    begun: Option<B>,
    size: SizeHint,
    is_empty: bool,
    progress: Arc<Progress>,
}

impl<B> Upload<B> {
    pub(crate) fn new(waiting: &Waiting<B>, progress: Arc<Progress>) -> Self {
        let Waiting { body, size, is_empty } = waiting;
        Self { waiting: Arc::clone(body), begun: None, size: *size, is_empty: *is_empty, progress }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Upload<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        if self.begun.is_none() {
            let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
            self.begun = waiting;
        }
        let Some(body) = &mut self.begun else { return Poll::Ready(None) };
        let polled = Pin::new(body).poll_frame(cx);
        match &polled {
            Poll::Pending => self.progress.awaits_caller.store(true, Ordering::Relaxed),
            Poll::Ready(Some(Err(_))) => self.progress.broken.store(true, Ordering::Relaxed),
            Poll::Ready(Some(Ok(_)) | None) => self.progress.moved(),
        }
        polled.map_ok(without_claims)
    }

    fn is_end_stream(&self) -> bool {
        self.begun.as_ref().map_or(self.is_empty, Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.begun.as_ref().map_or(self.size, Body::size_hint)
    }
}

/// The body of an answer.
pub struct Download {
    inner: Incoming,
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

impl Download {
    pub(crate) fn new(inner: Incoming, patience: Duration, expires_in: Duration) -> Self {
        let endless = inner.size_hint().exact().is_none();
        // A token lives for thirty days at most, so the sum does not overflow.
        let expires = endless.then(|| Box::pin(sleep_until(Instant::now() + expires_in)));
        Self { inner, patience, stalled: None, moved: true, broken: None, expires, untold: false }
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

impl Body for Download {
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
        match Pin::new(&mut self.inner).poll_frame(cx) {
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
