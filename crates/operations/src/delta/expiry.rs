//! Places that Microsoft no longer knows. A directory's are good for seven days, Teams' for eight months, Dataverse's for seven days;
//! Outlook's and those of drives for as long as Microsoft remembers.
//!
//! Sources: <https://learn.microsoft.com/graph/delta-query-overview>, <https://learn.microsoft.com/graph/api/driveitem-delta>,
//! <https://learn.microsoft.com/power-apps/developer/data-platform/use-change-tracking-synchronize-data-external-systems>

use http::{HeaderMap, StatusCode};
use microsoft::GraphFault;
use serde_json::{Value, json};

use crate::Error;

/// Besides 410, whatever its code.
const CODES: [&str; 5] = [
    "syncStateNotFound",
    "syncStateInvalid",
    "resyncRequired",
    "resyncChangesApplyDifferences",
    UPLOAD,
];
/// What only the consumer has is to be kept.
const UPLOAD: &str = "resyncChangesUploadDifferences";
/// Dataverse's `ExpiredVersionStamp`.
const VERSION_EXPIRED: &str = "0x80044352";

pub(super) struct Expired {
    /// Microsoft's, the one that says the most.
    pub(super) code: String,
}

impl Expired {
    pub(super) fn read(error: &Error) -> Option<Self> {
        let Error::Microsoft { status, body, .. } = error else {
            return None;
        };
        let status = StatusCode::from_u16(*status).ok()?;
        let fault = GraphFault::parse(status, &HeaderMap::new(), body);
        let mut codes: Vec<_> = std::iter::once(fault.code)
            .chain(fault.inner_codes)
            .collect();
        let is_known = |code: &String| {
            let mut known = CODES.iter().chain(&[VERSION_EXPIRED]);
            known.any(|known| code.eq_ignore_ascii_case(known))
        };
        if status != StatusCode::GONE && !codes.iter().any(is_known) {
            return None;
        }
        let last = codes.iter().rposition(is_known).unwrap_or(0);
        Some(Self {
            code: codes.swap_remove(last),
        })
    }

    /// What a consumer has to do about it.
    pub(super) fn told(&self) -> Value {
        let message = if self.code.eq_ignore_ascii_case(UPLOAD) {
            "what follows is everything; keep what only you have, and what differs in both forms"
        } else {
            "what follows is everything; what you have and it does not list is gone"
        };
        json!({ "code": self.code, "message": message })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use model::{Act, Diagnosis, Evidence, Group};

    use super::*;

    fn error(status: u16, body: &str) -> Error {
        Error::Microsoft {
            status,
            diagnosis: Box::new(Diagnosis {
                group: Group::ConnectionFailed,
                cause: String::new(),
                act: Act::User,
                remedy: Vec::new(),
                evidence: Evidence::default(),
                known: true,
            }),
            body: Bytes::copy_from_slice(body.as_bytes()),
            retry_after: None,
        }
    }

    #[test]
    fn every_documented_way_of_saying_so_is_known() {
        let cases = [
            (
                410,
                r#"{"error":{"code":"SyncStateNotFound","message":""}}"#,
                Some("SyncStateNotFound"),
            ),
            (
                410,
                r#"{"error":{"code":"resyncRequired","message":"","innerError":{"code":"resyncChangesUploadDifferences"}}}"#,
                Some(UPLOAD),
            ),
            (410, "gone", Some("")),
            (
                400,
                r#"{"error":{"code":"syncStateInvalid","message":""}}"#,
                Some("syncStateInvalid"),
            ),
            (
                409,
                r#"{"error":{"code":"0x80044352","message":"too old"}}"#,
                Some(VERSION_EXPIRED),
            ),
            (
                404,
                r#"{"error":{"code":"itemNotFound","message":""}}"#,
                None,
            ),
            (400, r#"{"error":{"code":"BadRequest","message":""}}"#, None),
        ];
        for (status, body, code) in cases {
            let expired = Expired::read(&error(status, body));
            assert_eq!(
                expired.map(|it| it.code).as_deref(),
                code,
                "{status} {body}"
            );
        }
        assert!(Expired::read(&Error::InProgress).is_none());
    }
}
