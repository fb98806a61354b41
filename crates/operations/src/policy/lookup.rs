//! How a place is looked up: one GET below the API's version, through the same gate as any other request. What may be asked is a
//! closed list for each kind of place: `sites/lookup.rs`, `mailboxes/lookup.rs`, `dynamics/lookup.rs`; what a subscription watches, here.

use std::sync::Arc;

use catalog::Operation;
use connections::Snapshot;
use http::{HeaderMap, Method};
use microsoft::{Incoming, Repeat, Target};
use model::OperationKind;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{Deed, Permit};
use crate::runner::Parts;
use crate::wire::{self, Wire};
use crate::{Error, Result, exchange};

/// Enough for a page of ids and addresses.
pub(super) const ANSWER_LIMIT: usize = 4 * 1024 * 1024;

pub(super) async fn ask(
    parts: &Parts,
    snapshot: &Arc<Snapshot>,
    path_and_query: &str,
) -> Result<Incoming> {
    let target = Target::Path {
        api: snapshot.connection.service.api(),
        environment: snapshot.environment.clone(),
        path_and_query: path_and_query.to_owned(),
    };
    send(parts, snapshot, target).await
}

/// Lookups take a permit that only the policy makes; they are not lines of the activity log.
pub(super) async fn send(
    parts: &Parts,
    snapshot: &Arc<Snapshot>,
    target: Target,
) -> Result<Incoming> {
    let permit = Permit(Deed {
        kind: OperationKind::Read,
        action: "policy.lookup".to_owned(),
        target: None,
    });
    let wire = Wire {
        target,
        method: Method::GET,
        headers: HeaderMap::new(),
        body: None,
        repeat: Repeat::Safe,
    };
    let sent = wire::send(parts, snapshot, &permit, &wire).await;
    sent.map_err(exchange::settled)
}

/// The answer, which has to be one; a refusal is explained as one of `operation`.
pub(super) async fn whole<T: for<'de> Deserialize<'de>>(
    snapshot: &Arc<Snapshot>,
    operation: &str,
    incoming: Incoming,
) -> Result<T> {
    if !incoming.status.is_success() {
        return Err(exchange::refused(snapshot, named(operation), None, incoming).await);
    }
    let body = incoming.body.bytes(ANSWER_LIMIT).await?;
    serde_json::from_slice(&body).map_err(|_| {
        Error::Unexpected(
            "what the policy is about could not be looked up: the answer is not understood"
                .to_owned(),
        )
    })
}

#[derive(Deserialize)]
struct Watching {
    resource: String,
}

/// What a subscription of Microsoft Graph watches.
pub(super) async fn graph_subscription(
    parts: &Parts,
    snapshot: &Arc<Snapshot>,
    id: &str,
) -> Result<String> {
    let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
    let path = format!("/subscriptions/{id}");
    watched(parts, snapshot, &path, "graph.subscriptions.get").await
}

/// What the subscription at `path` watches.
pub(super) async fn watched(
    parts: &Parts,
    snapshot: &Arc<Snapshot>,
    path: &str,
    operation: &str,
) -> Result<String> {
    let incoming = ask(parts, snapshot, path).await?;
    let watching: Watching = whole(snapshot, operation, incoming).await?;
    Ok(watching.resource)
}

pub(super) fn named(operation: &str) -> Option<&'static Operation> {
    catalog::operation(operation)
}
