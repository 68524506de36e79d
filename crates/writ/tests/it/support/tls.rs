//! A caller over TLS.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, HandshakeKind, StreamOwned};

use super::wire::connect;

/// An open connection.
pub(crate) struct Caller(StreamOwned<ClientConnection, TcpStream>);

impl Caller {
    /// Connects and shakes hands.
    pub(crate) fn connect(address: SocketAddr, config: &Arc<ClientConfig>) -> std::io::Result<Self> {
        let name = ServerName::IpAddress(address.ip().into());
        let session = ClientConnection::new(Arc::clone(config), name).unwrap();
        let mut stream = StreamOwned::new(session, connect(address));
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(Self(stream))
    }

    /// The protocol that was agreed on.
    pub(crate) fn protocol(&self) -> Option<&str> {
        self.0.conn.alpn_protocol().map(|name| std::str::from_utf8(name).unwrap())
    }

    /// Whether it is a session that goes on.
    pub(crate) fn resumed(&self) -> bool {
        self.0.conn.handshake_kind() == Some(HandshakeKind::Resumed)
    }

    /// The certificate that the server showed.
    pub(crate) fn leaf(&self) -> CertificateDer<'static> {
        self.0.conn.peer_certificates().unwrap()[0].clone().into_owned()
    }

    /// Sends bytes and reads the head of an answer and as much of its body as is said to be there.
    pub(crate) fn exchange(&mut self, bytes: &[u8]) -> String {
        self.0.write_all(bytes).unwrap();
        let mut read = Vec::new();
        let mut byte = [0];
        while !read.ends_with(b"\r\n\r\n") {
            self.0.read_exact(&mut byte).unwrap();
            read.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&read).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        self.0.read_exact(&mut body).unwrap();
        read.extend(body);
        String::from_utf8(read).unwrap()
    }

    /// Reads until the server closes.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut read = Vec::new();
        match self.0.read_to_end(&mut read) {
            Err(error) if error.kind() != ErrorKind::UnexpectedEof => panic!("{error}"),
            Ok(_) | Err(_) => read,
        }
    }
}
