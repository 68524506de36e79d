//! Proof by somebody else's word: what a workload sends, with files in the place of its metadata service.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, ValueEnum};
use writ_oauth::client_auth::AssertionForm;
use writ_oauth::jose::Alg;

use super::assertion;
use super::request::Proof;
use crate::cli::failure::Failure;
use crate::http::ASSERTION_WORDS;

/// Arguments for `--method federated`.
#[derive(Args)]
pub(super) struct FederatedArgs {
    /// What --assertion is, or x509-jwt, which is signed here with --key
    #[arg(long = "type", value_enum, requires = "client_id")]
    kind: Option<Kind>,
    /// The file with what the cloud or the issuer gave out, for federated
    #[arg(long, value_name = "FILE", requires = "client_id")]
    assertion: Option<PathBuf>,
    /// The federated credential that it is for
    #[arg(long, value_name = "NAME", requires = "client_id")]
    credential: Option<String>,
    /// The certificate of --key, in PEM
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// The certificates between that one and the root, in PEM
    #[arg(long, value_name = "FILE", requires = "certificate")]
    chain: Option<PathBuf>,
}

/// What a federated client presents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A signed document of a cloud's metadata service
    Pkcs7,
    /// An ID token
    IdToken,
    /// A JWT-SVID
    JwtSvid,
    /// A JWT by the key of a certificate
    X509Jwt,
}

impl Kind {
    const fn form(self) -> AssertionForm {
        match self {
            Self::Pkcs7 => AssertionForm::Pkcs7,
            Self::IdToken => AssertionForm::IdToken,
            Self::JwtSvid => AssertionForm::SpiffeJwt,
            Self::X509Jwt => AssertionForm::X509Jwt,
        }
    }

    /// As `client_assertion_type` has it.
    fn word(self) -> &'static str {
        let known = ASSERTION_WORDS.types.iter().find(|(_, form)| *form == self.form());
        known.map_or("", |(word, _)| *word)
    }
}

/// A federated proof. No `Debug`: an assertion is as good as a secret while it lives.
pub(crate) struct FederatedProof {
    client_id: String,
    kind: &'static str,
    assertion: String,
    credential: Option<String>,
    certificate: Option<String>,
    chain: Option<String>,
}

/// The key that a JWT is signed with here, and for whom.
pub(super) struct Signing<'a> {
    pub(super) key: Option<&'a Path>,
    pub(super) alg: Option<Alg>,
    pub(super) audience: &'a str,
}

impl FederatedArgs {
    pub(super) fn proof(&self, client_id: Option<&str>, signing: &Signing<'_>) -> Result<Proof, Failure> {
        let (Some(client_id), Some(kind)) = (client_id, self.kind) else {
            return Err(Failure::usage("federated needs --client-id and --type"));
        };
        let assertion = match (kind, &self.assertion, signing.key) {
            (Kind::X509Jwt, None, Some(key)) if self.certificate.is_some() => {
                assertion::by_key(client_id, signing.audience, key, signing.alg)?
            }
            (Kind::X509Jwt, _, _) => {
                return Err(Failure::usage("x509-jwt needs --key and --certificate, and signs the assertion itself"));
            }
            (Kind::Pkcs7 | Kind::IdToken | Kind::JwtSvid, Some(file), None) => presented(file)?,
            (Kind::Pkcs7 | Kind::IdToken | Kind::JwtSvid, _, _) => {
                return Err(Failure::usage(
                    "this type needs --assertion, the file of what was given out, and no --key",
                ));
            }
        };
        Ok(Proof::Federated(Box::new(FederatedProof {
            client_id: client_id.to_owned(),
            kind: kind.word(),
            assertion,
            credential: self.credential.clone(),
            certificate: self.certificate.as_deref().map(presented).transpose()?,
            chain: self.chain.as_deref().map(presented).transpose()?,
        })))
    }
}

impl FederatedProof {
    /// The parameters of the request.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let always = [
            ("client_id", Some(&*self.client_id)),
            (ASSERTION_WORDS.credential_name, self.credential.as_deref()),
            ("client_assertion_type", Some(self.kind)),
            ("client_assertion", Some(&*self.assertion)),
            (ASSERTION_WORDS.certificate, self.certificate.as_deref()),
            (ASSERTION_WORDS.chain, self.chain.as_deref()),
        ];
        always.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)))
    }
}

/// A file as it is sent: text as it stands, anything else as base64.
fn presented(file: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(file)
        .map_err(|error| Failure::new("unreadable", format!("{} cannot be read: {error}", file.display())))?;
    // A document in DER begins like a digit and goes on as no text does.
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| STANDARD.encode(error.as_bytes())))
}
