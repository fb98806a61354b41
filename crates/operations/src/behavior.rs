//! What takes more than one request, or none of the plain kind. The catalogue names each and says what it promises
//! (`behaviors.toml`); the intent, the result and the idempotency key are `write`'s, as for any other operation.

pub(crate) mod batch;
mod copy;
mod document_attachment;
mod download;
mod find_then_write;
mod given_sites;
mod post_and_send;
mod upload;

use catalog::Operation;
use connections::Snapshot;
use http::{HeaderMap, header};
use model::RemoteIds;
use serde_json::{Map, Value};

pub(crate) use self::download::open;
pub(crate) use self::given_sites::{GIVEN_SITES, first as first_given_site};
pub(crate) use self::upload::{resume, whole_file};
use crate::exchange::exchange;
use crate::ready::Ready;
use crate::runner::Parts;
use crate::wire::Wire;
use crate::write::Write;
use crate::{Answer, Error, Result};

/// All that are here. The catalogue offers an operation only when its behaviour is.
pub const IMPLEMENTED: [&str; 13] = [
    "attachment_upload_session",
    "business_central_batch",
    "copy",
    "copy_status",
    "dataverse_batch",
    "dataverse_changeset",
    "document_attachment",
    "download",
    "find_then_write",
    "graph_batch",
    "location",
    "post_and_send",
    "upload_session",
];

/// Does what the operation says. `write` is there for all that changes something.
pub(crate) async fn carry_out(
    parts: &Parts,
    ready: &Ready,
    write: Option<&Write<'_>>,
) -> Result<(Answer, RemoteIds)> {
    match ready.behavior {
        None | Some("location") => exchange(parts, ready).await,
        Some(_) if ready.batch.is_some() => batch::send(parts, ready).await,
        Some("copy") => copy::begin(parts, ready).await,
        Some("copy_status") => copy::status(parts, ready).await,
        Some("document_attachment") => document_attachment::add(parts, ready).await,
        Some("download") => download::whole(parts, ready).await,
        Some(GIVEN_SITES) => given_sites::list(parts, ready).await,
        Some("find_then_write") => find_then_write::upsert(parts, ready).await,
        Some("post_and_send") => post_and_send::post(parts, ready).await,
        Some("upload_session" | "attachment_upload_session") => {
            upload::send(parts, ready, write).await
        }
        Some(other) => Err(Error::Unexpected(format!(
            "no behaviour is called `{other}`"
        ))),
    }
}

/// Whether a failure leaves it open whether something was done. Some behaviours have looked themselves, and say so.
pub(crate) fn is_doubtful(ready: &Ready, error: &Error) -> bool {
    match ready.behavior {
        Some("upload_session" | "attachment_upload_session" | "post_and_send") => {
            matches!(error, Error::Uncertain { .. })
        }
        _ => error.may_have_happened(),
    }
}

/// The request of an operation that goes to an address of Microsoft's own making, and not below the API.
pub(crate) fn addressed(
    operation: &Operation,
    snapshot: &Snapshot,
    input: &Map<String, Value>,
) -> Result<Option<Wire>> {
    match operation.behavior {
        Some("copy_status") => copy::addressed(snapshot, input).map(Some),
        _ => Ok(None),
    }
}

/// Carries out another operation of the catalogue as a part of this one, under the same permit.
async fn part(
    parts: &Parts,
    of: &Ready,
    operation: &str,
    input: Value,
) -> Result<(Answer, RemoteIds)> {
    let operation = catalog::operation(operation)
        .ok_or_else(|| Error::Unexpected(format!("there is no `{operation}`")))?;
    let input = input.as_object().cloned().unwrap_or_else(Map::new);
    let ready = Ready::part(of, operation, input)?;
    exchange(parts, &ready).await
}

fn json(answer: &Answer) -> Result<Value> {
    serde_json::from_slice(&answer.body)
        .map_err(|_| Error::Unusable("the answer is not JSON".to_owned()))
}

fn answered(status: u16, body: &Value) -> Answer {
    Answer {
        status,
        content_type: Some("application/json".to_owned()),
        body: body.to_string().into(),
        cursor: None,
        activity: None,
        replayed: false,
    }
}

/// Where the answer says that the rest is, for the behaviour `location`: on the connection's own API only, since other
/// addresses may carry their own proof.
pub(crate) fn location(
    snapshot: &Snapshot,
    behavior: Option<&'static str>,
    headers: &HeaderMap,
) -> Option<String> {
    behavior.filter(|behavior| *behavior == "location")?;
    let text = headers.get(header::LOCATION)?.to_str().ok()?;
    let root = snapshot.api_root().ok()?;
    let url = root.join(text).ok()?;
    (url.origin() == root.origin()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::IMPLEMENTED;

    /// What is left to do. A line goes when its behaviour is here, and with it what waited becomes part of the catalogue.
    const MISSING: [&str; 0] = [];

    #[test]
    fn the_catalogue_offers_what_is_here_and_nothing_more() {
        let known = |implemented: bool| -> BTreeSet<_> {
            let behaviors = catalog::behaviors().iter();
            behaviors
                .filter(|behavior| behavior.implemented == implemented)
                .map(|behavior| behavior.name)
                .collect()
        };
        assert_eq!(known(true), BTreeSet::from(IMPLEMENTED));
        assert_eq!(known(false), BTreeSet::from(MISSING));
        for (operation, behavior) in catalog::waiting() {
            assert!(MISSING.contains(behavior), "{operation}");
            assert!(catalog::operation(operation).is_none(), "{operation}");
        }
    }
}
