use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use store::archive::{self, Content};
use tokio::sync::mpsc::{self, Receiver};
use tokio::task::JoinHandle;

use super::input::Asked;
use crate::App;
use crate::auth::Caller;
use crate::openapi;
use crate::problem::Problem;

/// Pieces on their way to whoever asked.
const WAITING: usize = 8;
/// Each holds a reader and a snapshot, of which SQLite has four.
pub(crate) const AT_A_TIME: usize = 2;
const LINES: HeaderValue = HeaderValue::from_static("application/x-ndjson");

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct What {
    /// Only what was removed.
    deletions: bool,
}

/// The same, as the document tells it.
pub(crate) const WHAT: [openapi::Asked; 1] =
    [("deletions", "boolean", "Only the list of what was removed")];

/// The whole installation as it is now, every workspace of it, while it goes on.
pub(crate) async fn take(
    State(app): State<App>,
    caller: Caller,
    Asked(what): Asked<What>,
) -> Result<Response, Problem> {
    caller.may_change()?;
    let slot = app.backups().try_acquire_owned();
    let slot = slot.map_err(|_| busy())?;
    let (wanted, name) = if what.deletions {
        (Content::Deletions, "deletions")
    } else {
        (Content::Everything, "everything")
    };
    app.record_change(&caller, "backup.take", name).await?;
    let context = app.context().clone();
    let (sender, pieces) = mpsc::channel(WAITING);
    let now = context.now();
    let store = context.store.clone();
    let writing = context.tasks.spawn(async move {
        let _slot = slot;
        archive::write(&store, wanted, now, sender).await
    });
    let body = Body::from_stream(stream::unfold((pieces, Some(writing)), next));
    Ok(([(header::CONTENT_TYPE, LINES)], body).into_response())
}

fn busy() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "backups_under_way",
        format!("{AT_A_TIME} backups are being made; each holds the database as it was"),
    )
    .next("wait until one of them is done, or end it, and ask again")
    .retry_after(60)
}

type Writing = JoinHandle<store::Result<u64>>;

/// The next piece; at the end, whether all of it was written: a failure breaks the answer off, and nobody takes it for whole.
async fn next(
    (mut pieces, writing): (Receiver<Bytes>, Option<Writing>),
) -> Option<(
    Result<Bytes, axum::BoxError>,
    (Receiver<Bytes>, Option<Writing>),
)> {
    if let Some(piece) = pieces.recv().await {
        return Some((Ok(piece), (pieces, writing)));
    }
    let failure: axum::BoxError = match writing?.await {
        Ok(Ok(_)) => return None,
        Ok(Err(error)) => error.into(),
        Err(error) => error.into(),
    };
    Some((Err(failure), (pieces, None)))
}
