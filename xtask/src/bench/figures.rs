//! What was measured, as ratios, beside the targets that were set for them.

use super::assertions::{self, Assertions, Ledger};
use super::contest::Measured;
use super::crypto::{self, Crypto};
use super::decisions::Decision;
use super::gateway::{Gateway, Kind, Who};
use super::introspection;
use super::machine::Machine;
use super::tokens::{MANY, Tokens};

/// One run.
pub(super) struct Figures {
    pub(super) machine: Machine,
    pub(super) crypto: Vec<Crypto>,
    pub(super) decisions: Vec<Decision>,
    pub(super) tokens: Tokens,
    pub(super) assertions: Assertions,
    pub(super) introspection: Vec<introspection::Row>,
    pub(super) gateway: Gateway,
}

/// A ratio and what it should be.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ratio {
    pub(super) name: String,
    /// By the server's CPU time.
    pub(super) by_cpu: f64,
    /// By requests a second.
    pub(super) by_rate: f64,
    /// Of what the floor needs with the same crypto, by CPU time.
    pub(super) of_bare: Option<f64>,
    pub(super) target: Target,
}

/// What no server on this stack can save.
#[derive(Clone, Copy)]
struct Limit<'a> {
    floor: &'a Measured,
    /// The crypto by itself, in microseconds.
    crypto: f64,
    /// Both at once, where that was measured.
    bare: Option<&'a Measured>,
}

/// The bound of a ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Target {
    None,
    AtLeast(f64),
    AtMost(f64),
}

impl Target {
    /// Whether it is met; `None`: there is no target.
    pub(super) fn is_met(self, value: f64) -> Option<bool> {
        match self {
            Self::None => None,
            Self::AtLeast(least) => Some(value >= least),
            Self::AtMost(most) => Some(value <= most),
        }
    }
}

impl Figures {
    /// Shares of a limit: 1 is what no server on this stack can exceed.
    pub(super) fn shares(&self) -> Vec<Ratio> {
        let mut shares = self.token_shares();
        shares.extend(self.assertion_shares());
        shares.extend(self.introspection_shares());
        shares.extend(self.gateway_shares());
        shares
    }

    /// How two figures of one run compare.
    pub(super) fn comparisons(&self) -> Vec<Ratio> {
        let mut ratios = self.token_comparisons();
        for (kind, least) in [(Kind::Several, 2.3), (Kind::Fresh, 1.3)] {
            for alg in ["RS256", "ES256"] {
                let target = if alg == "RS256" { Target::AtLeast(least) } else { Target::None };
                let name = format!("gateway, {alg}, {}: rate against HAProxy's", kind.words());
                let (ours, theirs) = (self.call(Who::Writ, alg, kind), self.call(Who::HaProxy, alg, kind));
                ratios.extend(ours.zip(theirs).map(|(ours, theirs)| faster(name, &ours, &theirs, target)));
            }
        }
        ratios
    }

    fn token_shares(&self) -> Vec<Ratio> {
        let floor = &self.tokens.floor;
        let share = |row: &super::tokens::Row| {
            let target = match row.alg {
                "RS256" => Target::AtLeast(0.90),
                "EdDSA" => Target::AtLeast(0.70),
                _ => Target::None,
            };
            let sign = crypto::of(&self.crypto, row.alg)?.sign;
            let name = format!("tokens, {}, {}", row.alg, clients(row.clients));
            let limit = Limit { floor, crypto: sign, bare: bare(&self.tokens.bare, row.alg) };
            Some(share_of(name, &row.measured, limit, target))
        };
        self.tokens.rows.iter().filter_map(share).collect()
    }

    fn assertion_shares(&self) -> Vec<Ratio> {
        let share = |row: &assertions::Row| {
            let crypto = crypto::of(&self.crypto, row.alg)?.verify + crypto::of(&self.crypto, assertions::TOKENS)?.sign;
            let name = format!("private_key_jwt, {}, {}", row.alg, row.ledger.words());
            let limit = Limit { floor: &self.tokens.floor, crypto, bare: bare(&self.assertions.bare, row.alg) };
            Some(share_of(name, &row.measured, limit, Target::AtLeast(0.75)))
        };
        self.assertions.rows.iter().filter_map(share).collect()
    }

    fn introspection_shares(&self) -> Vec<Ratio> {
        let share = |row: &introspection::Row| {
            let verify = crypto::of(&self.crypto, row.alg)?.verify;
            let name = format!("introspection, {}", row.alg);
            let limit = Limit { floor: &self.tokens.floor, crypto: verify, bare: None };
            Some(share_of(name, &row.measured, limit, Target::AtLeast(0.80)))
        };
        self.introspection.iter().filter_map(share).collect()
    }

