//! Keeping the public keys of an issuer: what is fresh, what is stale, and when to ask again. Pure rules; whoever
//! fetches brings the clock and the connection.

mod freshness;
mod key_set;
mod state;

pub use freshness::max_age;
pub use key_set::KeySet;
pub use state::{FetchedKeys, Held, Next, State};
