//! The log of requests, which tests count in and people look into.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, Method, Uri, header};
use jiff::Timestamp;
use serde::Serialize;

/// Requests kept; older ones are forgotten.
const KEPT: usize = 10_000;
/// Different unimplemented requests kept.
const UNIMPLEMENTED_KEPT: usize = 1_000;

/// One request that reached the sandbox. Requests to the control API are not logged.
#[derive(Clone, Debug, Serialize)]
pub struct LoggedRequest {
    /// Counts up from 1, and goes on when the log is cleared.
    pub seq: u64,
    /// `GET`, `POST` …
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Without the question mark.
    pub query: Option<String>,
    /// None until it is answered, and for ever when the connection was closed instead.
    pub status: Option<u16>,
    /// The header of this name.
    pub client_request_id: Option<String>,
    /// Arrival by the sandbox's clock.
    pub at: Timestamp,
    /// The header of this name.
    pub user_agent: Option<String>,
    /// Whether an `Authorization` header came; its value is not kept.
    pub authorization_present: bool,
}

/// Something that was asked for and is not there.
#[derive(Clone, Debug, Serialize)]
pub struct UnimplementedRequest {
    /// `GET`, `POST` …
    pub method: String,
    /// Without the query.
    pub path: String,
    /// How often it was asked for.
    pub times: u64,
}

/// What reached the sandbox, the newest ten thousand.
#[derive(Default)]
pub(crate) struct RequestLog(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    last_seq: u64,
    requests: VecDeque<LoggedRequest>,
    unimplemented: Vec<UnimplementedRequest>,
}

impl LoggedRequest {
    /// Whether it had this method (empty for any) and this in its path.
    pub(crate) fn matches(&self, method: &str, path_contains: &str) -> bool {
        (method.is_empty() || self.method.eq_ignore_ascii_case(method))
            && self.path.contains(path_contains)
    }
}

impl RequestLog {
    /// Writes an arrival down and returns its number.
    pub(crate) fn arrived(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        at: Timestamp,
    ) -> u64 {
        self.with(|entries| {
            entries.last_seq += 1;
            if entries.requests.len() == KEPT {
                entries.requests.pop_front();
            }
            entries.requests.push_back(LoggedRequest {
                seq: entries.last_seq,
                method: method.to_string(),
                path: uri.path().to_owned(),
                query: uri.query().map(str::to_owned),
                status: None,
                client_request_id: text(headers, "client-request-id"),
                at,
                user_agent: text(headers, "user-agent"),
                authorization_present: headers.contains_key(header::AUTHORIZATION),
            });
            entries.last_seq
        })
    }

    pub(crate) fn answered(&self, seq: u64, status: u16) {
        self.with(|entries| {
            // Newest last and without gaps, so the place follows from the number.
            let Some(back) = entries.last_seq.checked_sub(seq) else {
                return;
            };
            let index = usize::try_from(back)
                .ok()
                .and_then(|back| entries.requests.len().checked_sub(back + 1));
            let Some(request) = index.and_then(|index| entries.requests.get_mut(index)) else {
                return;
            };
            request.status = Some(status);
            if status == 501 {
                let (method, path) = (request.method.clone(), request.path.clone());
                entries.count_unimplemented(method, path);
            }
        });
    }

    /// A part of a batch that is not implemented.
    pub(crate) fn missed(&self, method: &Method, path: &str) {
        self.with(|entries| entries.count_unimplemented(method.to_string(), path.to_owned()));
    }

    pub(crate) fn requests(&self) -> Vec<LoggedRequest> {
        self.with(|entries| entries.requests.iter().cloned().collect())
    }

    /// How many requests had this method (empty for any) and this in their path.
    pub(crate) fn count(&self, method: &str, path_contains: &str) -> usize {
        self.with(|entries| {
            entries
                .requests
                .iter()
                .filter(|request| request.matches(method, path_contains))
                .count()
        })
    }

    pub(crate) fn clear(&self) {
        self.with(|entries| entries.requests.clear());
    }

    pub(crate) fn unimplemented(&self) -> Vec<UnimplementedRequest> {
        self.with(|entries| entries.unimplemented.clone())
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Entries) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Entries {
    fn count_unimplemented(&mut self, method: String, path: String) {
        let known = self
            .unimplemented
            .iter()
            .position(|known| known.method == method && known.path == path);
        if let Some(known) = known {
            self.unimplemented[known].times += 1;
        } else if self.unimplemented.len() < UNIMPLEMENTED_KEPT {
            self.unimplemented.push(UnimplementedRequest {
                method,
                path,
                times: 1,
            });
        }
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrive(log: &RequestLog, path: &'static str) -> u64 {
        log.arrived(
            &Method::GET,
            &Uri::from_static(path),
            &HeaderMap::new(),
            Timestamp::UNIX_EPOCH,
        )
    }

    #[test]
    fn a_status_reaches_its_own_request_after_others_came_and_the_log_was_cleared() {
        let log = RequestLog::default();
        let lost = arrive(&log, "/lost");
        log.clear();
        let first = arrive(&log, "/first");
        arrive(&log, "/second");
        log.answered(lost, 500);
        log.answered(first, 204);
        let statuses: Vec<_> = log.requests().iter().map(|entry| entry.status).collect();
        assert_eq!(statuses, [Some(204), None]);
    }

    #[test]
    fn the_log_stays_bounded() {
        let log = RequestLog::default();
        for _ in 0..KEPT + 5 {
            arrive(&log, "/");
        }
        assert_eq!(log.requests().len(), KEPT);
    }

    #[test]
    fn what_is_not_implemented_is_listed_once_with_its_count() {
        let log = RequestLog::default();
        for _ in 0..2 {
            let seq = arrive(&log, "/v1.0/chats");
            log.answered(seq, 501);
        }
        let listed = log.unimplemented();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].times, 2);
    }
}
