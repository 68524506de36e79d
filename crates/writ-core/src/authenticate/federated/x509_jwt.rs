//! JWTs that the client signed with the key of a certificate of a private CA, which comes beside them.
//!
//! Nothing in the JWT binds the certificate (no `x5c`, no `x5t`): it is bound by being the one whose key verifies it.
//! What a header says of keys and certificates is not read.

use writ_oauth::Refusal;
use writ_oauth::client_auth::{ClientAssertion, PresentedAssertion, ProvenAssertion};
use writ_oauth::jose::VerifyingKey;
use writ_oauth::x509::{Certificate, ChainFault, ChainPolicy, VerifiedChain, read_certificates, verify_chain};

use super::super::assertion;
use super::{Claim, Fault, Step, Vouched};
use crate::document::PrivateCa;
use crate::ledger::Spend;
use crate::provider::{Provider, Trusted};

/// What was presented, read: nothing of it is known to be true.
struct Read {
    leaf: Certificate,
    /// What may stand between the leaf and a root, in any order.
    others: Vec<Certificate>,
    assertion: ClientAssertion,
}

/// What can be told without knowing whose it is.
pub(super) fn check(presented: &PresentedAssertion, now: i64) -> Result<(), Fault> {
    Read::of(presented, now).map(drop)
}

pub(super) fn check_in_vain(presented: &PresentedAssertion, now: i64) {
    if let Ok(read) = Read::of(presented, now) {
        read.assertion.check_in_vain();
    }
}

/// Has the provider vouch for the certificate, and the certificate for the JWT.
pub(super) fn prove(claim: &Claim<'_>, provider: &Provider, trust: &PrivateCa) -> Result<Vouched, Fault> {
    let Read { leaf, others, assertion } = Read::of(claim.presented, claim.now)?;
    let Some(Trusted::Ca { anchors, purpose }) = &provider.certificates else {
        return Err(Fault::plain(Step::Provider, Refusal::Internal));
    };
    let policy = ChainPolicy { purpose: *purpose, crl_required: trust.crl_required };
    let chain = verify_chain(&leaf, &others, anchors, &policy, claim.now).map_err(|fault| {
        assertion.check_in_vain();
        Fault::new(Step::Certificate, untrusted(fault), fault.to_string())
    })?;
    let ProvenAssertion { id, refused_from, .. } = signed_by(&chain, claim, assertion)?;
    let spend = Spend::new(&claim.tenant.name, &claim.client.client_id, &id, refused_from);
    Ok(Vouched { facts: chain.leaf().facts(), spend: Some(spend) })
}

/// The JWT is the client's own, so that the client's policy holds for it.
fn signed_by(chain: &VerifiedChain, claim: &Claim<'_>, assertion: ClientAssertion) -> Result<ProvenAssertion, Fault> {
    let keys = chain.leaf().verifying_keys(&[assertion.alg()]);
    let keys = keys.map_err(|fault| {
        assertion.check_in_vain();
        Fault::new(Step::Signature, Refusal::AssertionSignature, fault.to_string())
    })?;
    let keys: Vec<_> = keys.into_iter().map(VerifyingKey::without_kid).collect();
    let keys: Vec<_> = keys.iter().collect();
    assertion::verify(claim.client, claim.issuers, assertion, &keys, claim.now)
        .map_err(|refusal| Fault::plain(step(refusal), refusal))
}

impl Read {
    fn of(presented: &PresentedAssertion, now: i64) -> Result<Self, Fault> {
        let certificate = presented.certificate().filter(|text| !text.trim().is_empty());
        let certificate = certificate.ok_or_else(|| Fault::plain(Step::Assertion, Refusal::CertificateMissing))?;
        let mut certificates = read(certificate)?;
        if let Some(chain) = presented.chain().filter(|text| !text.trim().is_empty()) {
            certificates.extend(read(chain)?);
        }
        let leaf = certificates.remove(0);
        check_validity(&leaf, now)?;
        let assertion =
            ClientAssertion::read(presented).map_err(|refused| Fault::plain(Step::Assertion, refused.refusal))?;
        // The key of a certificate is public: whoever has read it would have a secret to sign with.
        if assertion.alg().is_symmetric() {
            return Err(Fault::plain(Step::Assertion, Refusal::AssertionAlgUnknown));
        }
        Ok(Self { leaf, others: certificates, assertion })
    }
}

/// One certificate or several. Some send the whole chain in the certificate's place, the certificate first.
fn read(text: &str) -> Result<Vec<Certificate>, Fault> {
    read_certificates(text)
        .map_err(|fault| Fault::new(Step::Assertion, Refusal::CertificateUnreadable, fault.to_string()))
}

fn check_validity(leaf: &Certificate, now: i64) -> Result<(), Fault> {
    let refusal = match leaf.validity() {
        (not_before, _) if now < not_before => Refusal::CertificateNotYetValid,
        (_, not_after) if not_after < now => Refusal::CertificateExpired,
        (_, _) => return Ok(()),
    };
    Err(Fault::plain(Step::Time, refusal))
}

const fn untrusted(fault: ChainFault) -> Refusal {
    match fault {
        ChainFault::TooMany
        | ChainFault::Malformed
        | ChainFault::NotVersion3
        | ChainFault::Untrusted
        | ChainFault::Expired
        | ChainFault::NotYetValid
        | ChainFault::IssuerNotAnAuthority
        | ChainFault::NameConstraint
        | ChainFault::PathLength => Refusal::CertificateUntrusted,
        ChainFault::SelfIssued
        | ChainFault::IsAnAuthority
        | ChainFault::KeyUsage
        | ChainFault::Purpose
        | ChainFault::KeyUnsupported => Refusal::CertificateUnfit,
        ChainFault::Revoked => Refusal::CertificateRevoked,
        ChainFault::RevocationUnknown => Refusal::CertificateStatusUnknown,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else is wrong is wrong with the signature")]
const fn step(refusal: Refusal) -> Step {
    match refusal {
        Refusal::AssertionExpiryMissing
        | Refusal::AssertionExpired
        | Refusal::AssertionNotYetValid
        | Refusal::AssertionIssuedInFuture => Step::Time,
        Refusal::AssertionLifetimeTooLong | Refusal::AssertionIdMissing | Refusal::AssertionIdTooLong => Step::Lifetime,
        Refusal::AssertionAudience | Refusal::AssertionAudienceForm => Step::Audience,
        _ => Step::Signature,
    }
}
