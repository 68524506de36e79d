//! Explanations: why a request would be granted or refused, which rules were weighed for it, and what would have to
//! change. Nothing is issued, spent or noted.
//!
//! What is explained is decided by the code that decides requests, never by a second copy of it: the outcome is that of
//! [`permit`](crate::permit) or of [`enforce`](crate::enforce), and each step asks the same questions one by one.

mod call;
mod item;
mod named;
mod request;
mod rules;
mod server;
mod token;

use std::net::{IpAddr, Ipv4Addr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use writ_oauth::{Refusal, Refused};

pub use self::call::{CallEnquiry, CallExplanation, ExplainedRoute, ExplainedToken};
pub use self::item::{ExplainedItem, RuleStanding, WeighedRule};
pub use self::request::{RequestEnquiry, RequestExplanation};
pub use crate::authenticate::StepOutcome;

/// One question on the way to the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainedStep {
    /// Its name.
    pub step: String,
    /// What came out of it.
    pub outcome: StepOutcome,
    /// What it found.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub found: Option<String>,
    /// The rule that was not met.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub refusal: Option<BrokenRule>,
    /// What would have to change for it to hold.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub change: Option<String>,
}

/// A rule that was not met, as the log names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenRule {
    /// Its name.
    pub rule: String,
    /// What was not met, in a sentence.
    pub meaning: String,
    /// The caller's word that broke it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub about: Option<String>,
    /// What in particular.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cause: Option<String>,
}

impl From<&Refused> for BrokenRule {
    fn from(refused: &Refused) -> Self {
        let cause = refused.detail.as_ref().and_then(|detail| detail.cause.clone());
        Self { about: refused.subject.clone(), cause, ..refused.refusal.into() }
    }
}

impl From<Refusal> for BrokenRule {
    fn from(refusal: Refusal) -> Self {
        Self { rule: format!("{refusal:?}"), meaning: refusal.meaning().to_owned(), about: None, cause: None }
    }
}

/// The steps so far, and the first refusal among them.
#[derive(Default)]
struct Steps(Vec<ExplainedStep>);

impl Steps {
    fn push(&mut self, step: &str, outcome: StepOutcome) -> &mut ExplainedStep {
        self.0.push(ExplainedStep { step: step.to_owned(), outcome, found: None, refusal: None, change: None });
        let last = self.0.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "it was pushed just now")]
        &mut self.0[last]
    }

    /// A question with its answer, and what would have to change if it is no; nothing where something else says it.
    fn ask(&mut self, step: &str, answer: Result<String, &Refused>, change: impl FnOnce() -> String) {
        match answer {
            Ok(found) => self.push(step, StepOutcome::Held).found = Some(found).filter(|found| !found.is_empty()),
            Err(refused) => {
                let step = self.push(step, StepOutcome::DidNotHold);
                step.refusal = Some(refused.into());
                step.change = Some(change()).filter(|change| !change.is_empty());
            }
        }
    }

    /// Questions that could not be asked.
    fn not_reached(&mut self, steps: &[&str]) {
        for step in steps {
            self.push(step, StepOutcome::NotReached);
        }
    }
}

/// Where a request comes from of which nobody said it.
const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// Where a request comes from, for people.
fn place(origin: Option<IpAddr>) -> String {
    let given = origin.filter(|origin| *origin != NOWHERE);
    given.map_or_else(|| "no address that was given".to_owned(), |origin| origin.to_string())
}

/// A time, for people.
fn time(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

/// A list for people, of at most so many.
fn list(words: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    const MOST: usize = 8;
    let words: Vec<_> = words.into_iter().map(|word| format!("`{}`", word.as_ref())).collect();
    match words.split_at_checked(MOST) {
        Some((shown, more)) if !more.is_empty() => format!("{} and {} more", shown.join(", "), more.len()),
        Some(_) | None => words.join(", "),
    }
}
