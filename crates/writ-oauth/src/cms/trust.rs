//! Where the signer's certificate comes from, and why it is trusted.

use super::fault::CmsFault;
use super::signed_data::SignerId;
use crate::x509::{Anchors, Certificate, ChainPolicy, verify_chain};

/// Where the signer's certificate comes from, and why it is trusted.
#[derive(Clone, Copy, Debug)]
pub enum Trust<'a> {
    /// The signer is one of these certificates, each trusted by itself. A certificate in the message
    /// is never taken for it.
    Pinned {
        /// The certificates. They need not be of any authority, nor be one.
        signers: &'a [Certificate],
        /// Whether they may sign with SHA-1.
        allow_sha1: bool,
    },
    /// The signer's certificate comes with the message, and an anchor vouches for it. SHA-1 is not
    /// allowed.
    Chain {
        /// What the chain must end at.
        anchors: &'a Anchors,
        /// Certificates that are used beside those in the message, which often lacks the authorities
        /// on the way to the anchor.
        intermediates: &'a [Certificate],
        /// What is asked of the chain.
        policy: ChainPolicy,
    },
}

impl Trust<'_> {
    /// Documents are signed with SHA-1 to this day. It is a risk that can be taken for one known
    /// signer, not for whomever an authority vouches for.
    pub(super) const fn allows_sha1(&self) -> bool {
        match self {
            Self::Pinned { allow_sha1, .. } => *allow_sha1,
            Self::Chain { .. } => false,
        }
    }

    /// The certificate that the message names as the signer's. `sent` came with the message.
    pub(super) fn find<'c>(
        &'c self,
        id: &SignerId<'_>,
        sent: &'c [Certificate],
        now: i64,
    ) -> Result<&'c Certificate, CmsFault> {
        match self {
            Self::Pinned { signers, .. } => pinned(signers, id, now),
            Self::Chain { intermediates, .. } => {
                let mut all = sent.iter().chain(*intermediates);
                all.find(|certificate| id.names(certificate)).ok_or(CmsFault::UnknownSigner)
            }
        }
    }

    /// Whether what [`find`](Self::find) found is to be trusted.
    pub(super) fn vouch_for(&self, signer: &Certificate, sent: &[Certificate], now: i64) -> Result<(), CmsFault> {
        match self {
            Self::Pinned { .. } => Ok(()),
            Self::Chain { anchors, intermediates, policy } => {
                let candidates: Vec<_> = sent.iter().chain(*intermediates).collect();
                let between = authorities(signer, &candidates);
                verify_chain(signer, &between, anchors, policy, now).map(|_| ()).map_err(CmsFault::Chain)
            }
        }
    }
}

/// The pinned certificate that the message names, valid at `now`. Of several with the same key
/// identifier any will do.
fn pinned<'a>(signers: &'a [Certificate], id: &SignerId<'_>, now: i64) -> Result<&'a Certificate, CmsFault> {
    let mut fault = CmsFault::UnknownSigner;
    for certificate in signers.iter().filter(|certificate| id.names(certificate)) {
        match certificate.validity() {
            (not_before, _) if now < not_before => fault = CmsFault::SignerNotYetValid,
            (_, not_after) if not_after < now => fault = CmsFault::SignerExpired,
            (_, _) => return Ok(certificate),
        }
    }
    Err(fault)
}

/// Those of `candidates` that issued the signer's certificate or another candidate, each once: a
/// cloud has more authorities than a chain may hold, and all of them are configured.
fn authorities(signer: &Certificate, candidates: &[&Certificate]) -> Vec<Certificate> {
    let issued = |authority: &Certificate| {
        let mut others = candidates.iter().copied().chain([signer]).filter(|other| *other != authority);
        others.any(|other| other.issuer_der() == authority.subject_der())
    };
    let mut between = Vec::new();
    for candidate in candidates.iter().copied().filter(|candidate| issued(candidate)) {
        if candidate != signer && !between.contains(candidate) {
            between.push(candidate.clone());
        }
    }
    between
}

impl SignerId<'_> {
    fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerial { issuer, serial } => {
                certificate.issuer_der() == *issuer && certificate.serial() == *serial
            }
            Self::SubjectKeyId(id) => certificate.subject_key_id() == Some(id),
        }
    }
}
