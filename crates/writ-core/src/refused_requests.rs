//! The requests that this process refused lately, by their ids: what an administrator may know of a refusal and its
//! caller may not. In memory, bounded, and without any secret.
//!
//! Requests of strangers are kept apart from those of clients that have proven themselves, and one tenant's from
//! another's; where there are too many, the place that has most gives up its oldest. So nobody who only sends refused
//! requests to one tenant makes another's be forgotten, and nobody without a credential makes those of clients be.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use writ_oauth::{Class, ItemDecision, Refused};

use crate::clock::Clock;
use crate::explain::BrokenRule;
use crate::tenant::OPERATOR;

/// How many are kept in all.
const MOST: usize = 20_000;
/// How many are kept in one place.
const MOST_OF_ONE: usize = 2_000;
/// The longest path that is kept, in characters.
const LONGEST_PATH: usize = 500;

/// A request that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRequest {
    /// Its id.
    pub request_id: String,
    /// The tenant; `None`: it came to no tenant's door.
    pub tenant: Option<String>,
    /// The listener.
    pub listener: &'static str,
    /// The dialect of the door, if it came to one.
    pub door: Option<&'static str>,
    /// The method.
    pub method: String,
    /// The path, without its query.
    pub path: String,
    /// The caller's address; where no door was found, that of the connection.
    pub origin: Option<IpAddr>,
    /// The status of the answer.
    pub status: u16,
    /// The refusal.
    pub refused: Refused,
}

/// The same for an administrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainedRefusal {
    /// The request's id.
    pub request_id: String,
    /// When it was answered.
    pub time: Timestamp,
    /// The listener.
    pub listener: String,
    /// The dialect of the door, if it came to one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub door: Option<String>,
    /// The method.
    pub method: String,
    /// The path, without its query.
    pub path: String,
    /// Where it came from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub origin: Option<IpAddr>,
    /// The client, as it said to be or has proven to be.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub client_id: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// The rule that was not met.
    pub refusal: BrokenRule,
    /// What was decided on each item that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub items: Vec<DecidedItem>,
}

/// What was decided on an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidedItem {
    /// The item as it was asked for.
    pub item: String,
    /// Whether it would have been granted.
    pub granted: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub refusal: Option<BrokenRule>,
}

/// Where refused requests are kept: the tenant, and whether a client had proven itself.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Place {
    tenant: Option<String>,
    proven: bool,
}

/// A request with when it was kept: its number among all, and the time.
struct Kept {
    number: u64,
    time: i64,
    request: RefusedRequest,
}

/// What is kept in each place, the oldest first.
#[derive(Default)]
struct Places {
    of: HashMap<Place, VecDeque<Kept>>,
    total: usize,
    next: u64,
}

/// The refused requests that this process still knows.
pub struct RefusedRequests {
    clock: Clock,
    places: Mutex<Places>,
}

impl RefusedRequests {
    /// None yet.
    pub fn new(clock: Clock) -> Self {
        Self { clock, places: Mutex::default() }
    }

    /// Keeps one.
    pub fn remember(&self, mut request: RefusedRequest) {
        if let Some((end, _)) = request.path.char_indices().nth(LONGEST_PATH) {
            request.path.truncate(end);
        }
        let Refused { refusal, client_id, .. } = &request.refused;
        let proven = client_id.is_some() && is_of_proven(refusal.class());
        let place = Place { tenant: request.tenant.clone(), proven };
        let now = self.clock.now();
        self.places.lock().unwrap_or_else(PoisonError::into_inner).add(place, now, request);
    }

    /// The one with an id that came to a tenant. Those that came to nobody's door are the operator's.
    pub fn find(&self, tenant: &str, request_id: &str) -> Option<ExplainedRefusal> {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.of_tenant(tenant).find(|kept| kept.request.request_id == request_id).map(explained)
    }

    /// The latest that came to a tenant, at most so many, the latest first; of one client, or of all.
    pub fn latest(&self, tenant: &str, client_id: Option<&str>, most: usize) -> Vec<ExplainedRefusal> {
        let of_client = |kept: &Kept| kept.request.refused.client_id.as_deref() == client_id;
        let is_meant = |kept: &&Kept| client_id.is_none() || of_client(kept);
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found: Vec<_> = places.of_tenant(tenant).filter(is_meant).collect();
        found.sort_by_key(|kept| std::cmp::Reverse(kept.number));
        found.into_iter().take(most).map(explained).collect()
    }
}

impl Places {
    fn add(&mut self, place: Place, time: i64, request: RefusedRequest) {
        let here = self.of.entry(place).or_default();
        here.push_back(Kept { number: self.next, time, request });
        self.next += 1;
        self.total += 1;
        if here.len() > MOST_OF_ONE && here.pop_front().is_some() {
            self.total -= 1;
        }
        if self.total > MOST {
            let fullest = self.of.values_mut().max_by_key(|kept| kept.len());
            if fullest.and_then(VecDeque::pop_front).is_some() {
                self.total -= 1;
            }
        }
    }

