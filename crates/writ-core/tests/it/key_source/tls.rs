use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;
use writ_core::key_source::KeySource;
use writ_core::outbound::{OutboundFault, Roots};

use super::stand_in::{StandIn, ok};
use super::{ISSUER, NOW, key_sets, outbound, set};

/// An authority of a test's own, and a server that it knows as this machine.
struct Authority(TempDir);

impl Authority {
    fn new() -> Self {
        let authority = Self(tempfile::tempdir().unwrap());
        let ec = "-nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256";
        authority.openssl(&format!(
            "req -x509 -days 30 -subj /CN=Authority {ec} -keyout ca.key -out ca.pem \
             -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign"
        ));
        authority.openssl(&format!("req -subj /CN=leaf {ec} -keyout leaf.key -out leaf.csr"));
        let extensions = "basicConstraints=critical,CA:FALSE\nsubjectAltName=IP:127.0.0.1\n";
        std::fs::write(authority.file("leaf.ext"), extensions).unwrap();
        authority.openssl(
            "x509 -req -days 30 -in leaf.csr -out leaf.pem -CA ca.pem -CAkey ca.key -CAcreateserial -extfile leaf.ext",
        );
        authority
    }

    fn openssl(&self, arguments: &str) {
        let made =
            Command::new("openssl").args(arguments.split_whitespace()).current_dir(self.0.path()).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    fn file(&self, name: &str) -> impl AsRef<Path> {
        self.0.path().join(name)
    }

    fn roots(&self) -> Roots {
        Roots::parse(&std::fs::read_to_string(self.file("ca.pem")).unwrap()).unwrap()
    }

    fn acceptor(&self) -> TlsAcceptor {
        let chain = vec![CertificateDer::from_pem_file(self.file("leaf.pem")).unwrap()];
        let key = PrivateKeyDer::from_pem_file(self.file("leaf.key")).unwrap();
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        TlsAcceptor::from(Arc::new(builder.with_single_cert(chain, key).unwrap()))
    }
}

async fn server(authority: &Authority) -> StandIn {
    let keys = set(&["a"]);
    StandIn::listen("https", Some(authority.acceptor()), move |_| ok(&keys)).await
}

#[tokio::test]
async fn a_private_clusters_own_authority_can_be_trusted_source_by_source() {
    let (ours, another) = (Authority::new(), Authority::new());
    let (server, sets) = (server(&ours).await, key_sets());
    let source = |roots| KeySource::uri(ISSUER, &server.url("/jwks"), roots).unwrap();
    for roots in [None, Some(another.roots())] {
        let fault = outbound(sets.keys(&source(roots), None, NOW).await);
        assert!(matches!(&fault, OutboundFault::Unreachable(why) if why.contains("certificate")), "{fault}");
    }
    assert!(sets.keys(&source(Some(ours.roots())), None, NOW).await.unwrap().has("a"));
    // What one source trusts, another does not.
    assert!(sets.keys(&source(None), None, NOW + 60).await.is_err());
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_certificate_of_another_name_is_refused() {
    let authority = Authority::new();
    let (server, sets) = (server(&authority).await, key_sets());
    let url = server.url("/jwks").replace("127.0.0.1", "localhost");
    let source = KeySource::uri(ISSUER, &url, Some(authority.roots())).unwrap();
    assert!(matches!(outbound(sets.keys(&source, None, NOW).await), OutboundFault::Unreachable(_)));
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn discovery_trusts_the_same_roots() {
    let authority = Authority::new();
    let server = server(&authority).await;
    let (url, keys) = (server.url(""), set(&["a"]));
    let document = json!({ "issuer": url, "jwks_uri": format!("{url}/keys") });
    server.answers(move |path| ok(if path == "/keys" { &keys } else { &document }));
    let source = KeySource::discover(&server.url(""), Some(authority.roots())).unwrap();
    assert!(key_sets().keys(&source, None, NOW).await.unwrap().has("a"));
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_not_reached() {
    let plain = StandIn::start(|_| vec![]).await;
    let source = KeySource::uri(ISSUER, &plain.url("/jwks").replace("http:", "https:"), None).unwrap();
    assert!(matches!(outbound(key_sets().keys(&source, None, NOW).await), OutboundFault::Unreachable(_)));
}
