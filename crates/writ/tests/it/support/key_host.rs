//! A host of key sets on this machine, over TLS by an authority of its own: it counts what it is asked.

use std::collections::HashMap;
use std::io::{BufReader, Write};
use std::sync::{Arc, Mutex};

use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

use super::certificate::Authority;
use super::upstream::{Upstream, read};

/// A running host. When it is dropped its address refuses connections.
pub(crate) struct KeyHost {
    upstream: Upstream,
    asked: Arc<Mutex<Vec<String>>>,
    documents: Arc<Mutex<HashMap<String, String>>>,
    ca: String,
}

impl KeyHost {
    pub(crate) fn new() -> Self {
        let authority = Authority::new();
        let leaf = authority.sign("issuer");
        let key = PrivateKeyDer::from_pem_file(&leaf.key).unwrap();
        let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = Arc::new(builder.with_single_cert(leaf.leaf(), key).unwrap());
        let (asked, documents) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<Mutex<HashMap<_, String>>>::default());
        let (seen, served) = (Arc::clone(&asked), Arc::clone(&documents));
        let upstream = Upstream::speaking(move |stream| {
            let session = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut reader = BufReader::new(StreamOwned::new(session, stream));
            while let Some(request) = read(&mut reader) {
                let path = request.line().split(' ').nth(1).unwrap().to_owned();
                let body = served.lock().unwrap().get(&path).cloned().unwrap_or_else(|| "null".to_owned());
                seen.lock().unwrap().push(path);
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                reader.get_mut().write_all((head + &body).as_bytes()).unwrap();
            }
        });
        Self { upstream, asked, documents, ca: std::fs::read_to_string(authority.file()).unwrap() }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://{}", self.upstream.address())
    }

    /// The authority that its certificate is of, in PEM.
    pub(crate) fn ca(&self) -> &str {
        &self.ca
    }

    /// From now on a path answers this.
    pub(crate) fn says(&self, path: &str, body: &str) {
        self.documents.lock().unwrap().insert(path.to_owned(), body.to_owned());
    }

    /// From now on `/keys` answers these keys.
    pub(crate) fn has(&self, keys: &Value) {
        self.says("/keys", &serde_json::json!({ "keys": keys }).to_string());
    }

    /// How many requests there were.
    pub(crate) fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}
