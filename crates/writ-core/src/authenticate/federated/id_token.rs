//! ID tokens of any OpenID Connect issuer, and JWT-SVIDs of a SPIFFE trust domain.

use serde_json::json;
use writ_oauth::Refusal;
use writ_oauth::client_auth::{AssertionForm, FederatedJwt, FederatedRules, PresentedAssertion, federated_refusal};
use writ_oauth::expression::quote;
use writ_oauth::jose::JwtFault;

use super::{Claim, Fault, Step, Vouched};
use crate::document::Oidc;
use crate::provider::Provider;

/// How much of a text that somebody sent stands in a cause, in characters.
const SHOWN: usize = 200;

/// Reads it as what its type says.
pub(super) fn read(presented: &PresentedAssertion, now: i64) -> Result<FederatedJwt, Fault> {
    let read = match presented.form() {
        AssertionForm::SpiffeJwt => FederatedJwt::svid(presented.assertion(), now),
        AssertionForm::Jwt | AssertionForm::IdToken | AssertionForm::Pkcs7 | AssertionForm::X509Jwt => {
            FederatedJwt::id_token(presented.assertion(), now)
        }
    };
    read.map_err(|fault| of(fault, ""))
}

pub(super) fn check_in_vain(presented: &PresentedAssertion, now: i64) {
    if let Ok(jwt) = read(presented, now) {
        jwt.check_in_vain();
    }
}

/// Checks it with the keys of the provider.
pub(super) async fn prove(claim: &Claim<'_>, provider: &Provider, oidc: &Oidc) -> Result<Vouched, Fault> {
    let jwt = read(claim.presented, claim.now)?;
    // What another issuer signed costs no fetch.
    if !jwt.says_it_is_by(&oidc.issuer) {
        let says = jwt.unverified_origin().map_or_else(|| "nobody".to_owned(), shown);
        let cause = format!("it is by {says}, the provider is {}", quote(&oidc.issuer));
        return Err(Fault::new(Step::Issuer, Refusal::FederatedIssuer, cause));
    }
    let source = provider.keys.as_ref().ok_or_else(|| Fault::plain(Step::Keys, Refusal::Internal))?;
    let kid = jwt.kid().map(str::to_owned);
    let keys = claim.core.key_sets.keys(source, kid.as_deref(), claim.now).await;
    let keys = keys.map_err(|fault| Fault::new(Step::Keys, Refusal::ProviderUnavailable, fault.to_string()))?;
    let audiences: Vec<&str> = oidc.audiences.iter().map(String::as_str).collect();
    let max_lifetime = u32::try_from(oidc.max_age.seconds()).unwrap_or(u32::MAX);
    let rules = FederatedRules { issuer: &oidc.issuer, audiences: &audiences, max_lifetime };
    let claims = jwt.verify(keys.keys(), &rules, claim.now).map_err(|fault| {
        let named = kid.map_or_else(|| "it names no key".to_owned(), |kid| format!("it names the key {}", shown(&kid)));
        of(fault, &format!("{named}, the provider has {}", keys.usable()))
    })?;
    let facts = json!({ "issuer": oidc.issuer, "claims": claims.members() });
    Ok(Vouched { facts, spend: None })
}

/// `keys`: how it stands with the keys, where those are at fault.
fn of(fault: JwtFault, keys: &str) -> Fault {
    let refusal = federated_refusal(fault);
    let step = step(refusal);
    let cause = if step == Step::Signature { format!("{fault}: {keys}") } else { fault.to_string() };
    Fault::new(step, refusal, cause)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else is wrong is wrong with the form")]
const fn step(refusal: Refusal) -> Step {
    match refusal {
        Refusal::AssertionExpiryMissing
        | Refusal::AssertionExpired
        | Refusal::AssertionNotYetValid
        | Refusal::AssertionIssuedInFuture => Step::Time,
        Refusal::FederatedIssuer => Step::Issuer,
        Refusal::FederatedSignature => Step::Signature,
        Refusal::FederatedLifetime => Step::Lifetime,
        Refusal::FederatedAudience => Step::Audience,
        _ => Step::Assertion,
    }
}

fn shown(text: &str) -> String {
    quote(&text.chars().take(SHOWN).collect::<String>())
}
