//! Explanations for people: the answer, what it rests on, and what would have to change.

use std::fmt::Write;

use serde_json::Value;
use writ_core::StepOutcome;
use writ_core::explain::{
    BrokenRule, CallExplanation, ExplainedItem, ExplainedStep, RequestExplanation, RuleStanding, WeighedRule,
};
use writ_core::refused_requests::{DecidedItem, ExplainedRefusal};

use crate::cli::output::{self, printable};

const GREEN: &str = "\u{1b}[32m";
const RED: &str = "\u{1b}[31m";
const DIM: &str = "\u{1b}[2m";
const PLAIN: &str = "\u{1b}[0m";

/// How explanations are printed. Writing to a String cannot fail.
#[derive(Clone, Copy)]
pub(super) struct Report {
    colours: bool,
}

impl Report {
    pub(super) const fn new(colours: bool) -> Self {
        Self { colours }
    }

    pub(super) fn request(self, explained: &RequestExplanation, answer: &Value) -> String {
        let RequestExplanation { granted, audience, scope, rejected, refusal, steps, items, .. } = explained;
        let (audience, scope) = (audience.as_deref().unwrap_or_default(), scope.as_deref().unwrap_or_default());
        let mut text = match scope {
            _ if !granted => String::new(),
            "" => format!("{} a token for `{}` that holds nothing\n", self.good("Granted:"), printable(audience)),
            _ => format!("{} `{}` on `{}`\n", self.good("Granted:"), printable(scope), printable(audience)),
        };
        if !rejected.is_empty() {
            let _ = writeln!(text, "{} `{}`", self.bad("Left out:"), printable(&rejected.join(" ")));
        }
        self.why_not(&mut text, refusal.as_ref(), answer);
        self.reasons(&mut text, steps, items);
        text
    }

    pub(super) fn call(self, explained: &CallExplanation, answer: &Value) -> String {
        let CallExplanation { granted, route, token, refusal, steps, items } = explained;
        let mut text = String::new();
        if let (Some(route), true) = (route, granted) {
            let _ = writeln!(text, "{} by the route `{}`", self.good("Let through"), printable(&route.name));
        }
        self.why_not(&mut text, refusal.as_ref(), answer);
        if let Some(token) = token {
            let (client, scope) = (printable(&token.client_id), printable(&token.scope));
            let _ = writeln!(text, "The token: of client `{client}`, holds `{scope}`, until {}", token.expires);
        }
        self.reasons(&mut text, steps, items);
        text
    }

    pub(super) fn refusal(self, refusal: &ExplainedRefusal, answer: &Value) -> String {
        let ExplainedRefusal { request_id, time, listener, door, method, path, .. } = refusal;
        let mut text = String::new();
        self.why_not(&mut text, Some(&refusal.refusal), &Value::Null);
        let door = door.as_ref().map(|door| format!(", door `{door}`")).unwrap_or_default();
        let origin = refusal.origin.map(|origin| format!(" from {origin}")).unwrap_or_default();
        let client = refusal.client_id.as_ref().map(|client| format!(", client `{}`", printable(client)));
        let _ = writeln!(text, "request  {}, {time}", printable(request_id));
        let _ =
            writeln!(text, "asked    {} {}{origin}{}", printable(method), printable(path), client.unwrap_or_default());
        let _ = writeln!(text, "answered {} by the {listener} listener{door}", refusal.status);
        if let Some(server) = answer.get("server").and_then(Value::as_str) {
            let _ = writeln!(text, "known to {}", printable(server));
        }
        for DecidedItem { item, granted, refusal } in &refusal.items {
            let outcome = if *granted { self.good("granted") } else { self.bad("refused") };
            let why = refusal.as_ref().map(|broken| format!(" ({}) {}", broken.rule, broken.meaning));
            let _ = writeln!(text, "  {outcome} `{}`{}", printable(item), why.unwrap_or_default());
        }
        text
    }

    fn why_not(self, text: &mut String, refusal: Option<&BrokenRule>, answer: &Value) {
        let Some(BrokenRule { rule, meaning, about, cause }) = refusal else { return };
        let about = about.as_ref().map(|about| format!(": `{}`", printable(about))).unwrap_or_default();
        let _ = writeln!(text, "{} ({rule}{about}) {meaning}", self.bad("Refused"));
        if let Some(cause) = cause {
            let _ = writeln!(text, "In particular: {}", printable(cause));
        }
        if let Some(told) = answer.get("caller_is_told") {
            let word = |name: &str| told.get(name).and_then(Value::as_str).map(printable).unwrap_or_default();
            let status = told.get("status").and_then(Value::as_u64).unwrap_or_default();
            let _ = writeln!(text, "The caller is told: {status} {}, \"{}\"", word("error"), word("error_description"));
        }
    }

