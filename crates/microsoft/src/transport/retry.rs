//! The one retry policy.
//!
//! | happened | [`Repeat::Safe`] | [`Repeat::Never`] | [`Repeat::Unsent`] |
//! |---|---|---|---|
//! | no connection was made | again | again | again |
//! | 429 | again | again: Microsoft throttles instead of doing it | as it is |
//! | 500, 502, 503, 504, 509 | again | the answer as it is: it may have been done | as it is |
//! | connection broke, or no answer in time | again | an error that says it may have happened | the same error |
//! | any other answer | as it is | as it is | as it is |
//!
//! `Retry-After` is waited for, to the second. Without it pauses double from half a second to twenty, half of each at
//! random so that callers who were refused together do not return together. There are four attempts at most, and no pause
//! is begun that the deadline would cut: then the last answer is returned as it is. Requests made while throttled count
//! against the limit, so a `Retry-After` is never undercut.
//!
//! Sources: Microsoft Graph docs, `throttling`; RFC 9110, 10.2.3.

use std::time::Duration;

use http::StatusCode;
use model::Random;

use super::Repeat;

/// The figures of the policy.
#[derive(Debug, Clone)]
pub struct RetryPolicy {
    /// The first one included.
    pub attempts: u32,
    /// The first pause, where Microsoft names none.
    pub first_pause: Duration,
    pub longest_pause: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(20),
        }
    }
}

/// How one attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Answered(StatusCode, Option<Duration>),
    /// For sure nothing was sent.
    NotSent,
    /// Something may have been.
    Lost,
}

impl RetryPolicy {
    /// How long to wait before the next attempt; `None` when the last one's result stands. `attempt` counts from one.
    pub(super) fn pause(
        &self,
        repeat: Repeat,
        ending: Ending,
        attempt: u32,
        remaining: Duration,
        random: &dyn Random,
    ) -> Option<Duration> {
        if attempt >= self.attempts || !may_repeat(repeat, ending) {
            return None;
        }
        let pause = match ending {
            Ending::Answered(_, Some(retry_after)) => retry_after,
            _ => self.backoff(attempt, random),
        };
        (pause < remaining).then_some(pause)
    }

    /// Doubles with each attempt, half of it at random.
    pub(super) fn backoff(&self, attempt: u32, random: &dyn Random) -> Duration {
        let doubled = self
            .first_pause
            .saturating_mul(1_u32.checked_shl(attempt - 1).unwrap_or(u32::MAX));
        let half = doubled.min(self.longest_pause) / 2;
        let mut bytes = [0; 4];
        random.fill(&mut bytes);
        half + half.mul_f64(f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX))
    }
}

fn may_repeat(repeat: Repeat, ending: Ending) -> bool {
    match ending {
        Ending::NotSent => true,
        Ending::Answered(StatusCode::TOO_MANY_REQUESTS, _) => repeat != Repeat::Unsent,
        Ending::Answered(status, _) => {
            repeat == Repeat::Safe && matches!(status.as_u16(), 500 | 502 | 503 | 504 | 509)
        }
        Ending::Lost => repeat == Repeat::Safe,
    }
}

#[cfg(test)]
mod tests;
