//! A connection to a server, which does its work when it is polled by whoever has a request on it.
//!
//! A task of its own for each connection would have to be woken for every request and wake its caller for every answer.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1};
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::coop::unconstrained;

use crate::body::Upload;

/// A connection on which one request at a time is sent.
pub(crate) struct Connection<B: Body<Data = Bytes> + Unpin + 'static> {
    requests: http1::SendRequest<Upload<B>>,
    /// Boxed, because it is large and moves with each request.
    driver: Box<http1::Connection<MaybeHttpsStream<TokioIo<TcpStream>>, Upload<B>>>,
    /// Whether its driver has come to an end.
    ended: bool,
}

/// The head of an answer, and the connection that it came on.
pub(crate) type Answered<B> = (Response<Incoming>, Option<Connection<B>>);

/// Why there is no answer; with the request, if nothing of it was sent.
pub(crate) type Unanswered<B> = TrySendError<Request<Upload<B>>>;

impl<B> Connection<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    pub(crate) fn new(
        requests: http1::SendRequest<Upload<B>>,
        driver: http1::Connection<MaybeHttpsStream<TokioIo<TcpStream>>, Upload<B>>,
    ) -> Self {
        Self { requests, driver: Box::new(driver), ended: false }
    }

    /// Sends a request and waits for the head of its answer. Whatever is left of the request and of the answer then
    /// needs the connection to be driven on; there is none once it has ended.
    pub(crate) async fn send(mut self, request: Request<Upload<B>>) -> Result<Answered<B>, Unanswered<B>> {
        let mut answer = pin!(unconstrained(self.requests.try_send_request(request)));
        let answered = poll_fn(|cx| {
            self.drive(cx);
            // It is the driver that brings the answer: nothing else needs to wake this task.
            match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(answer) => Poll::Ready(Some(answer)),
                Poll::Pending if self.ended => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            }
        });
        if let Some(answer) = answered.await {
            return Ok((answer?, Some(self).filter(|connection| !connection.ended)));
        }
        // A request that still waits in a connection that has ended comes back when that is gone.
        drop(self);
        Ok((answer.await?, None))
    }

    /// Sends a request that may turn the connection into one of another protocol. It is driven by a task of its own,
    /// and no other request can follow.
    pub(crate) async fn send_upgrade(
        mut self,
        request: Request<Upload<B>>,
    ) -> Result<Response<Incoming>, Unanswered<B>> {
        let answer = self.requests.try_send_request(request);
        tokio::spawn(self.driver.with_upgrades());
        answer.await
    }

    /// Lets it do what can be done now.
    pub(crate) fn drive(&mut self, cx: &mut Context<'_>) {
        self.ended = self.ended || Pin::new(&mut self.driver).poll(cx).is_ready();
    }

    /// Whether request and answer are through, so that another request can follow.
    pub(crate) fn is_free(&self) -> bool {
        !self.ended && self.requests.is_ready()
    }

    /// Whether nothing can come of it any more.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }
}
