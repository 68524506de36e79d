//! What a provider trusts certificates by, ready to verify with.

use std::sync::atomic::{AtomicI64, Ordering};

use writ_oauth::expression::Expression;
use writ_oauth::x509::{Anchors, Certificate, Purpose};

use crate::document::Trust;
use crate::document::credential::Fault;

/// How long nothing more is said of a provider's weak signatures, in seconds.
const QUIET: i64 = 3600;

/// What certificates are trusted by.
pub enum Trusted {
    /// Signers of documents.
    Signers(Signers),
    /// A private CA.
    Ca {
        /// Roots, and what they have taken back.
        anchors: Anchors,
        /// What certificates must be made for.
        purpose: Purpose,
    },
}

/// Signers of documents.
pub struct Signers {
    /// Pinned certificates; empty: roots are trusted.
    pub pinned: Box<[Certificate]>,
    /// Roots; `None`: signers are pinned.
    pub anchors: Option<Anchors>,
    /// Authorities between roots and signers.
    pub intermediates: Box<[Certificate]>,
    /// When a document was signed; `None`: its signed attribute says so.
    pub signing_time: Option<Expression>,
    /// When it was last said that they sign with SHA-1, in seconds since the epoch.
    weakness_told: AtomicI64,
}

impl Trusted {
    pub(crate) fn new(trust: &Trust) -> Result<Option<Self>, Fault> {
        Ok(match trust {
            Trust::Oidc(_) => None,
            Trust::Pkcs7(pkcs7) => Some(Self::Signers(Signers {
                pinned: pkcs7.trusted_signers()?,
                anchors: pkcs7.trusted_anchors()?,
                intermediates: pkcs7.trusted_intermediates()?,
                signing_time: pkcs7.signing_time_expression()?,
                weakness_told: AtomicI64::new(0),
            })),
            Trust::PrivateCa(ca) => Some(Self::Ca { anchors: ca.trusted_anchors()?, purpose: ca.purpose()? }),
        })
    }
}

impl Signers {
    /// Whether it is time to say again that they sign with SHA-1: to one of those who ask at once.
    pub(crate) fn tells_weakness(&self, now: i64) -> bool {
        let told = self.weakness_told.load(Ordering::Relaxed);
        let due = told == 0 || now - told >= QUIET;
        due && self.weakness_told.compare_exchange(told, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}
