//! The time, as a seam: the system's, or a test's.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Where "now" comes from. Cheap to clone.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that shows what the shared number says, in seconds since the epoch.
    pub fn manual(seconds: Arc<AtomicI64>) -> Self {
        Self(Source::Manual(seconds))
    }

    /// Seconds since the epoch.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system for the time")]
    pub fn now(&self) -> i64 {
        match &self.0 {
            Source::System => jiff::Timestamp::now().as_second(),
            Source::Manual(seconds) => seconds.load(Ordering::Relaxed),
        }
    }
}
