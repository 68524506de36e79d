//! From a presented certificate to an anchor.

use std::time::Duration;

use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{
    ALL_VERIFICATION_ALGS, CertRevocationList, EndEntityCert, ExpirationPolicy, RevocationCheckDepth,
    RevocationOptions, RevocationOptionsBuilder, UnknownStatusPolicy, VerifiedPath,
};

use super::anchors::Anchors;
use super::certificate::Certificate;
use super::chain_fault::ChainFault;
use super::purpose::Purpose;
use crate::jose::Jwk;

/// The most certificates between the presented one and an anchor that are looked at.
pub const MAX_INTERMEDIATES: usize = 8;

/// What is asked of a chain beyond what every chain must meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainPolicy {
    /// What the certificate must be made for
    pub purpose: Purpose,
    /// `true`: for every certificate of the chain a revocation list that is up to date must say that
    /// it was not revoked. `false`: lists that are there are obeyed, even when a newer one is due;
    /// without one, a certificate counts as not revoked.
    pub crl_required: bool,
}

/// A certificate that is known to be vouched for by an anchor. Only [`verify_chain`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedChain {
    leaf: Certificate,
    intermediates: Vec<Certificate>,
    anchor: Certificate,
}

impl VerifiedChain {
    /// The certificate that was presented.
    pub const fn leaf(&self) -> &Certificate {
        &self.leaf
    }

    /// The authorities between the leaf and the anchor, the leaf's issuer first. What was presented
    /// and not needed is not here.
    pub fn intermediates(&self) -> &[Certificate] {
        &self.intermediates
    }

    /// The anchor that the chain ends at.
    pub const fn anchor(&self) -> &Certificate {
        &self.anchor
    }
}

/// Verifies that `leaf` is a certificate for signing, that one of `anchors` vouches for it at `now`
/// through any of `intermediates` in any order, and that `policy` is met.
///
/// A certificate is trusted for being an anchor of the tenant and for nothing else. An anchor among
/// the presented certificates is ignored, and a leaf never vouches for itself.
pub fn verify_chain(
    leaf: &Certificate,
    intermediates: &[Certificate],
    anchors: &Anchors,
    policy: &ChainPolicy,
    now: i64,
) -> Result<VerifiedChain, ChainFault> {
    if intermediates.len() > MAX_INTERMEDIATES {
        return Err(ChainFault::TooMany);
    }
    check_leaf(leaf, policy)?;
    let usable: Vec<&Certificate> =
        intermediates.iter().filter(|presented| !anchors.certificates.contains(presented)).collect();
    let path = Path { usable: &usable, anchors, now };
    let (used, anchor) = path.build(leaf, policy)?;
    Ok(VerifiedChain { leaf: leaf.clone(), intermediates: used, anchor })
}

/// What webpki does not ask of an end entity.
fn check_leaf(leaf: &Certificate, policy: &ChainPolicy) -> Result<(), ChainFault> {
    if leaf.extensions.is_ca {
        return Err(ChainFault::IsAnAuthority);
    }
    if leaf.issuer() == leaf.subject() {
        return Err(ChainFault::SelfIssued);
    }
    if !leaf.extensions.may_sign() {
        return Err(ChainFault::KeyUsage);
    }
    if !policy.purpose.is_named_by(leaf) {
        return Err(ChainFault::Purpose);
    }
    Jwk::from_spki_der(leaf.spki_der()).map(|_| ()).map_err(|_| ChainFault::KeyUnsupported)
}

struct Path<'a> {
    usable: &'a [&'a Certificate],
    anchors: &'a Anchors,
    now: i64,
}

impl Path<'_> {
    fn build(&self, leaf: &Certificate, policy: &ChainPolicy) -> Result<(Vec<Certificate>, Certificate), ChainFault> {
        let der = CertificateDer::from(leaf.der());
        let end_entity = EndEntityCert::try_from(&der).map_err(ChainFault::from)?;
        let usable: Vec<_> = self.usable.iter().map(|certificate| CertificateDer::from(certificate.der())).collect();
        let crls: Vec<&CertRevocationList<'_>> = self.anchors.crls.iter().collect();
        // A time before 1970 is before every certificate.
        let now = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(self.now).unwrap_or_default()));
        let path = end_entity.verify_for_usage(
            ALL_VERIFICATION_ALGS,
            &self.anchors.trusted,
            &usable,
            now,
            policy.purpose,
            revocation(&crls, policy)?,
            Some(&|path| self.check(path, now)),
        )?;
        let anchor = self.anchor(&path).ok_or(ChainFault::Untrusted)?;
        Ok((self.intermediates(&path).cloned().collect(), anchor.clone()))
    }

    /// What webpki does not ask of a path: of the anchor its dates and the length that it allows, of
    /// every authority that its key may sign certificates.
    ///
    /// RFC 5280 section 6.2 leaves it open whether an anchor's own restrictions count. Whoever wrote
    /// an end or a length into a root meant it.
    fn check(&self, path: &VerifiedPath<'_>, time: UnixTime) -> Result<(), webpki::Error> {
        let anchor = self.anchor(path).ok_or(webpki::Error::UnknownIssuer)?;
        let (not_before, not_after) = anchor.validity();
        if self.now < not_before {
            return Err(webpki::Error::CertNotValidYet { time, not_before: time });
        }
        if self.now > not_after {
            return Err(webpki::Error::CertExpired { time, not_after: time });
        }
        let all_may_sign = self.intermediates(path).all(|authority| authority.extensions.may_sign_certificates());
        if !all_may_sign {
            return Err(webpki::Error::EndEntityUsedAsCa);
        }
        let length = path.intermediate_certificates().count();
        let allowed = anchor.extensions.path_len.map(usize::from);
        if allowed.is_some_and(|allowed| length > allowed) {
            return Err(webpki::Error::PathLenConstraintViolated);
        }
        Ok(())
    }

    /// The certificate that the path's anchor was made from: two anchors may share name and key and
    /// differ in what they allow.
    fn anchor(&self, path: &VerifiedPath<'_>) -> Option<&Certificate> {
        let place = self.anchors.trusted.iter().position(|trusted| std::ptr::eq(trusted, path.anchor()))?;
        self.anchors.certificates.get(place)
    }

    fn intermediates(&self, path: &VerifiedPath<'_>) -> impl Iterator<Item = &Certificate> {
        let used: Vec<_> = path.intermediate_certificates().map(webpki::Cert::der).collect();
        used.into_iter().filter_map(|used| self.usable.iter().copied().find(|known| known.der() == used.as_ref()))
    }
}

fn revocation<'a>(
    crls: &'a [&'a CertRevocationList<'a>],
    policy: &ChainPolicy,
) -> Result<Option<RevocationOptions<'a>>, ChainFault> {
    let Ok(options) = RevocationOptionsBuilder::new(crls) else {
        return if policy.crl_required { Err(ChainFault::RevocationUnknown) } else { Ok(None) };
    };
    let (unknown, expired) = if policy.crl_required {
        (UnknownStatusPolicy::Deny, ExpirationPolicy::Enforce)
    } else {
        (UnknownStatusPolicy::Allow, ExpirationPolicy::Ignore)
    };
    let options = options.with_depth(RevocationCheckDepth::Chain);
    Ok(Some(options.with_status_policy(unknown).with_expiration_policy(expired).build()))
}
