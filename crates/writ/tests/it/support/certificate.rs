//! A certificate authority of a test's own, and what it signs. Made with `openssl`, as an administrator would.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;

use super::command::run;

/// A certificate authority, and a place for what it signs.
pub(crate) struct Authority {
    folder: TempDir,
}

/// A certificate chain and its key, as files.
pub(crate) struct Certificate {
    pub(crate) chain: PathBuf,
    pub(crate) key: PathBuf,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let authority = Self { folder: tempfile::tempdir().unwrap() };
        let extensions = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"];
        let mut openssl = authority.openssl(&["req", "-x509", "-days", "30", "-subj", "/CN=Authority", "-nodes"]);
        openssl.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", "ca.key", "-out", "ca.pem"]);
        openssl.args(extensions.iter().flat_map(|extension| ["-addext", extension]));
        run(openssl).ok();
        authority
    }

    /// Its own certificate.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Signs a leaf for this machine, with a name of its own.
    pub(crate) fn sign(&self, name: &str) -> Certificate {
        let (csr, key, chain) = (format!("{name}.csr"), format!("{name}.key"), format!("{name}.pem"));
        let subject = format!("/CN={name}");
        let mut request = self.openssl(&["req", "-nodes", "-subj", &subject, "-keyout", &key, "-out", &csr]);
        request.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
        run(request).ok();
        let extensions = "basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\n\
            subjectAltName=IP:127.0.0.1,DNS:localhost\n";
        std::fs::write(self.folder.path().join("leaf.ext"), extensions).unwrap();
        let mut sign = self.openssl(&["x509", "-req", "-days", "30", "-in", &csr, "-out", &chain]);
        sign.args(["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "leaf.ext"]);
        run(sign).ok();
        Certificate { chain: self.folder.path().join(chain), key: self.folder.path().join(key) }
    }

    /// What a caller that trusts this authority alone connects with.
    pub(crate) fn client(&self, version: &'static SupportedProtocolVersion, alpn: &[&str]) -> Arc<ClientConfig> {
        self.client_with(version, alpn, None)
    }

    /// The same with a certificate of the caller's own.
    pub(crate) fn client_with(
        &self,
        version: &'static SupportedProtocolVersion,
        alpn: &[&str],
        own: Option<&Certificate>,
    ) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.file()).unwrap()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let builder = builder.with_protocol_versions(&[version]).unwrap().with_root_certificates(roots);
        let mut config = match own {
            None => builder.with_no_client_auth(),
            Some(own) => builder.with_client_auth_cert(own.leaf(), own.private_key()).unwrap(),
        };
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        Arc::new(config)
    }

    fn openssl(&self, arguments: &[&str]) -> Command {
        let mut openssl = Command::new("openssl");
        openssl.args(arguments).current_dir(self.folder.path());
        openssl
    }
}

impl Certificate {
    pub(crate) fn leaf(&self) -> Vec<CertificateDer<'static>> {
        vec![CertificateDer::from_pem_file(&self.chain).unwrap()]
    }

    fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_file(&self.key).unwrap()
    }

    /// Puts this certificate in the place of another, as an administrator would: file by file.
    pub(crate) fn replaces(&self, chain: &Path, key: &Path) {
        std::fs::copy(&self.key, key).unwrap();
        std::fs::copy(&self.chain, chain).unwrap();
    }
}
