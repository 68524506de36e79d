//! What tells a public credential from others of its client.

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use writ_oauth::secret::SecretDigest;
use writ_oauth::x509::SubjectMatch;

use crate::document::{CertificateIdentity, Credential, Proof};

/// Of a public key, its thumbprint (RFC 7638); of a certificate, the SHA-256 of its SubjectPublicKeyInfo; of everything
/// else, the SHA-256 of what it is known by.
pub(super) fn of(credential: &Credential) -> Result<SecretDigest, (String, String)> {
    let digest = match &credential.proof {
        Proof::Secret(_) => None,
        Proof::PublicKey(key) => URL_SAFE_NO_PAD.decode(key.key()?.thumbprint()).ok(),
        Proof::Jwks(set) => Some(sha256(&["jwks", &set.uri])),
        Proof::Federated(_) => Some(sha256(&["federated", credential.settings.name.as_deref().unwrap_or_default()])),
        Proof::Certificate(certificate) => Some(match certificate.identity()? {
            CertificateIdentity::SelfSigned(spki) => spki.to_vec(),
            CertificateIdentity::Named { provider, name } => {
                let (kind, name) = words(&name);
                sha256(&["certificate", &provider, kind, &name])
            }
        }),
    };
    let digest = digest.and_then(|digest| SecretDigest::from_bytes(&digest));
    digest.ok_or_else(|| ("kind".to_owned(), "what is registered here cannot be told apart".to_owned()))
}

fn words(name: &SubjectMatch) -> (&'static str, String) {
    match name {
        SubjectMatch::Dn(name) => ("subject_dn", name.to_string()),
        SubjectMatch::SanDns(name) => ("san_dns", name.clone()),
        SubjectMatch::SanUri(name) => ("san_uri", name.clone()),
        SubjectMatch::SanIp(address) => ("san_ip", address.to_string()),
        SubjectMatch::SanEmail(name) => ("san_email", name.clone()),
    }
}

/// Each part after its length, so that no two lists look alike.
fn sha256(parts: &[&str]) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    context.finish().as_ref().to_vec()
}
