//! When credentials were last used: noted in memory on the path of a request, written down now and then.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::Core;
use crate::client::Client;
use crate::credential::CredentialState;
use crate::store::StoreError;

/// Uses are noted to the minute.
const RESOLUTION: i64 = 60;
/// How often they are written down.
const FLUSH: Duration = Duration::from_secs(30);

/// Uses that are not written down yet, by tenant, client and credential.
#[derive(Default)]
pub(crate) struct Usage(Mutex<HashMap<(String, String, String), i64>>);

impl Usage {
    /// Notes a use; nothing to do when one was noted in the same minute.
    pub(crate) fn note(&self, tenant: &str, client: &Client, credential: &CredentialState, now: i64) {
        let minute = now - now.rem_euclid(RESOLUTION);
        if credential.last_used.swap(minute, Ordering::Relaxed) == minute {
            return;
        }
        let key = (tenant.to_owned(), client.client_id.to_string(), credential.id.to_string());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, minute);
    }

    fn take(&self) -> Vec<(String, String, String, i64)> {
        let uses = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut uses: Vec<_> = uses.into_iter().map(|((tenant, client, id), at)| (tenant, client, id, at)).collect();
        // In one order everywhere, so that two servers do not wait for each other's rows.
        uses.sort();
        uses
    }

    /// Takes back what could not be written down, unless there is newer.
    fn put_back(&self, uses: Vec<(String, String, String, i64)>) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (tenant, client, id, at) in uses {
            noted.entry((tenant, client, id)).or_insert(at);
        }
    }
}

impl Core {
    /// Writes uses down until told to stop.
    pub async fn write_usage(&self, stop: CancellationToken) {
        while tokio::time::timeout(FLUSH, stop.cancelled()).await.is_err() {
            if let Err(error) = self.flush_usage().await {
                tracing::warn!(%error, "when credentials were last used could not be noted");
            }
        }
    }

    pub(crate) async fn flush_usage(&self) -> Result<(), StoreError> {
        let uses = self.usage.take();
        if uses.is_empty() {
            return Ok(());
        }
        let written = self.store.note_use(&uses).await;
        if written.is_err() {
            self.usage.put_back(uses);
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_written_down_is_kept_unless_there_is_newer() {
        let usage = Usage::default();
        let used = |id: &str, at| ("t".to_owned(), "c".to_owned(), id.to_owned(), at);
        usage.put_back(vec![used("b", 60), used("a", 60)]);
        let taken = usage.take();
        assert_eq!(taken, [used("a", 60), used("b", 60)]);
        assert!(usage.take().is_empty());
        usage.put_back(vec![used("a", 120)]);
        usage.put_back(taken);
        assert_eq!(usage.take(), [used("a", 120), used("b", 60)]);
    }
}