    /// Those of a tenant, of each place the latest first.
    fn of_tenant(&self, tenant: &str) -> impl Iterator<Item = &Kept> {
        let is_its = move |place: &Place| place.tenant.as_deref().unwrap_or(OPERATOR) == tenant;
        self.of.iter().filter(move |(place, _)| is_its(place)).flat_map(|(_, kept)| kept.iter().rev())
    }
}

/// Whether a known client has proven itself before it is refused like this.
const fn is_of_proven(class: Class) -> bool {
    match class {
        Class::Disabled
        | Class::AddressRefused
        | Class::ClientNotAllowed
        | Class::BadScope
        | Class::BadTarget
        | Class::InsufficientToken
        | Class::BadGateway
        | Class::GatewayTimeout => true,
        Class::NotFound
        | Class::WrongMethod
        | Class::Malformed
        | Class::TooLarge
        | Class::TooSlow
        | Class::Unauthenticated
        | Class::BadCredential
        | Class::UnsupportedGrant
        | Class::BadToken
        | Class::Unavailable
        | Class::Failed => false,
    }
}

fn explained(Kept { time, request, .. }: &Kept) -> ExplainedRefusal {
    let decided = |item: &ItemDecision| DecidedItem {
        item: item.item.clone(),
        granted: item.refusal.is_none(),
        refusal: item.refusal.map(BrokenRule::from),
    };
    let items = request.refused.detail.as_ref().map(|detail| detail.items.iter().map(decided).collect());
    ExplainedRefusal {
        request_id: request.request_id.clone(),
        time: Timestamp::from_second(*time).unwrap_or_default(),
        listener: request.listener.to_owned(),
        door: request.door.map(str::to_owned),
        method: request.method.clone(),
        path: request.path.clone(),
        origin: request.origin,
        client_id: request.refused.client_id.clone(),
        status: request.status,
        refusal: BrokenRule::from(&request.refused),
        items: items.unwrap_or_default(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use writ_oauth::Refusal;

    use super::*;

    fn request(tenant: &str, number: usize, refused: Refused) -> RefusedRequest {
        RefusedRequest {
            request_id: format!("{tenant}-{number}"),
            tenant: Some(tenant.to_owned()),
            listener: "public",
            door: None,
            method: "POST".to_owned(),
            path: "/oauth2/token".to_owned(),
            origin: None,
            status: 400,
            refused,
        }
    }

    fn of_client(refusal: Refusal) -> Refused {
        Refused::from(refusal).of_client("client")
    }

    #[test]
    fn strangers_make_nothing_of_clients_be_forgotten() {
        let kept = RefusedRequests::new(Clock::system());
        kept.remember(request("a", 0, of_client(Refusal::PermissionNotGranted)));
        // Whoever says to be the client is not the client; and a class alone proves nobody.
        for refused in [of_client(Refusal::SecretWrong), Refusal::ClientUnknown.into(), Refusal::RequestLoops.into()] {
            for number in 1..=MOST_OF_ONE {
                kept.remember(request("a", number, refused.clone()));
            }
        }
        assert!(kept.find("a", "a-0").is_some());
        assert_eq!(kept.latest("a", None, usize::MAX).len(), MOST_OF_ONE + 1);
        assert_eq!(kept.latest("a", Some("client"), usize::MAX).len(), 1);
    }

    #[test]
    fn a_flood_at_some_tenants_makes_nothing_of_others_be_forgotten() {
        let kept = RefusedRequests::new(Clock::system());
        kept.remember(request("quiet", 0, Refusal::ClientUnknown.into()));
        for tenant in 0..2 * MOST / MOST_OF_ONE {
            for number in 0..=MOST_OF_ONE {
                kept.remember(request(&format!("loud-{tenant}"), number, Refusal::ClientUnknown.into()));
            }
        }
        assert!(kept.find("quiet", "quiet-0").is_some());
        let places = kept.places.lock().unwrap();
        let total: usize = places.of.values().map(VecDeque::len).sum();
        assert_eq!((total, places.total), (MOST, MOST));
        // Each keeps its share.
        let least = places.of.iter().filter(|(place, _)| place.tenant.as_deref() != Some("quiet"));
        assert!(least.map(|(_, kept)| kept.len()).min().unwrap() > MOST / (2 * MOST / MOST_OF_ONE) - 10);
    }

    #[test]
    fn a_long_path_is_kept_in_part() {
        let kept = RefusedRequests::new(Clock::system());
        let path = "/ä".repeat(LONGEST_PATH);
        kept.remember(RefusedRequest { path, ..request("a", 0, Refusal::PathUnknown.into()) });
        assert_eq!(kept.find("a", "a-0").unwrap().path.chars().count(), LONGEST_PATH);
    }

    #[test]
    fn what_came_to_no_door_is_the_operators() {
        let kept = RefusedRequests::new(Clock::system());
        kept.remember(RefusedRequest { tenant: None, ..request("a", 0, Refusal::HostUnknown.into()) });
        assert!(kept.find(OPERATOR, "a-0").is_some() && kept.find("a", "a-0").is_none());
    }
}
