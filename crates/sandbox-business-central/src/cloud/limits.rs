//! How much an environment takes, when limits are switched on.
//! <https://learn.microsoft.com/dynamics365/business-central/dev-itpro/api-reference/v2.0/dynamics-current-limits>

use std::collections::{HashMap, VecDeque};

use http::StatusCode;
use jiff::Timestamp;

use super::Type;
use crate::fault::Fault;

/// Milliseconds in which requests are counted.
const WINDOW_MILLIS: i64 = 60_000;

/// When each caller's requests of the last minute came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter {
    seen: HashMap<String, VecDeque<i64>>,
}

/// Requests a minute.
fn most(type_: Type) -> usize {
    match type_ {
        Type::Production => 600,
        Type::Sandbox => 300,
    }
}

impl Meter {
    /// Counts a request; refused when there were too many before it.
    pub(crate) fn count(&mut self, who: &str, type_: Type, now: Timestamp) -> Result<(), Fault> {
        let now = now.as_millisecond();
        let seen = self.seen.entry(who.to_owned()).or_default();
        while seen.front().is_some_and(|at| *at <= now - WINDOW_MILLIS) {
            seen.pop_front();
        }
        if seen.len() >= most(type_) {
            return Err(Fault::new(
                StatusCode::TOO_MANY_REQUESTS,
                "Application_TooManyRequests",
                "Too many requests reached. Actual (601). Maximum (600)."
                    .replace("601", &(seen.len() + 1).to_string())
                    .replace("600", &most(type_).to_string()),
            ));
        }
        seen.push_back(now);
        Ok(())
    }
}
