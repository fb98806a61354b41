//! Service protection limits, when they are switched on.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/api-limits>

pub(crate) mod cost;

use std::collections::{HashMap, VecDeque};

use jiff::Timestamp;
use uuid::Uuid;

use crate::fault::Fault;

/// The window in which requests are counted.
const WINDOW_MS: i64 = 300_000;

/// What one user may ask of the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// In five minutes.
    pub requests: usize,
    /// Milliseconds of work in five minutes.
    pub execution_ms: i64,
    /// At the same time.
    pub concurrent: usize,
    /// What reading one row is taken to cost; other requests cost several times that. So long a request is under way.
    pub request_ms: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: 6_000,
            execution_ms: 1_200_000,
            concurrent: 52,
            request_ms: 50,
        }
    }
}

/// Who asked when.
#[derive(Debug, Default)]
pub(crate) struct Protection {
    limits: Option<Limits>,
    /// Start of each request and its cost, oldest first.
    users: HashMap<Uuid, VecDeque<(i64, i64)>>,
}

impl Protection {
    pub(crate) fn set_limits(&mut self, limits: Option<Limits>) {
        self.limits = limits;
        self.users.clear();
    }

    /// Counts a request that costs so many units, or refuses it. What remains, and seconds of the window, go into headers.
    pub(crate) fn admit(
        &mut self,
        user: Uuid,
        now: Timestamp,
        units: usize,
    ) -> Result<(usize, i64), Fault> {
        let Some(limits) = self.limits else {
            return Ok((
                Limits::default().requests,
                Limits::default().execution_ms / 1000,
            ));
        };
        let now = now.as_millisecond();
        let cost = limits.request_ms * i64::try_from(units.max(1)).unwrap_or(i64::MAX);
        let seen = self.users.entry(user).or_default();
        while seen
            .front()
            .is_some_and(|(start, _)| start + WINDOW_MS <= now)
        {
            seen.pop_front();
        }
        let wait = |from: i64| u64::try_from((from - now) / 1000 + 1).unwrap_or(1);
        let spent: i64 = seen.iter().map(|(_, cost)| cost).sum();
        let oldest = seen.front().map_or(now, |(start, _)| *start);
        if seen.len() >= limits.requests {
            let message = format!(
                "Number of requests exceeded the limit of {} over time window of 300 seconds.",
                limits.requests
            );
            return Err(Fault::throttled(
                "0x80072322",
                &message,
                wait(oldest + WINDOW_MS),
            ));
        }
        if spent + cost > limits.execution_ms {
            let message = format!(
                "Combined execution time of incoming requests exceeded limit of {} milliseconds over time window of 300 seconds. Decrease number of concurrent requests or reduce the duration of requests and try again later.",
                limits.execution_ms
            );
            return Err(Fault::throttled(
                "0x80072321",
                &message,
                wait(oldest + WINDOW_MS),
            ));
        }
        let under_way = seen
            .iter()
            .filter(|(start, _)| start + limits.request_ms > now)
            .count();
        if under_way >= limits.concurrent {
            let message = format!(
                "Number of concurrent requests exceeded the limit of {}.",
                limits.concurrent
            );
            return Err(Fault::throttled("0x80072326", &message, 1));
        }
        seen.push_back((now, cost));
        let left = limits.requests - seen.len();
        Ok((left, (limits.execution_ms - spent - cost) / 1000))
    }
}
