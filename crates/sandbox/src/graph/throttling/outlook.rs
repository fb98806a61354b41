//! Mail, calendar and contacts: by application and mailbox.
//! Source: <https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits>

use axum::http::header;

use super::{Admission, Asked, Way, refused, spend, too_many};
use crate::shared::Shared;
use crate::throttling::Standing;

/// Requests in ten minutes.
const REQUESTS: u64 = 10_000;
/// Requests at once.
const AT_ONCE: usize = 4;
/// Bytes sent by POST, PUT and PATCH in five minutes.
const BYTES: u64 = 150 * 1024 * 1024;

pub(super) fn admit(asked: &Asked<'_>, shared: &Shared, whose: &str, way: Way) -> Admission {
    let mailbox = match whose {
        "me" => asked.caller.object_id().to_owned(),
        key => shared.read(|state| {
            let user = state.directory.user(key);
            user.map_or_else(|| key.to_owned(), |user| user.id.clone())
        }),
    };
    let requests = asked.limit(&format!("{mailbox}/requests"), REQUESTS, 600, 1);
    if let Some(over) = over(spend(shared, requests)) {
        return refused(over, throttled("RequestRate"));
    }
    if asked.is_write() {
        let bytes = asked.limit(&format!("{mailbox}/bytes"), BYTES, 300, asked.size_bytes);
        if let Some(over) = over(spend(shared, bytes)) {
            return refused(over, throttled("IncomingBytes"));
        }
    }
    if way == Way::InABatch {
        return Admission::default();
    }
    let key = format!("{}/{mailbox}", asked.caller.client_id());
    let slot = shared.throttle().enter(&key, AT_ONCE);
    let is_refused = slot.is_none();
    Admission {
        // One has to end, which no time can be told of.
        headers: is_refused
            .then(|| (header::RETRY_AFTER, "1".to_owned()))
            .into_iter()
            .collect(),
        refused: is_refused.then(|| throttled("MailboxConcurrency")),
        _slot: slot,
    }
}

fn over(standing: Option<Standing>) -> Option<Standing> {
    standing.filter(|standing| standing.is_over())
}

fn throttled(limit: &str) -> super::Fault {
    too_many(
        "ApplicationThrottled",
        &format!("Application is over its {limit} limit."),
    )
}
