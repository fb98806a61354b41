use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;

/// `[limits]`: what a caller may ask for at most.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Longest body of a request. 4 MiB.
    pub max_body_bytes: usize,
    /// Items in a page of a list unless the caller says otherwise. 50.
    pub page: i64,
    /// Items in a page at most. 200.
    pub page_max: i64,
    /// Longest wait for an answer to begin, in seconds. 120: a throttled call is repeated for a while.
    pub request_timeout_secs: u64,
    /// Connections open at a time. 4,096; the next ones wait.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body_bytes: 4 * 1024 * 1024,
            page: 50,
            page_max: 200,
            request_timeout_secs: 120,
            connections: 4096,
        }
    }
}

impl Limits {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let positive = [
            ("limits.max_body_bytes", self.max_body_bytes > 0),
            ("limits.page", self.page > 0 && self.page <= self.page_max),
            ("limits.request_timeout_secs", self.request_timeout_secs > 0),
            ("limits.connections", self.connections > 0),
        ];
        match positive.into_iter().find(|(_, holds)| !holds) {
            Some((key, _)) => Err(ConfigError::value(
                key,
                "must be more than 0, and `page` at most `page_max`",
            )),
            None => Ok(()),
        }
    }

    pub(crate) fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_secs)
    }
}
