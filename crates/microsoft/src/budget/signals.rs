use std::time::Duration;

use http::{HeaderMap, StatusCode};

/// Longest that one answer may hold up everybody else: a number beyond it is a mistake, and would run over the clock.
const LONGEST: Duration = Duration::from_hours(1);

/// What an answer says about budgets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signals {
    /// 429, and 503 or 509 that mean the same.
    pub refused: bool,
    /// `Retry-After`, which some refusals lack.
    pub retry_after: Option<Duration>,
    /// `RateLimit-Limit`: units of the tightest budget. SharePoint and OneDrive tell it once four fifths are used.
    pub limit: Option<u64>,
    /// `RateLimit-Remaining`
    pub remaining: Option<u64>,
    /// `RateLimit-Reset`
    pub reset: Option<Duration>,
}

impl Signals {
    /// Source: <https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online>
    pub fn read(status: StatusCode, retry_after: Option<Duration>, headers: &HeaderMap) -> Self {
        let number =
            |name: &str| -> Option<u64> { headers.get(name)?.to_str().ok()?.trim().parse().ok() };
        let refused = match status.as_u16() {
            429 | 509 => true,
            // A service that is down says so too; only one that names a time is asking for patience.
            503 => retry_after.is_some(),
            _ => false,
        };
        Self {
            refused,
            retry_after: retry_after.map(|wait| wait.min(LONGEST)),
            limit: number("ratelimit-limit"),
            remaining: number("ratelimit-remaining"),
            reset: number("ratelimit-reset").map(|wait| Duration::from_secs(wait).min(LONGEST)),
        }
    }
}