    fn token_comparisons(&self) -> Vec<Ratio> {
        let many = self.tokens.rows.iter().filter(|row| row.clients == MANY);
        let cost = |row: &super::tokens::Row| {
            let one = self.tokens.rows.iter().find(|one| one.clients == 1 && one.alg == row.alg)?;
            let (by_cpu, by_rate) = (row.measured.cpu / one.measured.cpu, one.measured.rate / row.measured.rate);
            let name = format!("tokens, {}: the cost with {} clients against one's", row.alg, thousands(MANY));
            Some(Ratio { name, by_cpu, by_rate, of_bare: None, target: Target::AtMost(1.15) })
        };
        many.filter_map(cost).collect()
    }

    fn gateway_shares(&self) -> Vec<Ratio> {
        let mut shares = Vec::new();
        for alg in ["RS256", "ES256"] {
            for kind in [Kind::One, Kind::Several, Kind::Fresh] {
                let verify = crypto::of(&self.crypto, alg).filter(|_| kind == Kind::Fresh);
                let verify = verify.map_or(0.0, |crypto| crypto.verify);
                let target = if alg == "ES256" && kind == Kind::Fresh { Target::None } else { Target::AtLeast(0.85) };
                let name = format!("gateway, {alg}, {}", kind.words());
                let bare = self.call(Who::Floor, alg, kind);
                let limit = Limit { floor: &self.gateway.floor, crypto: verify, bare: bare.as_ref() };
                let measured = self.call(Who::Writ, alg, kind);
                shares.extend(measured.map(|one| share_of(name, &one, limit, target)));
            }
        }
        shares
    }

    fn call(&self, who: Who, alg: &str, kind: Kind) -> Option<Measured> {
        let row = |row: &&super::gateway::Row| row.server == who && row.alg == Some(alg) && row.tokens == kind;
        self.gateway.rows.iter().find(row).map(|row| row.measured)
    }
}

impl Kind {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::One => "one token",
            Self::Several => "2,000 tokens",
            Self::Fresh => "every token once",
        }
    }
}

impl Ledger {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// What part of the limit 1/(floor + crypto) is reached.
fn share_of(name: String, measured: &Measured, limit: Limit<'_>, target: Target) -> Ratio {
    let Limit { floor, crypto, bare } = limit;
    let by_cpu = (floor.cpu + crypto) / measured.cpu;
    let most = 1e6 / (1e6 / floor.rate + crypto);
    let of_bare = bare.map(|bare| bare.cpu / measured.cpu);
    Ratio { name, by_cpu, by_rate: measured.rate / most, of_bare, target }
}

/// The floor with the crypto of an algorithm.
fn bare<'m>(all: &'m [(&'static str, Measured)], alg: &str) -> Option<&'m Measured> {
    all.iter().find(|(known, _)| *known == alg).map(|(_, measured)| measured)
}

fn faster(name: String, ours: &Measured, theirs: &Measured, target: Target) -> Ratio {
    Ratio { name, by_cpu: theirs.cpu / ours.cpu, by_rate: ours.rate / theirs.rate, of_bare: None, target }
}

pub(super) fn clients(count: usize) -> String {
    if count == 1 { "1 client".to_owned() } else { format!("{} clients", thousands(count)) }
}

/// A number with commas.
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(rate: f64, cpu: f64) -> Measured {
        Measured { rate, cpu, spread: 0.0 }
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn a_share_is_of_the_limit_that_floor_and_crypto_leave() {
        let (floor, bare) = (measured(10_000.0, 50.0), measured(2500.0, 360.0));
        let limit = Limit { floor: &floor, crypto: 250.0, bare: Some(&bare) };
        let share = share_of("x".into(), &measured(2000.0, 400.0), limit, Target::None);
        // 300 of 400 us were inevitable; 1/(100 us + 250 us) is 2857 a second.
        assert!(close(share.by_cpu, 0.75) && close(share.by_rate, 0.7));
        assert!(share.of_bare.is_some_and(|of_bare| close(of_bare, 0.9)));
    }

    #[test]
    fn a_faster_server_needs_less() {
        let ratio = faster("x".into(), &measured(300.0, 20.0), &measured(100.0, 50.0), Target::AtLeast(2.3));
        assert!(close(ratio.by_rate, 3.0) && close(ratio.by_cpu, 2.5));
    }

    #[test]
    fn targets_are_bounds_on_one_side() {
        assert_eq!(Target::AtLeast(0.85).is_met(0.85), Some(true));
        assert_eq!(Target::AtLeast(0.85).is_met(0.84), Some(false));
        assert_eq!(Target::AtMost(1.15).is_met(1.2), Some(false));
        assert_eq!(Target::None.is_met(0.0), None);
    }

    #[test]
    fn numbers_have_commas() {
        assert_eq!([0, 999, 1000, 20_000, 1_234_567].map(thousands), ["0", "999", "1,000", "20,000", "1,234,567"]);
    }
}
