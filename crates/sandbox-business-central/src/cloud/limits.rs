//! How much an environment takes, when limits are switched on.
//! <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/administration/operational-limits-online#query-limits>

use std::collections::{HashMap, VecDeque};

use http::StatusCode;
use jiff::Timestamp;

use crate::fault::Fault;

/// Milliseconds in which requests are counted, by a sliding window.
const WINDOW_MILLIS: i64 = 300_000;
/// Requests of a user, which an application counts as, in that time. Until 2023 it was 600 a minute of an environment.
const MOST: usize = 6_000;

/// When each caller's requests of the last minutes came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter {
    seen: HashMap<String, VecDeque<i64>>,
}

impl Meter {
    /// Counts a request; refused when there were too many before it.
    pub(crate) fn count(&mut self, who: &str, now: Timestamp) -> Result<(), Fault> {
        let now = now.as_millisecond();
        let seen = self.seen.entry(who.to_owned()).or_default();
        while seen.front().is_some_and(|at| *at <= now - WINDOW_MILLIS) {
            seen.pop_front();
        }
        if seen.len() >= MOST {
            return Err(Fault::new(
                StatusCode::TOO_MANY_REQUESTS,
                "Application_TooManyRequests",
                format!(
                    "Too many requests reached. Actual ({}). Maximum ({MOST}).",
                    seen.len() + 1
                ),
            ));
        }
        seen.push_back(now);
        Ok(())
    }
}
