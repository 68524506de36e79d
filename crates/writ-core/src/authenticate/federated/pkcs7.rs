//! Signed documents of a cloud's metadata service: CMS SignedData, in which the content is attached.
//!
//! Such a document is no secret of one request: it can be presented again for as long as the provider's `max_age` has it,
//! and for another client too. What makes it one for this server, and for this client, stands in conditions.

use writ_oauth::Refusal;
use writ_oauth::client_auth::{CLOCK_LEEWAY, PresentedAssertion, check_document_in_vain};
use writ_oauth::cms::{self, CmsFault, SignedContent};
use writ_oauth::expression::Facts;
use writ_oauth::jose::UnverifiedJwt;
use writ_oauth::x509::{ChainPolicy, Purpose};

use super::{Claim, Fault, Step, Vouched};
use crate::document::Pkcs7;
use crate::provider::{Provider, Trusted};
use crate::trusted::Signers;

/// What can be told without knowing whose it is: its form, and whether its algorithms are any that are taken.
pub(super) fn check(presented: &PresentedAssertion, now: i64) -> Result<(), Fault> {
    // Where nobody is trusted, what is missing of a document that can be read is the signer.
    let nobody = cms::Trust::Pinned { signers: &[], allow_sha1: true };
    match cms::verify(presented.assertion().as_bytes(), &nobody, now) {
        Ok(_) | Err(CmsFault::UnknownSigner) => Ok(()),
        // A JWT: the vendor's own page gives this type for one that comes with a certificate.
        Err(CmsFault::Base64) if UnverifiedJwt::parse(presented.assertion().trim_ascii()).is_ok() => {
            Err(Fault::new(Step::Assertion, Refusal::AssertionNotOfItsType, "it is a JWT, and not a signed document"))
        }
        Err(fault) => Err(of(fault)),
    }
}

pub(super) fn check_in_vain(presented: &PresentedAssertion) {
    check_document_in_vain(presented.assertion().as_bytes());
}

/// Has the provider vouch for it.
pub(super) fn prove(claim: &Claim<'_>, provider: &Provider, trust: &Pkcs7) -> Result<Vouched, Fault> {
    let Some(Trusted::Signers(signers)) = &provider.certificates else {
        return Err(Fault::plain(Step::Provider, Refusal::Internal));
    };
    let document = claim.presented.assertion().as_bytes();
    let signed = cms::verify(document, &signers.trust(trust), claim.now).map_err(|fault| {
        if fault != CmsFault::Signature {
            check_in_vain(claim.presented);
        }
        of(fault)
    })?;
    if signed.is_weak() && signers.tells_weakness(claim.now) {
        let (tenant, provider) = (&claim.tenant.name, provider.name());
        tracing::warn!(tenant, provider, "documents of this provider are signed with SHA-1, which is weak");
    }
    let facts = signed.facts();
    let seen = Facts::new().with(provider.document.trust.model(), facts.clone());
    check_age(signing_time(signers, &signed, &seen)?, trust.max_age.seconds(), claim.now)?;
    Ok(Vouched { facts, spend: None })
}

impl Signers {
    /// Why a signer is trusted. What certificates under roots are made for is not asked: there is no purpose of signing
    /// instance documents, and clouds have those of their servers do it. The trust condition says whose it must be.
    fn trust(&self, document: &Pkcs7) -> cms::Trust<'_> {
        match &self.anchors {
            None => cms::Trust::Pinned { signers: &self.pinned, allow_sha1: document.allow_sha1 },
            Some(anchors) => {
                let policy = ChainPolicy { purpose: Purpose::ANY, crl_required: false };
                cms::Trust::Chain { anchors, intermediates: &self.intermediates, policy }
            }
        }
    }
}

/// When it was signed, where the provider has it looked for.
fn signing_time(signers: &Signers, signed: &SignedContent, facts: &Facts) -> Result<i64, Fault> {
    let missing = |cause: String| Fault::new(Step::Lifetime, Refusal::DocumentTimeMissing, cause);
    match &signers.signing_time {
        Some(expression) => expression.integer(facts).map_err(|fault| missing(fault.to_string())),
        None => signed.signing_time().ok_or_else(|| missing("there is no signed attribute signing-time".to_owned())),
    }
}

/// A document is as old as its signature. One from the future is of a clock that is wrong, or is to be used for longer
/// than it may be.
fn check_age(signing_time: i64, max_age: i64, now: i64) -> Result<(), Fault> {
    let age = now.saturating_sub(signing_time);
    if age < -i64::from(CLOCK_LEEWAY) {
        let cause = format!("it was signed at {signing_time}, {} seconds from now", age.saturating_neg());
        return Err(Fault::new(Step::Lifetime, Refusal::DocumentFromFuture, cause));
    }
    if age > max_age {
        let cause = format!("it was signed at {signing_time}, {age} seconds ago; `max_age` is {max_age} seconds");
        return Err(Fault::new(Step::Lifetime, Refusal::DocumentTooOld, cause));
    }
    Ok(())
}

fn of(fault: CmsFault) -> Fault {
    let (step, refusal) = broken(fault);
    Fault::new(step, refusal, fault.to_string())
}

const fn broken(fault: CmsFault) -> (Step, Refusal) {
    match fault {
        CmsFault::TooLarge
        | CmsFault::Armour
        | CmsFault::Base64
        | CmsFault::Ber
        | CmsFault::TooDeep
        | CmsFault::TrailingBytes
        | CmsFault::Structure
        | CmsFault::ContentType
        | CmsFault::ContentIsAttributes
        | CmsFault::TooManyCertificates
        | CmsFault::Certificate(_)
        | CmsFault::NoSigner
        | CmsFault::TooManySigners
        | CmsFault::AttributeMissing
        | CmsFault::AttributeRepeated
        | CmsFault::AttributeForm
        | CmsFault::ContentTypeAttribute => (Step::Assertion, Refusal::DocumentUnreadable),
        CmsFault::NotSignedData => (Step::Assertion, Refusal::AssertionNotOfItsType),
        CmsFault::Detached => (Step::Assertion, Refusal::DocumentDetached),
        CmsFault::DigestAlgorithm | CmsFault::SignatureAlgorithm | CmsFault::AlgorithmMismatch => {
            (Step::Assertion, Refusal::DocumentAlgorithm)
        }
        CmsFault::MessageDigest => (Step::Assertion, Refusal::DocumentTampered),
        CmsFault::UnknownSigner
        | CmsFault::SignerExpired
        | CmsFault::SignerNotYetValid
        | CmsFault::SignerKey(_)
        | CmsFault::KeyMismatch
        | CmsFault::Chain(_)
        | CmsFault::Sha1NotAllowed => (Step::Signature, Refusal::DocumentSigner),
        CmsFault::Signature => (Step::Signature, Refusal::DocumentSignature),
    }
}
