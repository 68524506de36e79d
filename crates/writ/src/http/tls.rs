//! TLS for listeners: one certificate, read again whenever its files change, without dropping a connection.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use arc_swap::ArcSwap;
use rustls::CommonState;
use rustls::DigitallySignedStruct;
use rustls::DistinguishedName;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ClientHello, ResolvesServerCert, ServerConfig};
use rustls::sign::CertifiedKey;
use rustls::{Error, SignatureScheme};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use writ_oauth::x509::{CallerCertificate, ReadFault};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(5);

/// The certificate of this server's listeners.
pub struct Tls {
    current: Arc<Current>,
    config: Arc<ServerConfig>,
    certificate: PathBuf,
    key: PathBuf,
}

/// The certificate that a caller presented, with those beside it: proven to be its own, and not yet trusted in any way.
/// Read once for a connection; or why it cannot be read.
#[derive(Clone)]
pub struct PeerCertificate(pub Result<Arc<CallerCertificate>, ReadFault>);

impl PeerCertificate {
    /// The certificates of a connection, if there are any. Of a session that goes on they are those that it began with:
    /// nobody but who had the key then has the session's secrets.
    pub fn of(session: &CommonState) -> Option<Self> {
        let chain = session.peer_certificates()?;
        Some(Self(CallerCertificate::from_tls(chain.iter().map(AsRef::as_ref)).map(Arc::new)))
    }
}

impl Tls {
    /// Reads certificate chain and key from PEM files.
    pub fn open(certificate: &Path, key: &Path) -> Result<Self> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let current = Arc::new(Current(ArcSwap::from_pointee(read(&provider, certificate, key)?)));
        let resolver = Arc::clone(&current);
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(Arc::new(Unjudged(provider)))
            .with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { current, config: Arc::new(config), certificate: certificate.to_owned(), key: key.to_owned() })
    }

    /// What makes TLS connections of accepted ones.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }

    /// Reads the files again whenever they change, until told to stop. Files that do not fit leave the old
    /// certificate in use.
    pub async fn reload(self: Arc<Self>, stop: CancellationToken) {
        let mut seen = self.stamp();
        while tokio::time::timeout(LOOK, stop.cancelled()).await.is_err() {
            let stamp = self.stamp();
            if stamp == seen {
                continue;
            }
            match read(self.config.crypto_provider(), &self.certificate, &self.key) {
                Ok(certified) => {
                    self.current.0.store(Arc::new(certified));
                    seen = stamp;
                    tracing::info!(certificate = %self.certificate.display(), "the new certificate is in use");
                }
                // The other file may still be on its way; it is looked at again.
                Err(error) => tracing::warn!(error = format!("{error:#}"), "the new certificate cannot be used"),
            }
        }
    }

    fn stamp(&self) -> [Option<SystemTime>; 2] {
        [&self.certificate, &self.key].map(|path| std::fs::metadata(path).and_then(|data| data.modified()).ok())
    }
}

fn read(provider: &CryptoProvider, certificate: &Path, key: &Path) -> Result<CertifiedKey> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("{} holds no certificate chain in PEM", certificate.display()))?;
    anyhow::ensure!(!chain.is_empty(), "{} holds no certificate chain in PEM", certificate.display());
    let private =
        PrivateKeyDer::from_pem_file(key).with_context(|| format!("{} holds no private key in PEM", key.display()))?;
    let certified = CertifiedKey::from_der(chain, private, provider);
    certified.with_context(|| format!("{} and {} do not belong together", certificate.display(), key.display()))
}

/// The certificate in use.
#[derive(Debug)]
struct Current(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

/// Takes any client certificate, or none: the handshake proves that the caller has its key. Whether it means
/// anything is decided where it is used.
#[derive(Debug)]
struct Unjudged(Arc<CryptoProvider>);

impl ClientCertVerifier for Unjudged {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
