//! The accept loop: every connection within its limits, and all of them finished before the server ends.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::Extensions;
use axum::response::Response;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt};

use super::prompt::Prompt;
use super::tls::{PeerCertificate, Tls};
use crate::config::Limits;

/// How long requests that are under way may take to finish when the server is told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// The address at the other end of a request's connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// That a request came over TLS; an extension of it.
#[derive(Clone, Copy, Debug)]
pub struct OverTls;

/// What answers the requests of a listener: a router, or less.
pub trait Answering:
    Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

impl<S> Answering for S where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

/// Answers the requests at a listener, behind TLS if there is a certificate, until told to stop; then drains.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<Tls>>,
    service: impl Answering,
    limits: &Limits,
    stop: CancellationToken,
) {
    let graceful = GracefulShutdown::new();
    let (acceptor, patience) = (tls.map(|tls| tls.acceptor()), limits.header_timeout);
    let connection = Connection { builder: builder(limits), acceptor, patience, service };
    let connections = Arc::new(Semaphore::new(limits.connections));
    loop {
        let permit = tokio::select! {
            () = stop.cancelled() => break,
            permit = Arc::clone(&connections).acquire_owned() => permit,
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (connection, watcher) = (connection.clone(), graceful.watcher());
                tokio::spawn(async move {
                    connection.serve(stream, peer, watcher).await;
                    drop(permit);
                });
            }
            Err(error) => {
                // Out of file descriptors, most likely: give connections time to end.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time and were cut off");
    }
}

fn builder(limits: &Limits) -> Builder<TokioExecutor> {
    /// The smallest buffer that hyper takes.
    const SMALLEST_BUFFER: usize = 8192;
    let header_bytes = u32::try_from(limits.header_bytes).unwrap_or(u32::MAX);
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(limits.header_bytes.max(SMALLEST_BUFFER));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(256)
        .max_header_list_size(header_bytes)
        .max_pending_accept_reset_streams(64)
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(10));
    builder
}

/// How the connections of a listener are served.
#[derive(Clone)]
struct Connection<A> {
    builder: Builder<TokioExecutor>,
    acceptor: Option<TlsAcceptor>,
    /// How long a caller may take for the TLS handshake, and then to begin a request.
    patience: Duration,
    service: A,
}

impl<A: Answering> Connection<A> {
    async fn serve(self, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
        // Small answers leave at once.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
        let Some(acceptor) = self.acceptor.clone() else {
            return self.serve_http(stream, peer, Extensions::new(), watcher).await;
        };
        match tokio::time::timeout(self.patience, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => {
                let certificate = PeerCertificate::of(stream.get_ref().1);
                let mut extensions = Extensions::new();
                extensions.insert(OverTls);
                if let Some(certificate) = certificate {
                    extensions.insert(certificate);
                }
                self.serve_http(stream, peer, extensions, watcher).await;
            }
            Ok(Err(error)) => tracing::debug!(%error, %peer, "a TLS handshake failed"),
            Err(_) => tracing::debug!(%peer, "a TLS handshake took too long"),
        }
    }

    async fn serve_http<S>(self, stream: S, peer: SocketAddr, extensions: Extensions, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (answering, stream) = (self.service, Prompt::new(stream, self.patience));
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            request.extensions_mut().extend(extensions.clone());
            answering.clone().oneshot(request.map(Body::new))
        });
        let connection = self.builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, %peer, "a connection ended badly");
        }
    }
}
