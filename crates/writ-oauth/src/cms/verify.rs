//! The one call that turns a presented document into signed content.

use std::borrow::Cow;

use super::algorithm::{Digest, Scheme};
use super::attributes::{SignedAttributes, looks_like_attributes};
use super::ber::to_der;
use super::fault::CmsFault;
use super::input::message;
use super::signature;
use super::signed_data::{SignedData, SignerInfo};
use super::trust::Trust;
use crate::x509::Certificate;

/// Proof that every signer of a message signed this content. Only [`verify`] makes one.
#[derive(Clone, Debug)]
pub struct SignedContent {
    content: Vec<u8>,
    signing_time: Option<i64>,
    signers: Vec<Certificate>,
    certificates: Vec<Certificate>,
    weak: bool,
}

impl SignedContent {
    /// What was signed.
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// When it was signed, in seconds since 1970, if the signer says so under the signature. The
    /// earliest, if several do.
    pub const fn signing_time(&self) -> Option<i64> {
        self.signing_time
    }

    /// The certificates of the signers, at least one.
    pub fn signers(&self) -> &[Certificate] {
        &self.signers
    }

    /// The certificates that came with the message. They are not signed with it, and those that are
    /// not in the signer's chain are proven by nothing: for showing, not for deciding.
    pub fn unproven_certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Whether SHA-1 was used, for which content with the same digest could be made.
    pub const fn is_weak(&self) -> bool {
        self.weak
    }
}

/// Checks a document, at `now` in seconds since 1970: its form, and of **every** signer the
/// algorithms, the signed attributes, the signature, and the certificate.
///
/// # Errors
/// The first rule that was not met.
///
/// <https://www.rfc-editor.org/rfc/rfc5652#section-5.6>
pub fn verify(document: &[u8], trust: &Trust<'_>, now: i64) -> Result<SignedContent, CmsFault> {
    let der = to_der(&message(document)?)?;
    let message = SignedData::from_der(&der)?;
    let certificates = message.certificates.iter().map(|der| Certificate::from_der(der));
    let certificates = certificates.collect::<Result<Vec<_>, _>>().map_err(CmsFault::Certificate)?;
    let sent = Message { content: message.content, certificates: &certificates };
    let checked = message.signers.iter().map(|signer| check_signer(signer, &sent, trust, now));
    let checked = checked.collect::<Result<Vec<_>, _>>()?;
    Ok(SignedContent {
        content: message.content.to_vec(),
        signing_time: checked.iter().filter_map(|signer| signer.signing_time).min(),
        weak: checked.iter().any(|signer| signer.weak),
        signers: checked.into_iter().map(|signer| signer.certificate).collect(),
        certificates,
    })
}

/// What every signer of a message has in common.
struct Message<'a> {
    content: &'a [u8],
    certificates: &'a [Certificate],
}

/// One signer, of whom everything was checked.
struct Checked {
    certificate: Certificate,
    signing_time: Option<i64>,
    weak: bool,
}

fn check_signer(signer: &SignerInfo<'_>, sent: &Message<'_>, trust: &Trust<'_>, now: i64) -> Result<Checked, CmsFault> {
    let digest = Digest::named_by(&signer.digest_algorithm)?;
    let scheme = Scheme::named_by(&signer.signature_algorithm, digest)?;
    let weak = digest == Digest::Sha1;
    if weak && !trust.allows_sha1() {
        return Err(CmsFault::Sha1NotAllowed);
    }
    let (bytes, signing_time) = what_is_signed(signer, sent.content, digest)?;
    let certificate = trust.find(&signer.id, sent.certificates, now)?;
    signature::check(certificate.spki_der(), (scheme, digest), &bytes, signer.signature)?;
    trust.vouch_for(certificate, sent.certificates, now)?;
    Ok(Checked { certificate: certificate.clone(), signing_time, weak })
}

/// The bytes under the signature, after everything that they must say of the content, and the
/// signing time.
///
/// > For the signature to be valid, the message digest value calculated by the recipient MUST be the
/// > same as the value of the messageDigest attribute
///
/// <https://www.rfc-editor.org/rfc/rfc5652#section-5.6>
fn what_is_signed<'a>(
    signer: &SignerInfo<'_>,
    content: &'a [u8],
    digest: Digest,
) -> Result<(Cow<'a, [u8]>, Option<i64>), CmsFault> {
    let Some(attributes) = &signer.attributes else {
        if looks_like_attributes(content) {
            return Err(CmsFault::ContentIsAttributes);
        }
        return Ok((Cow::Borrowed(content), None));
    };
    let attributes = SignedAttributes::read(attributes)?;
    if attributes.message_digest != digest.of(content).as_ref() {
        return Err(CmsFault::MessageDigest);
    }
    Ok((Cow::Owned(attributes.signed), attributes.signing_time))
}