    fn reasons(self, text: &mut String, steps: &[ExplainedStep], items: &[ExplainedItem]) {
        text.push('\n');
        for step in steps {
            self.step(text, step);
        }
        for item in items {
            self.item(text, item);
        }
        let of_steps = steps.iter().filter_map(|step| step.change.as_deref());
        let changes: Vec<_> = of_steps.chain(items.iter().filter_map(|item| item.change.as_deref())).collect();
        if !changes.is_empty() {
            text.push_str("\nWhat would have to change:\n");
            for change in changes {
                let _ = writeln!(text, "  - {}", printable(change));
            }
        }
    }

    fn step(self, text: &mut String, ExplainedStep { step, outcome, found, refusal, .. }: &ExplainedStep) {
        let name = step.replace('_', " ");
        let (outcome, more) = match (outcome, refusal) {
            (StepOutcome::Held, _) => (self.good("yes"), found.clone().unwrap_or_default()),
            (StepOutcome::DidNotHold, Some(broken)) => {
                let cause = broken.cause.as_ref().unwrap_or(&broken.meaning);
                (self.bad("no "), format!("({}) {cause}", broken.rule))
            }
            (StepOutcome::DidNotHold, None) => (self.bad("no "), String::new()),
            (StepOutcome::NotReached, _) => (self.dim("-  "), "not asked".to_owned()),
        };
        let line = format!("  {name:<18} {outcome}  {}", printable(&more));
        let _ = writeln!(text, "{}", line.trim_end());
    }

    fn item(self, text: &mut String, item: &ExplainedItem) {
        let (asked, audience) = (printable(&item.item), printable(&item.audience));
        let outcome = match (&item.granted, &item.refusal) {
            (Some(granted), _) if *granted == item.item => self.good("granted"),
            (Some(granted), _) => format!("{} as `{}`", self.good("granted"), printable(granted)),
            (None, Some(broken)) => format!("{} ({}) {}", self.bad("refused"), broken.rule, broken.meaning),
            (None, None) => self.bad("refused"),
        };
        let _ = writeln!(text, "\n`{asked}` on `{audience}`: {outcome}");
        for WeighedRule { rule, standing, why } in &item.weighed {
            let (mark, why) = (self.mark(*standing), printable(why));
            let _ = writeln!(text, "  {mark} {}  {}", printable(rule), self.dim(&why));
        }
        if item.more_rules > 0 {
            let _ = writeln!(text, "    and {} more rules about other things", item.more_rules);
        }
        if item.weighed.is_empty() && item.more_rules == 0 {
            let _ = writeln!(text, "    the client has no authorization there");
        }
    }

    fn mark(self, standing: RuleStanding) -> String {
        match standing {
            RuleStanding::Decided => self.good(">"),
            RuleStanding::Ended | RuleStanding::NotBegun | RuleStanding::Elsewhere => self.bad("!"),
            RuleStanding::Apart | RuleStanding::NotWeighed => " ".to_owned(),
        }
    }

    fn good(self, text: &str) -> String {
        self.coloured(GREEN, text)
    }

    fn bad(self, text: &str) -> String {
        self.coloured(RED, text)
    }

    fn dim(self, text: &str) -> String {
        self.coloured(DIM, text)
    }

    fn coloured(self, colour: &str, text: &str) -> String {
        if self.colours { format!("{colour}{text}{PLAIN}") } else { text.to_owned() }
    }
}

/// Refusals, one a line.
pub(super) fn table(refusals: &[ExplainedRefusal]) -> String {
    let row = |refusal: &ExplainedRefusal| {
        let ExplainedRefusal { request_id, time, client_id, method, path, status, refusal, .. } = refusal;
        let about = refusal.about.as_ref().map(|about| format!(": {about}")).unwrap_or_default();
        [
            time.to_string(),
            request_id.clone(),
            client_id.clone().unwrap_or_default(),
            format!("{method} {path}"),
            status.to_string(),
            format!("{}{about}", refusal.rule),
        ]
    };
    output::table(["TIME", "REQUEST ID", "CLIENT", "ASKED", "STATUS", "RULE"], refusals.iter().map(row))
}
