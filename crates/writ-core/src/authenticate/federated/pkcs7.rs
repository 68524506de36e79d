//! Signed documents of a cloud's metadata service. This version does not take them.

use writ_oauth::Refusal;
use writ_oauth::client_auth::PresentedAssertion;

use super::{Claim, Fault, Step, Vouched};
use crate::document::Pkcs7;
use crate::provider::Provider;

/// What can be told without knowing whose it is.
pub(super) fn check(_presented: &PresentedAssertion, _now: i64) -> Result<(), Fault> {
    Err(Fault::plain(Step::Assertion, Refusal::AssertionTypeUnknown))
}

pub(super) fn check_in_vain(_presented: &PresentedAssertion, _now: i64) {}

/// Has the provider vouch for it.
#[expect(clippy::unused_async, reason = "one shape for every form")]
pub(super) async fn prove(claim: &Claim<'_>, _provider: &Provider, _trust: &Pkcs7) -> Result<Vouched, Fault> {
    check(claim.presented, claim.now)?;
    Err(Fault::plain(Step::Assertion, Refusal::AssertionTypeUnknown))
}
