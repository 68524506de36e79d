//! Key pairs made with `openssl`, as the guides have it.

use std::path::PathBuf;
use std::process::Command;

use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use tempfile::TempDir;
use writ_oauth::jose::{Alg, SigningKey};

use super::command::run;

/// A private key in PKCS#8 as a file, and its public half in PEM.
pub(crate) struct KeyPair {
    pub(crate) file: PathBuf,
    pub(crate) public: String,
    _folder: TempDir,
}

impl KeyPair {
    /// An RSA key of so many bits.
    pub(crate) fn rsa(bits: u16) -> Self {
        Self::new(&["-algorithm", "RSA", "-pkeyopt", &format!("rsa_keygen_bits:{bits}")])
    }

    /// A key on a curve, such as `P-256`.
    pub(crate) fn on(curve: &str) -> Self {
        Self::new(&["-algorithm", "EC", "-pkeyopt", &format!("ec_paramgen_curve:{curve}")])
    }

    /// What `openssl genpkey` makes of these arguments.
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("private.pem");
        let openssl = |arguments: &[&str]| {
            let mut command = Command::new("openssl");
            command.args(arguments);
            command
        };
        let mut make = openssl(&["genpkey"]);
        make.args(arguments).arg("-out").arg(&file);
        run(make).ok();
        let mut publish = openssl(&["pkey", "-pubout", "-in"]);
        publish.arg(&file);
        let public = run(publish).ok().stdout;
        Self { file, public, _folder: folder }
    }

    /// A signature over a message.
    pub(crate) fn sign(&self, alg: Alg, message: &[u8]) -> Vec<u8> {
        let der = PrivatePkcs8KeyDer::from_pem_file(&self.file).unwrap();
        SigningKey::from_pkcs8(alg, der.secret_pkcs8_der()).unwrap().sign(message).unwrap()
    }

    /// The private key in PEM.
    pub(crate) fn private(&self) -> String {
        std::fs::read_to_string(&self.file).unwrap()
    }
}
