//! A request, as a caller would write it.

use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use url::form_urlencoded;
use writ::http::{Peer, PeerCertificate};
use writ_oauth::x509::CallerCertificate;

use super::client_certificate::Made;

/// The host of the operator's tenant in every test.
pub(crate) const HOST: &str = "writ.example";
/// Where requests come from unless a test says otherwise.
const PEER: &str = "192.0.2.1:40000";
const FORM: &str = "application/x-www-form-urlencoded";

/// A request. Headers are sent in the order in which they are given.
#[derive(Clone)]
pub(crate) struct Call {
    method: &'static str,
    target: String,
    host: Option<String>,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    peer: SocketAddr,
    certificate: Option<PeerCertificate>,
}

impl Call {
    pub(crate) fn new(method: &'static str, target: &str) -> Self {
        let host = Some(HOST.to_owned());
        Self {
            method,
            target: target.to_owned(),
            host,
            headers: vec![],
            body: vec![],
            peer: PEER.parse().unwrap(),
            certificate: None,
        }
    }

    pub(crate) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    pub(crate) fn post(target: &str) -> Self {
        Self::new("POST", target)
    }

    pub(crate) fn host(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }

    pub(crate) fn no_host(mut self) -> Self {
        self.host = None;
        self
    }

    pub(crate) fn from(mut self, peer: &str) -> Self {
        self.peer = SocketAddr::new(peer.parse().unwrap(), 40_000);
        self
    }

    /// On a connection with this certificate.
    pub(crate) fn certificate(self, made: &Made) -> Self {
        self.chain(&[made])
    }

    /// On a connection with something that is no certificate of this server's understanding.
    pub(crate) fn unreadable_certificate(mut self) -> Self {
        let read = CallerCertificate::from_tls([&b"\x30\x00"[..]]);
        self.certificate = Some(PeerCertificate(read.map(Arc::new)));
        self
    }

    /// On a connection with this certificate and those behind it.
    pub(crate) fn chain(mut self, chain: &[&Made]) -> Self {
        let read = CallerCertificate::from_tls(chain.iter().map(|made| &*made.der));
        self.certificate = Some(PeerCertificate(read.map(Arc::new)));
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// A Basic header with the credentials as they are: not form-encoded.
    pub(crate) fn basic(self, id: &str, secret: &str) -> Self {
        self.header("authorization", basic(id, secret))
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// A form with these parameters, encoded.
    pub(crate) fn form(self, parameters: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.raw_form(body)
    }

    /// Another parameter behind those of the form.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        let more = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
        if !self.body.is_empty() {
            self.body.push(b'&');
        }
        self.body.extend(more.into_bytes());
        self
    }

    /// A form whose body is written as it is sent.
    pub(crate) fn raw_form(self, body: impl Into<Vec<u8>>) -> Self {
        self.header("content-type", FORM).body(body)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// As the router takes it.
    pub(crate) fn request(&self) -> Request {
        self.with_body(Body::from(self.body.clone()))
    }

    /// With a body of a kind that [`Call::body`] cannot express.
    pub(crate) fn with_body(&self, body: Body) -> Request {
        let mut request = Request::builder().method(self.method).uri(&self.target).extension(Peer(self.peer));
        if let Some(host) = &self.host {
            request = request.header("host", host);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value.as_bytes());
        }
        if let Some(certificate) = &self.certificate {
            request = request.extension(certificate.clone());
        }
        request.body(body).unwrap()
    }

    /// As it stands in a golden file, and, with CRLF, on the wire.
    pub(crate) fn text(&self) -> String {
        let Self { method, target, headers, body, .. } = self;
        let mut text = format!("{method} {target} HTTP/1.1\n");
        if let Some(host) = &self.host {
            writeln!(text, "host: {host}").unwrap();
        }
        for (name, value) in headers {
            writeln!(text, "{name}: {value}").unwrap();
        }
        text.push('\n');
        text.push_str(&String::from_utf8_lossy(body));
        text
    }

    /// The bytes of an HTTP/1.1 request; the connection ends after it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let length = self.body.len().to_string();
        let framed = self.clone().header("content-length", length).header("connection", "close").body("");
        let mut bytes = framed.text().replace('\n', "\r\n").into_bytes();
        bytes.extend(&self.body);
        bytes
    }
}

/// The value of a Basic header.
pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}
