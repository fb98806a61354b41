//! After trouble of Entra's or of the network, a token is not asked for again at once: callers meanwhile get the same error,
//! and Entra gets time.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use moka::sync::Cache;

use super::{BrokerError, TokenKey};
use crate::Context;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(1);
const REMEMBERED: u64 = 100_000;

/// What went wrong last, and when to try again.
#[derive(Clone)]
struct Pause {
    until: Timestamp,
    length: Duration,
    error: BrokerError,
}

#[derive(Clone)]
pub(super) struct Pauses(Cache<TokenKey, Pause>);

impl Default for Pauses {
    fn default() -> Self {
        Self(
            Cache::builder()
                .max_capacity(REMEMBERED)
                .time_to_live(LONGEST * 10)
                .build(),
        )
    }
}

impl Pauses {
    /// The error to answer while a pause runs.
    pub(super) fn running(&self, key: &TokenKey, now: Timestamp) -> Option<BrokerError> {
        self.0
            .get(key)
            .filter(|pause| now < pause.until)
            .map(|pause| pause.error)
    }

    pub(super) fn end(&self, key: &TokenKey) {
        self.0.invalidate(key);
    }

    /// Begins a pause after transient trouble: as long as Entra asks, else twice the last one, spread by up to a quarter
    /// so that replicas do not come back together.
    pub(super) fn after(&self, key: &TokenKey, error: &BrokerError, context: &Context) {
        let BrokerError::Transient { retry_after, .. } = error else {
            return;
        };
        let length = self
            .0
            .get(key)
            .map_or(FIRST, |last| (last.length * 2).min(LONGEST));
        let mut byte = [0];
        context.random.fill(&mut byte);
        let wait = retry_after.unwrap_or(length) + length.mul_f64(f64::from(byte[0]) / 1024.0);
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_mins(1));
        let pause = Pause {
            until: context.now() + wait,
            length,
            error: error.clone(),
        };
        self.0.insert(key.clone(), pause);
    }
}
